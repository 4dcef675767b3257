"""Sessions and the guard at the door.

A session's key is an opaque random token. Only its SHA-256 is kept, so that a read store lets nobody in. The
page holds the token in an HttpOnly, SameSite=Strict cookie (in pages of other sites the widget in one of its
own) and proves changes with a second token in the header X-CSRF-Token; programs send it as
``Authorization: Bearer``, which needs no such proof.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import orjson
import structlog
from aiohttp import web

from callcenter.ports import StoreAway
from callcenter.web.ports import Role, User

COOKIE = "session"
WIDGET_COOKIE = "widget_session"
"""Of a log-in in the widget, in pages of other sites."""
CSRF_HEADER = "X-CSRF-Token"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in of one person. ``key`` is the hash of the token and names the session in every store."""

    key: str
    user: User
    csrf_token: str
    seen_at: int


SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
"""What the gate found."""


class SessionStore(Protocol):
    """Keeps sessions over a restart of the controller. May raise OSError when it is not there."""

    async def put(self, key: str, value: bytes, ttl_ms: int) -> None:
        """Keep ``value`` under ``key`` for ``ttl_ms`` from now."""
        ...

    async def get(self, key: str) -> bytes | None:
        """What is kept under ``key``, if its time is not over."""
        ...

    async def delete(self, key: str) -> None:
        """Forget ``key``; an unknown one is fine."""
        ...


class MemorySessionStore:
    """The in-memory twin."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[int, bytes]] = {}

    async def put(self, key: str, value: bytes, ttl_ms: int) -> None:
        now = self._clock()
        self._kept = {k: kept for k, kept in self._kept.items() if kept[0] > now}
        self._kept[key] = (now + ttl_ms, value)

    async def get(self, key: str) -> bytes | None:
        ends_at, value = self._kept.get(key, (0, b""))
        return value if ends_at > self._clock() else None

    async def delete(self, key: str) -> None:
        self._kept.pop(key, None)


class Sessions:
    """All sessions of this centre.

    The sessions of this process are held in memory and outlive a store that is gone for a while; the store
    brings them back after a restart, to within a twelfth of their time. A session ends ``ttl_ms`` after it
    was last seen, by ``end``, or with the person's rights. One that the store brings back counts only if
    ``current`` (the user of this name as of now) is still the one who logged in; while that cannot be told
    (StoreAway) it counts, and is asked about again at its next use.
    """

    def __init__(self, store: SessionStore, clock: Callable[[], int], ttl_ms: int = 12 * 3_600_000) -> None:
        self._store = store
        self._clock = clock
        self._ttl_ms = ttl_ms
        self.current: Callable[[str], Awaitable[User | None]] | None = None
        self._live: dict[str, Session] = {}
        self._stored_at: dict[str, int] = {}
        self._unproved: set[str] = set()

    async def begin(self, user: User) -> tuple[str, Session]:
        """A new session and its token, which is told to nobody but the person."""
        token = secrets.token_urlsafe(32)
        session = Session(_key(token), user, secrets.token_urlsafe(32), self._clock())
        await self._keep(session)
        return token, session

    async def find(self, token: str) -> Session | None:
        """The session of this token, renewed; None when there is none or it has ended."""
        key, now = _key(token), self._clock()
        session = self._live.get(key) or await self._recall(key)
        if session is None:
            return None
        if now >= session.seen_at + self._ttl_ms or session.user.ended(now):
            await self.end(session)
            return None
        if key in self._unproved and not (await self._proved(session) and key in self._live):
            return None
        return await self._seen(session)

    def alive(self, session: Session) -> bool:
        """Whether the session still counts; the socket asks now and then."""
        live, now = self._live.get(session.key), self._clock()
        return live is not None and now < live.seen_at + self._ttl_ms and not live.user.ended(now)

    async def touch(self, session: Session) -> None:
        """The person is still there: an open socket keeps its session alive."""
        if self.alive(session):
            await self._seen(session)

    async def renew(self, session: Session, user: User) -> None:
        """If the session still counts, it goes on with the person as of now."""
        if live := self._live.get(session.key):
            await self._keep(replace(live, user=user))

    async def end(self, session: Session) -> None:
        """Nobody gets in with this session any more."""
        self._live.pop(session.key, None)
        self._stored_at.pop(session.key, None)
        self._unproved.discard(session.key)
        try:
            await self._store.delete(session.key)
        except OSError as error:
            _log.warning("session_not_deleted", reason=str(error))

    async def end_all(self, name: str, but: Session | None = None) -> list[Session]:
        """Nobody gets in as this user any more without a new log-in, but by that session; those that ended
        here. Whoever comes back from the store is measured by ``current``."""
        ended = [
            session
            for session in self._live.values()
            if session.user.name == name and (but is None or session.key != but.key)
        ]
        for session in ended:
            await self.end(session)
        return ended

    async def _proved(self, session: Session) -> bool:
        if self.current is None:
            return True
        try:
            user = await self.current(session.user.name)
        except StoreAway:
            return True
        self._unproved.discard(session.key)
        if user != session.user:
            await self.end(session)
        return user == session.user

    async def _seen(self, session: Session) -> Session:
        session = self._live[session.key] = replace(session, seen_at=self._clock())
        if session.seen_at >= self._stored_at.get(session.key, 0) + self._ttl_ms // 12:
            await self._keep(session)
        return session

    async def _keep(self, session: Session) -> None:
        self._live[session.key] = session
        self._stored_at[session.key] = session.seen_at
        self._forget_ended()
        value = orjson.dumps(
            {"user": asdict(session.user), "csrf": session.csrf_token, "at": session.seen_at}
        )
        try:
            await self._store.put(session.key, value, self._ttl_ms)
        except OSError as error:
            _log.warning("session_kept_in_memory_only", reason=str(error))

    async def _recall(self, key: str) -> Session | None:
        try:
            value = await self._store.get(key)
        except OSError as error:
            _log.warning("session_store_unreachable", reason=str(error))
            return None
        if value is None:
            return None
        kept = orjson.loads(value)
        told: dict[str, Any] = kept["user"]
        user = User(**told | {"role": Role(told["role"])})
        self._unproved.add(key)
        return self._live.setdefault(key, Session(key, user, kept["csrf"], kept["at"]))

    def _forget_ended(self) -> None:
        ended = self._clock() - self._ttl_ms
        for key in [key for key, session in self._live.items() if session.seen_at <= ended]:
            del self._live[key]
            self._stored_at.pop(key, None)
            self._unproved.discard(key)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def same_token(one: str, other: str) -> bool:
    """Compare in a time that tells nothing about where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


