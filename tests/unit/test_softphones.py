"""Telephones in browsers: who gets which credentials, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_twin import T0, Twin

from callcenter.domain import commands as c
from callcenter.domain.events import SwitchStateChanged
from callcenter.softphones import service
from callcenter.softphones.memory import MemoryRegistrar
from callcenter.softphones.service import Softphones

HOUR_MS = 3_600_000
PATH = "/api/agents/1001/softphone"


class Clock:
    """A clock that the test moves."""

    now = T0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def switch() -> MemoryRegistrar:
    return MemoryRegistrar()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def softphones(
    switch: MemoryRegistrar, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Softphones]:
    monkeypatch.setattr(service, "LOOK_S", 0.01)
    softphones = Softphones(switch, clock, HOUR_MS)
    running = asyncio.create_task(softphones.run())
    yield softphones
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until_known(switch: MemoryRegistrar, *names: str) -> None:
    """Wait until the switch knows these phones and no others."""
    async with asyncio.timeout(5):
        while set(switch.passwords) != set(names):
            await asyncio.sleep(0.005)


async def test_later_credentials_make_earlier_ones_void(
    softphones: Softphones, switch: MemoryRegistrar
) -> None:
    """The number of an issue grows, also within a millisecond."""
    first, second = await softphones.issue("1001"), await softphones.issue("1001")
    assert first.password != second.password
    assert switch.passwords == {"soft-1001": second.password}
    assert softphones.latest("1001") == second.issue > first.issue
    assert softphones.latest("1002") == 0
    await softphones.withdraw("1001")
    assert switch.passwords == {}
    assert softphones.latest("1001") == 0


async def test_they_run_out(softphones: Softphones, switch: MemoryRegistrar, clock: Clock) -> None:
    """A page that does not renew is no phone any more after its time."""
    phone = await softphones.issue("1001")
    assert phone.expires_at == clock.now + HOUR_MS
    clock.now += HOUR_MS - 1
    await softphones.issue("1002")
    clock.now += 1
    await until_known(switch, "soft-1002")


async def test_a_switch_that_was_restarted_gets_them_again(
    softphones: Softphones, switch: MemoryRegistrar
) -> None:
    """With the passwords that pages have; also when it cannot be asked at once."""
    phone = await softphones.issue("1001")
    switch.restart()
    switch.away = True
    softphones.follow(1, SwitchStateChanged(T0, up=True, restarted=True))
    await asyncio.sleep(0.05)
    switch.away = False
    await until_known(switch, "soft-1001")
    assert switch.passwords["soft-1001"] == phone.password


async def test_those_of_a_controller_that_died_stay_for_their_time(
    softphones: Softphones, switch: MemoryRegistrar, clock: Clock
) -> None:
    """Their pages go on registering; whoever does not renew is forgotten, and a log-out ends it at once."""
    for name in ("soft-1001", "soft-1002", "soft-1003"):
        await switch.put(name, "of the predecessor")
    softphones.follow(1, SwitchStateChanged(T0, up=True))
    await asyncio.sleep(0.05)
    await softphones.withdraw("1003")
    await until_known(switch, "soft-1001", "soft-1002")
    clock.now += HOUR_MS - 1
    await softphones.issue("1002")
    clock.now += 1
    await until_known(switch, "soft-1002")


async def test_what_a_switch_that_was_away_was_not_told_is_told_later(
    softphones: Softphones, switch: MemoryRegistrar
) -> None:
    """Nobody stays a phone because the switch was away when they left."""
    await softphones.issue("1001")
    switch.away = True
    await softphones.withdraw("1001")
    switch.away = False
    await until_known(switch)


async def test_a_page_gets_its_own_phone_only(tmp_path: Path) -> None:
    """Not even a supervisor is given somebody else's; nothing is kept in a cache."""
    async with Twin(tmp_path).serving() as twin:
        for who, status in ((None, 401), ("ada", 403), ("sue", 403), ("bob", 403), ("amy", 200)):
            async with twin.caller(who) as client:
                async with client.post(PATH, json={"restarted": False}) as response:
                    assert response.status == status, who
                    assert response.headers["Cache-Control"] == "no-store"
                async with client.get(PATH) as response:
                    assert response.status == status, who
        assert set(twin.switch_phones.passwords) == {"soft-1001"}


async def test_a_page_that_was_opened_anew_tells_the_centre(tmp_path: Path) -> None:
    """Its calls are dead; one that only renews is no news."""
    async with Twin(tmp_path).serving() as twin, twin.caller("amy") as client:
        for restarted in (False, True):
            async with client.post(PATH, json={"restarted": restarted}) as response:
                given = await response.json()
        assert twin.asked == [c.PhoneRestarted("1001", "soft-1001")]
        assert given["phone"] == "soft-1001"
        assert given["password"] == twin.switch_phones.passwords["soft-1001"]
        assert given["ice_servers"] == [{"urls": "stun:127.0.0.1", "username": "", "credential": ""}]
        async with client.get(PATH) as response:
            assert (await response.json())["issue"] == given["issue"]
        async with client.post("/api/logout") as response:
            assert response.status == 204
        assert twin.switch_phones.passwords == {}


async def test_a_switch_that_is_away_is_told(tmp_path: Path) -> None:
    """With what to do; and no page is a phone without it."""
    async with Twin(tmp_path).serving() as twin, twin.caller("amy") as client:
        twin.switch_phones.away = True
        async with client.post(PATH, json={"restarted": True}) as response:
            assert (response.status, (await response.json())["code"]) == (503, "switch_away")
        async with client.get("/sip", headers={"Upgrade": "websocket"}) as response:
            assert (response.status, (await response.json())["code"]) == (503, "switch_away")
