"""People who may log in, and the rules that hold for them. Instants are ms since the epoch, UTC."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

LONGEST_NAME: Final = 64
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 1024
COLUMNS: Final = ("name", "role", "agent_id", "password", "expires_on", "open_numbers")
"""Of a CSV file; the first two are needed."""
_NEVER_IN_NAMES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories. Private-use and unassigned characters are in names: fonts know rare ones before
Unicode does."""


class Role(StrEnum):
    """What a person may do; the table is ``callcenter.web.access``."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    QUALITY = "quality"
    """Listens to and reads calls of the record; controls none."""
    OPS = "ops"
    """Keeps queues, lists and components in order; hears no call and sees no number."""


TAKE_CALLS: Final = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
SEE_NUMBERS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})
GRANT_NUMBERS: Final = frozenset({Role.QUALITY})
"""Where the right to numbers is the person's, not the role's."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in; ``agent_id`` when they take calls themselves.

    ``open_numbers`` is the right to callers' numbers and names where the role leaves it to the person
    (quality). ``expires_at`` is when all rights end (None: they do not). ``version`` grows with every change,
    of the password too: a session of an older one counts no more. ``password_due``: somebody else knows the
    password, and the person must choose another one before anything else.
    """

    name: str
    role: Role
    agent_id: str | None
    open_numbers: bool = False
    expires_at: int | None = None
    version: int = 0
    password_due: bool = False

    @property
    def sees_numbers(self) -> bool:
        """Whether callers' numbers and names are open to this person, beyond the calls that are their own."""
        return self.role in SEE_NUMBERS or (self.role in GRANT_NUMBERS and self.open_numbers)

    def ended(self, now: int) -> bool:
        """The rights have ended."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Account:
    """A user with what is kept of them. ``seen_at`` is the last log-in (None: there was none)."""

    user: User
    disabled: bool
    created_at: int
    seen_at: int | None = None

    def is_open(self, now: int) -> bool:
        """The right password opens."""
        return not self.disabled and not self.user.ended(now)

    @property
    def administers_for_good(self) -> bool:
        """One of these must always be left: an administrator whom nothing keeps out."""
        return self.user.role is Role.ADMIN and not self.disabled and self.user.expires_at is None

    def dormant(self, now: int, for_ms: int) -> bool:
        """Open, but nobody has logged in for so long (nor was it made since)."""
        return self.is_open(now) and (self.seen_at or self.created_at) < now - for_ms


class Refused(ValueError):
    """It cannot be done; the text says why, ``cure`` what to do, ``code`` both for programs."""

    def __init__(self, code: str, why: str, cure: str) -> None:
        super().__init__(why)
        self.code = code
        self.cure = cure


class RowDeed(StrEnum):
    """What became of one row of an import."""

    ADDED = "added"
    CHANGED = "changed"
    REFUSED = "refused"


def last_admin() -> Refused:
    """Nobody could let anybody in any more."""
    return Refused(
        "last_admin",
        "this is the last administrator whom nothing keeps out",
        "give another user the role admin without an end first",
    )


def plain_name(written: str) -> str:
    """The name as it is kept and logged in with. Raises Refused."""
    name = unicodedata.normalize("NFC", written).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("bad_name", f"a name has 1 to {LONGEST_NAME} characters", "choose another name")
    if any(unicodedata.category(char) in _NEVER_IN_NAMES or char in "/\\?#%" for char in name):
        raise Refused(
            "bad_name",
            "a name holds no control characters and none of / \\ ? # %",
            "write letters, digits or characters",
        )
    if name in {".", "..", "import", "me"}:
        raise Refused("bad_name", f"'{name}' cannot be a name", "choose another name")
    return name


def proper_password(password: str, name: str) -> str:
    """The password, if it is good enough. Raises Refused."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(
            "poor_password",
            f"a password has at least {SHORTEST_PASSWORD} characters",
            "choose a longer one; a sentence is fine",
        )
    if name.casefold() in password.casefold() and len(name) * 2 > len(password):
        raise Refused(
            "poor_password", "the password is little more than the name", "choose one that nobody can guess"
        )
    if len(set(password)) < 4:
        raise Refused(
            "poor_password", "the password repeats too few characters", "choose one that nobody can guess"
        )
    return password


def proper(user: User, agents: Collection[str]) -> User:
    """The user, if role, agent and rights go together; ``agents`` are the ids that there are. Raises
    Refused."""
    if user.agent_id is not None and user.role not in TAKE_CALLS:
        raise Refused("takes_no_calls", f"the role {user.role} takes no calls", "leave the agent id out")
    if user.agent_id is None and user.role is Role.AGENT:
        raise Refused(
            "agent_needed", "an agent has an agent id", "name the agent of the settings whose desk it is"
        )
    if user.agent_id is not None and user.agent_id not in agents:
        raise Refused(
            "no_such_agent", f"there is no agent '{user.agent_id}'", "name an agent of the settings"
        )
    if user.open_numbers and user.role not in GRANT_NUMBERS:
        raise Refused("no_open_numbers", "open numbers are a right of the role quality alone", "leave it out")
    return user


def end_of_day(day: str) -> int | None:
    """The end of this day (2026-12-31), UTC; empty: None. Raises Refused."""
    if not day:
        return None
    try:
        after = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refused("bad_day", "expires_on is a day such as 2026-12-31, or empty", "write it so") from None
    return round(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp() * 1000)


def last_day(expires_at: int | None) -> str | None:
    """The day at whose end, UTC, the rights end."""
    return (
        None if expires_at is None else datetime.fromtimestamp(expires_at / 1000 - 1, UTC).date().isoformat()
    )


def user_of_row(row: Mapping[str, str]) -> User:
    """The user in this row of a CSV file. Raises Refused."""
    role = row.get("role", "").strip()
    if role not in {known.value for known in Role}:
        raise Refused("no_such_role", f"there is no role '{role}'", f"there are: {', '.join(Role)}")
    opened = row.get("open_numbers", "").strip().casefold()
    if opened not in {"", "yes", "no"}:
        raise Refused("bad_flag", "open_numbers is yes, no or empty", "write it so")
    return User(
        plain_name(row.get("name", "")),
        Role(role),
        row.get("agent_id", "").strip() or None,
        opened == "yes",
        end_of_day(row.get("expires_on", "").strip()),
    )
