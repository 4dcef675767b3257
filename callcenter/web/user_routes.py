"""Users over HTTP: administrators keep them, everybody has a password of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.users.model import (
    GRANT_NUMBERS,
    TAKE_CALLS,
    Account,
    Refused,
    Role,
    User,
    end_of_day,
    last_day,
    plain_name,
)
from callcenter.users.service import UserService
from callcenter.web import wire_people as wire
from callcenter.web.access import Access, Route, session_of
from callcenter.web.auth import LoginGuard, Session, Sessions
from callcenter.web.noting import Noted
from callcenter.web.problems import ApiProblem, locked_out, not_found
from callcenter.web.requests import answer, read_body, read_query
from callcenter.web.socket import SocketHub
from callcenter.web.wire import instant
from callcenter.web.wire_api import NoFields

_FIELDS = ("role", "agent_id", "open_numbers", "expires_on", "disabled")


class UserRoutes:
    """Whoever is changed, disabled or given another password is logged out at once, everywhere."""

    def __init__(
        self,
        users: UserService,
        sessions: Sessions,
        guard: LoginGuard,
        hub: SocketHub,
        clock: Callable[[], int],
    ) -> None:
        self._users = users
        users.changed = self._log_out
        self._sessions = sessions
        self._guard = guard
        self._hub = hub
        self._clock = clock

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        admin, user = Access.ADMINISTRATION, "/api/users/{name}"
        changed, password = Noted(AuditDeed.USER_CHANGED, _FIELDS), Noted(AuditDeed.PASSWORD_CHANGED)
        unlocked = Noted(AuditDeed.USER_UNLOCKED)
        made = Noted(AuditDeed.USER_CHANGED, ("name", *_FIELDS))
        return (
            Route("GET", "/api/users", admin, self.users, wire.UsersRequest, wire.UsersAnswer),
            Route("POST", "/api/users", admin, self.add, wire.NewUser, wire.UserAnswer, made, (409,)),
            Route(
                "POST", "/api/users/import", admin, self.import_rows, wire.UserImport, wire.UserImportResults,
                Noted(AuditDeed.USERS_IMPORTED), (409,),
            ),
            Route("POST", user, admin, self.change, wire.UserFields, wire.UserAnswer, changed, (409,)),
            Route(
                "POST", f"{user}/password", admin, self.set_password, wire.PasswordRequest, wire.UserAnswer,
                password, (409,),
            ),
            Route("POST", f"{user}/unlock", admin, self.unlock, NoFields, wire.UserAnswer, unlocked),
            Route(
                "POST", "/api/me/password", Access.LOGGED_IN, self.own_password, wire.OwnPasswordRequest,
                None, password, (409, 429), 204, password_due=True,
            ),
        )  # fmt: skip

    async def users(self, request: web.Request) -> web.Response:
        """GET /api/users: all users, or those whom nobody has used for long"""
        asked = read_query(request, wire.UsersRequest)
        accounts = await self._users.accounts(asked.dormant_days)
        return answer(wire.UsersAnswer(users=[*map(self._on_wire, accounts)], roles=[*map(_about, Role)]))

    async def add(self, request: web.Request) -> web.Response:
        """POST /api/users: make a user"""
        asked = await read_body(request, wire.NewUser)
        with _refusals():
            user = User(
                plain_name(asked.name),
                asked.role,
                asked.agent_id,
                asked.open_numbers,
                end_of_day(asked.expires_on or ""),
            )
            account, made = await self._users.add(user, asked.password)
        return answer(wire.UserAnswer(user=self._on_wire(account), password=made or None))

    async def change(self, request: web.Request) -> web.Response:
        """POST /api/users/{name}: another role, agent, end of rights, or disabled"""
        name = request.match_info["name"]
        asked = await read_body(request, wire.UserFields)
        with _refusals():
            ends = end_of_day(asked.expires_on or "")
            user = User(name, asked.role, asked.agent_id, asked.open_numbers, ends)
            account = await self._users.change(user, disabled=asked.disabled)
        if account is None:
            raise _no_such_user()
        return answer(wire.UserAnswer(user=self._on_wire(account)))

    async def set_password(self, request: web.Request) -> web.Response:
        """POST /api/users/{name}/password: a new password, given or made"""
        name = request.match_info["name"]
        asked = await read_body(request, wire.PasswordRequest)
        with _refusals():
            known, made = await self._users.set_password(name, asked.password)
        if not known:
            raise _no_such_user()
        return answer(wire.UserAnswer(user=await self._user(name), password=made or None))

    async def unlock(self, request: web.Request) -> web.Response:
        """POST /api/users/{name}/unlock: let the name try again at once after too many wrong passwords"""
        await read_body(request, NoFields)
        name = request.match_info["name"]
        user = await self._user(name)
        self._guard.succeeded(name)
        return answer(wire.UserAnswer(user=user.model_copy(update={"locked_for_ms": 0})))

    async def import_rows(self, request: web.Request) -> web.Response:
        """POST /api/users/import: add and change users by a CSV file, row by row"""
        asked = await read_body(request, wire.UserImport)
        with _refusals():
            results = await self._users.import_rows(asked.csv)
        return answer(
            wire.UserImportResults(
                results=[
                    wire.UserImportResult(
                        line=result.line,
                        name=result.name,
                        deed=result.deed,
                        told=result.told,
                        password=result.password or None,
                        code=result.code or None,
                    )
                    for result in results
                ]
            )
        )

    async def own_password(self, request: web.Request) -> web.Response:
        """POST /api/me/password: change one's own password; all other sessions of the person end"""
        session = session_of(request)
        name = session.user.name
        asked = await read_body(request, wire.OwnPasswordRequest)
        if wait_ms := self._guard.locked_for_ms(name, request.remote or ""):
            raise locked_out(wait_ms)
        with _refusals():
            user = await self._users.change_own_password(name, asked.old, asked.new)
        if user is None:
            self._guard.failed(name, request.remote or "")
            raise ApiProblem(409, "wrong_password", "The old password is wrong.", "Try again.")
        self._guard.succeeded(name)
        await self._sessions.renew(session, user)
        await self._log_out(name, session)
        return web.Response(status=204)

    async def _log_out(self, name: str, but: Session | None = None) -> None:
        for session in await self._sessions.end_all(name, but):
            await self._hub.log_out(session)

    async def _user(self, name: str) -> wire.UserAccount:
        for account in await self._users.accounts():
            if account.user.name == name:
                return self._on_wire(account)
        raise _no_such_user()

    def _on_wire(self, account: Account) -> wire.UserAccount:
        user = account.user
        return wire.UserAccount(
            name=user.name,
            role=user.role,
            agent_id=user.agent_id,
            open_numbers=user.open_numbers,
            expires_on=last_day(user.expires_at),
            password_due=user.password_due,
            disabled=account.disabled,
            is_open=account.is_open(self._clock()),
            created_at=instant(account.created_at),
            seen_at=None if account.seen_at is None else instant(account.seen_at),
            locked_for_ms=self._guard.locked_for_ms(user.name, ""),
        )


def _about(role: Role) -> wire.RoleAbout:
    return wire.RoleAbout(role=role, takes_calls=role in TAKE_CALLS, grants_numbers=role in GRANT_NUMBERS)


def _no_such_user() -> ApiProblem:
    return not_found("There is no such user.", "GET /api/users lists them.")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the rules of users refuse is a problem with its cure."""
    try:
        yield
    except Refused as refused:
        raise ApiProblem(409, refused.code, str(refused), refused.cure) from None
