"""Use cases of users: letting them in, keeping them, importing them."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from callcenter.ports import Clock
from callcenter.users.model import (
    COLUMNS,
    Account,
    Refused,
    RowDeed,
    User,
    plain_name,
    proper,
    proper_password,
    user_of_row,
)
from callcenter.users.store import UserStore

log = structlog.get_logger(__name__)
MOST_ROWS: Final = 50
"""Of one import: each password takes a quarter of a second of a core."""
DAY_MS: Final = 86_400_000
_MADE_PASSWORD_BYTES: Final = 12


class AccountClosed(Exception):
    """The password was right, but the account is disabled or its rights have ended."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of the row that ends in ``line`` of the file. ``password`` is one that was made for it;
    ``told`` says why it was refused, ``code`` that for programs."""

    line: int
    name: str
    deed: RowDeed
    told: str = ""
    password: str = ""
    code: str = ""


class UserService:
    """Everything that is done with users. ``agents`` tells the agent ids that there are. ``changed`` is told
    of everybody whose rights or password were changed by somebody else: their sessions must end at once."""

    def __init__(
        self, store: UserStore, clock: Clock, agents: Callable[[], Collection[str]] = frozenset
    ) -> None:
        self._store = store
        self._clock = clock
        self._agents = agents
        self.changed: Callable[[str], Awaitable[None]] = _nobody_asks

    async def log_in(self, name: str, password: str) -> User | None:
        """The user, or None for a wrong name or password. Raises AccountClosed and StoreAway."""
        try:
            name = plain_name(name)
        except Refused:
            name = ""  # nobody's, and as dear as any other
        user = await self._store.verify(name, password)
        if user is None:
            return None
        account = await self._store.account(user.name)
        if account is None or not account.is_open(self._clock()):
            raise AccountClosed
        await self._store.seen(user.name, self._clock())
        return account.user

    async def current(self, name: str) -> User | None:
        """The user as of now; None when nobody gets in by this name. Raises StoreAway."""
        account = await self._store.account(name)
        return account.user if account is not None and account.is_open(self._clock()) else None

    async def accounts(self, dormant_days: int | None = None) -> list[Account]:
        """All accounts, or those that nobody has used for so long. Raises StoreAway."""
        accounts = await self._store.accounts()
        if dormant_days is None:
            return accounts
        now, for_ms = self._clock(), dormant_days * DAY_MS
        return [account for account in accounts if account.dormant(now, for_ms)]

    async def add(self, user: User, password: str) -> tuple[Account, str]:
        """Make the user; without a password one is made, which is told here and never again. Either must be
        changed by its owner. Raises Refused and StoreAway."""
        user = replace(proper(user, self._agents()), password_due=True)
        given = proper_password(password, user.name) if password else ""
        made = "" if given else secrets.token_urlsafe(_MADE_PASSWORD_BYTES)
        now = self._clock()
        if not await self._store.add(user, given or made, now):
            raise Refused(
                "name_taken",
                "there is a user of this name already",
                "change that one, or choose another name",
            )
        return Account(user, disabled=False, created_at=now), made

    async def change(self, user: User, *, disabled: bool) -> Account | None:
        """Let the user of this name be so; None when there is none. Raises Refused and StoreAway."""
        account = await self._store.change(proper(user, self._agents()), disabled=disabled)
        if account is not None:
            await self.changed(user.name)
        return account

    async def set_password(self, name: str, password: str) -> tuple[bool, str]:
        """Whether there is such a user, and the password that was made when none was given. Either must be
        changed by its owner. Raises Refused and StoreAway."""
        given = proper_password(password, name) if password else ""
        made = "" if given else secrets.token_urlsafe(_MADE_PASSWORD_BYTES)
        if await self._store.set_password(name, given or made, due=True) is None:
            return False, ""
        await self.changed(name)
        return True, made

    async def change_own_password(self, name: str, old: str, new: str) -> User | None:
        """The user as of now; None when the old password is wrong. Raises Refused and StoreAway."""
        if old == new:
            raise Refused("same_password", "the new password is the old one", "choose another")
        proper_password(new, name)
        if await self._store.verify(name, old) is None:
            return None
        account = await self._store.set_password(name, new, due=False)
        return None if account is None else account.user

    async def import_rows(self, text: str) -> list[RowResult]:
        """Add or change the users of this CSV file, row by row: what is wrong in one keeps no other back.
        Who is there already keeps the password unless the row has one. Raises Refused for what is no such
        file, and then nothing was done; StoreAway, and then some rows may have been."""
        reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
        try:
            rows = [(reader.line_num, row) for row in reader]
        except csv.Error as wrong:
            raise Refused("bad_file", f"this is no CSV file: {wrong}", "save it as CSV in UTF-8") from None
        _check_file(reader.fieldnames or (), len(rows))
        return [
            await self._import_row(line, {name: row.get(name) or "" for name in COLUMNS})
            for line, row in rows
        ]

    async def _import_row(self, line: int, row: dict[str, str]) -> RowResult:
        name = row["name"].strip()
        try:
            user = user_of_row(row)
            known = await self._store.account(user.name)
            if known is None:
                _, made = await self.add(user, row["password"])
                return RowResult(line, user.name, RowDeed.ADDED, password=made)
            password = proper_password(row["password"], user.name) if row["password"] else ""
            await self.change(user, disabled=known.disabled)
            if password:
                await self.set_password(user.name, password)
            return RowResult(line, user.name, RowDeed.CHANGED)
        except Refused as refused:
            return RowResult(line, name, RowDeed.REFUSED, f"{refused}; {refused.cure}", code=refused.code)


async def _nobody_asks(_: str) -> None:
    return None


def _check_file(columns: Sequence[str], rows: int) -> None:
    strange = [name for name in columns if name not in COLUMNS]
    if strange or not {"name", "role"} <= set(columns):
        raise Refused(
            "bad_file",
            "the first line must name the columns: name and role at least",
            f"the columns are: {', '.join(COLUMNS)}",
        )
    if not 0 < rows <= MOST_ROWS:
        raise Refused(
            "bad_file", f"one file has 1 to {MOST_ROWS} rows, this one has {rows}", "import it in parts"
        )