class LoginGuard:
    """Locks a name out after ``limit`` failed log-ins within ``window_ms``, for ``window_ms``.

    Source addresses are counted in the same way against ``address_limit``. Holds at most ``capacity`` of
    each; the longest untouched goes first.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        limit: int = 5,
        address_limit: int = 50,
        window_ms: int = 15 * 60_000,
        capacity: int = 10_000,
    ) -> None:
        self._clock = clock
        self._window_ms = window_ms
        self._capacity = capacity
        self._limits = {"name": limit, "address": address_limit}
        self._failures: dict[str, OrderedDict[str, list[int]]] = {
            kind: OrderedDict() for kind in self._limits
        }

    def locked_for_ms(self, name: str, address: str) -> int:
        """How long this log-in must wait still; 0 when it may be tried."""
        now = self._clock()
        waits = [0]
        for kind, who in (("name", name), ("address", address)):
            failed_at = self._failures[kind].get(who, [])
            if len(failed_at) >= self._limits[kind]:
                waits.append(failed_at[-1] + self._window_ms - now)
        return max(waits)

    def failed(self, name: str, address: str) -> None:
        """The log-in was wrong."""
        now = self._clock()
        for kind, who in (("name", name), ("address", address)):
            counted = self._failures[kind]
            recent = [at for at in counted.pop(who, []) if at > now - self._window_ms]
            counted[who] = [*recent, now][-self._limits[kind] :]
            while len(counted) > self._capacity:
                counted.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """The log-in was right: the name's failures are forgotten, the address's are not."""
        self._failures["name"].pop(name, None)
