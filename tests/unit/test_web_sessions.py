"""Sessions and the guard at the door, without a server."""

from __future__ import annotations

import pytest
from web_twin import USERS, Clock

from callcenter.web.auth import LoginGuard, MemorySessionStore, Sessions

HOUR_MS = 3_600_000


class AwayStore(MemorySessionStore):
    """A store that can be away."""

    away = False

    async def put(self, key: str, value: bytes, ttl_ms: int) -> None:
        self._look()
        await super().put(key, value, ttl_ms)

    async def get(self, key: str) -> bytes | None:
        self._look()
        return await super().get(key)

    async def delete(self, key: str) -> None:
        self._look()
        await super().delete(key)

    def _look(self) -> None:
        if self.away:
            raise OSError("away")


async def test_session_lives_while_it_is_used() -> None:
    """Each use renews a session; without use it ends after its time."""
    clock = Clock()
    sessions = Sessions(MemorySessionStore(clock), clock, ttl_ms=HOUR_MS)
    token, session = await sessions.begin(USERS["amy"])
    for _ in range(5):
        clock.now += HOUR_MS - 1
        assert await sessions.find(token)
        assert sessions.alive(session)
    clock.now += HOUR_MS
    assert not sessions.alive(session)
    assert await sessions.find(token) is None


async def test_session_outlives_a_restart() -> None:
    """A new process finds the session in the store, with the same user and the same CSRF token."""
    clock = Clock()
    store = MemorySessionStore(clock)
    token, session = await Sessions(store, clock).begin(USERS["amy"])
    found = await Sessions(store, clock).find(token)
    assert found == session


async def test_ended_session_is_gone_everywhere() -> None:
    """After the end neither this process nor the next one lets the token in."""
    clock = Clock()
    store = MemorySessionStore(clock)
    sessions = Sessions(store, clock)
    token, session = await sessions.begin(USERS["amy"])
    await sessions.end(session)
    assert await sessions.find(token) is None
    assert await Sessions(store, clock).find(token) is None


async def test_store_never_holds_the_token() -> None:
    """Whoever reads the store cannot log in with what it says."""
    clock = Clock()
    kept: dict[str, bytes] = {}

    class Open(MemorySessionStore):
        async def put(self, key: str, value: bytes, ttl_ms: int) -> None:
            kept[key] = value

    token, _ = await Sessions(Open(clock), clock).begin(USERS["amy"])
    assert len(kept) == 1
    assert all(token not in key and token.encode() not in value for key, value in kept.items())


async def test_sessions_go_on_without_the_store() -> None:
    """While the store is away sessions begin, are found and end, in memory."""
    clock = Clock()
    store = AwayStore(clock)
    sessions = Sessions(store, clock)
    store.away = True
    token, session = await sessions.begin(USERS["amy"])
    assert await sessions.find(token)
    assert await sessions.find("unknown") is None
    await sessions.end(session)
    assert await sessions.find(token) is None


async def test_memory_does_not_grow() -> None:
    """Sessions that have ended are forgotten when a new one begins."""
    clock = Clock()
    sessions = Sessions(MemorySessionStore(clock), clock, ttl_ms=HOUR_MS)
    for _ in range(10):
        await sessions.begin(USERS["amy"])
        clock.now += HOUR_MS
    await sessions.begin(USERS["amy"])
    assert len(sessions._live) == 1


@pytest.mark.parametrize(
    ("failures_at", "asked_at", "locked_ms"),
    [
        ([0, 0, 0, 0], 0, 0),
        ([0, 0, 0, 0, 0], 0, 1000),
        ([0, 1, 2, 3, 4], 4, 1000),
        ([0, 1, 2, 3, 4], 1004, 0),
        ([0, 400, 800, 1200, 1600], 1600, 0),
    ],
)
def test_lock_out_counts_within_the_window(failures_at: list[int], asked_at: int, locked_ms: int) -> None:
    """Only failures within the window count, and the lock lasts one window from the last."""
    clock = Clock()
    began = clock.now
    guard = LoginGuard(clock, limit=5, window_ms=1000)
    for at in failures_at:
        clock.now = began + at
        guard.failed("amy", "10.0.0.1")
    clock.now = began + asked_at
    assert guard.locked_for_ms("amy", "10.0.0.1") == locked_ms


def test_an_address_that_tries_many_names_is_locked() -> None:
    """Names tried in turn from one address lock the address, not its neighbour."""
    guard = LoginGuard(Clock(), limit=5, address_limit=20)
    for number in range(20):
        guard.failed(f"name{number}", "10.0.0.1")
    assert guard.locked_for_ms("amy", "10.0.0.1") > 0
    assert guard.locked_for_ms("amy", "10.0.0.2") == 0


def test_the_guard_does_not_grow() -> None:
    """An attacker with endless names does not fill the memory."""
    guard = LoginGuard(Clock(), capacity=100)
    for number in range(1_000):
        guard.failed(f"name{number}", f"10.0.{number // 256}.{number % 256}")
    assert all(len(counted) == 100 for counted in guard._failures.values())
