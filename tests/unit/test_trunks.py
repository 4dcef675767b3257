"""Trunks as people look after them: how they are, how full, since when; also while others are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from web_twin import PLANS, T0, Clock, Twin, arrival, ended

from callcenter.ports import StoreAway
from callcenter.switch_look import LineState
from callcenter.trunks.memory import MemorySwitchLook
from callcenter.trunks.model import TrunkDay, TrunkState, state_of
from callcenter.trunks.service import DAY_EVERY_MS, SWITCH_EVERY_MS, TrunkService
from callcenter.trunks.store import MemoryTrunkDays


class AwayDays(MemoryTrunkDays):
    """A record that can be away."""

    away = False

    async def since(self, from_at: int) -> Mapping[str, TrunkDay]:
        if self.away:
            raise StoreAway("away")
        return await super().since(from_at)


class Scene:
    """A service over twins."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.up = 0
        self.switch = MemorySwitchLook({"trunk-a": 2}, self.clock)
        self.days = AwayDays()
        self.service = TrunkService(
            self.switch, self.days, lambda: PLANS, lambda _: self.up, self.clock, "Asia/Shanghai"
        )


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (None, TrunkState.UNKNOWN),
        (LineState(), TrunkState.LISTENS),
        (LineState(peer_answers=True), TrunkState.UP),
        (LineState(peer_answers=False), TrunkState.NO_ANSWER),
        (LineState(peer_answers=True, registration="Registered"), TrunkState.UP),
        (LineState(peer_answers=True, registration="Rejected"), TrunkState.UNREGISTERED),
        (LineState(peer_answers=True, registration="Unknown"), TrunkState.UNKNOWN),
    ],
)
def test_how_a_trunk_is(line: LineState | None, state: TrunkState) -> None:
    """The registration counts more than an answer: without it nothing comes in."""
    assert state_of(line) is state


async def test_a_state_is_told_with_since_when_it_is_so() -> None:
    """Being asked again begins nothing anew; a change does."""
    scene = Scene()
    assert (await scene.service.told()).trunks[0].since_at == T0
    scene.clock.now += SWITCH_EVERY_MS
    assert (await scene.service.told()).trunks[0].since_at == T0
    scene.switch.lines["trunk-a"] = LineState(peer_answers=False)
    scene.clock.now += SWITCH_EVERY_MS
    (trunk,) = (await scene.service.told()).trunks
    assert (trunk.state, trunk.since_at) == (TrunkState.NO_ANSWER, scene.clock.now)


async def test_the_switch_is_asked_at_most_once_a_second_and_the_store_seldom() -> None:
    """However many look."""
    scene = Scene()
    await scene.service.told()
    scene.switch.arrive("trunk-a")
    scene.days.apply(arrival("c1"))
    (trunk,) = (await scene.service.told()).trunks
    assert (trunk.outgoing, trunk.day.calls) == (0, 0)
    scene.clock.now += DAY_EVERY_MS
    scene.up = 1
    (trunk,) = (await scene.service.told()).trunks
    assert (trunk.calls, trunk.outgoing, trunk.day.calls, trunk.day.highest) == (1, 0, 1, 1)
    assert trunk.day.numbers == {"12345": 1}


async def test_what_is_up_now_is_part_of_the_highest_of_the_day() -> None:
    """The record may lag behind."""
    scene = Scene()
    scene.up = 7
    (trunk,) = (await scene.service.told()).trunks
    assert (trunk.day.highest, trunk.day.highest_at) == (7, T0)


async def test_nobody_who_is_away_keeps_the_rest_from_being_told() -> None:
    """Occupancy is the centre's own knowledge."""
    scene = Scene()
    scene.switch.away = scene.days.away = True
    scene.up = 1
    told = await scene.service.told()
    (trunk,) = told.trunks
    assert (told.switch_started_at, told.counted) == (None, False)
    assert "cannot be reached" in told.trouble
    assert (trunk.state, trunk.calls, trunk.outgoing) == (TrunkState.UNKNOWN, 1, None)


async def test_the_page_is_told_of_a_full_trunk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Calls up, the limit, who was refused, and which numbers were called."""
    twin = Twin(tmp_path_factory.mktemp("web"))
    async with twin.serving(), twin.caller("olga") as client:
        for call_id in ("c1", "c2"):
            twin.emit(arrival(call_id))
            twin.trunk_days.apply(arrival(call_id))
            twin.switch_look.arrive("trunk-a")
        twin.switch_look.arrive("trunk-a")
        async with client.get("/api/trunks") as response:
            told = await response.json()
    (trunk,) = told["trunks"]
    assert (trunk["calls"], trunk["channel_limit"], trunk["outgoing"], trunk["refused"]) == (2, 2, 0, 1)
    assert trunk["numbers"] == [{"number": "12345", "flow": "citizen_hotline", "language": "zh", "calls": 2}]
    assert [(one["number"], one["calls"]) for one in told["numbers"]] == [
        ("12345", 2),
        ("12346", 0),
        ("*", 0),
    ]


async def test_the_highest_of_the_day_is_that_of_calls_at_once() -> None:
    """A call that ends in the instant in which another begins is not up beside it."""
    days = MemoryTrunkDays()
    first, second = arrival("c1"), replace(arrival("c2"), at=T0 + 10)
    for event in (first, second, replace(ended("c1"), at=T0 + 20), replace(arrival("c3"), at=T0 + 20)):
        days.apply(event)
    day = (await days.since(T0 - 1))["trunk-a"]
    assert (day.highest, day.highest_at, day.calls) == (2, T0 + 10, 3)
