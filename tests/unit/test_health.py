"""The health of every part: what is judged how, since when, and that nobody who hangs is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from web_twin import T0, Clock, Twin

from callcenter.health import probes, service
from callcenter.health.model import CURES, Condition, Finding, Part, Trouble
from callcenter.health.service import HealthService, Probe
from callcenter.health.store import StoreSeen
from callcenter.switch_look import LineState, SwitchSeen
from callcenter.trunks.model import TrunkDay, TrunkNow, TrunkPlan, TrunkState

SEEN = SwitchSeen("22.10.1", T0, 4, manager=True)
STORE = StoreSeen("16.2", 3.0, 1 << 30, 0)
PLAN = TrunkPlan("city", 2, ("ulaw",), "192.0.2.1")


def a_trunk(state: TrunkState, calls: int = 0) -> TrunkNow:
    return TrunkNow(PLAN, state, T0, calls, LineState(registration="Rejected"), TrunkDay())


def listening(flow: int = 0, talk: int = 0, most: int = 16, *, wanted: bool = True) -> Finding:
    """Live recognition with so many streams."""
    return probes.listening(wanted=wanted, seen=probes.StreamsSeen(flow, talk, most))


@pytest.mark.parametrize(
    ("finding", "condition", "trouble"),
    [
        (probes.controller(probes.Workings(T0, 2, 3.0, 1 << 20, 9)), Condition.WELL, None),
        (probes.controller(probes.Workings(T0, 2, 900.0, 1 << 20, 9)), Condition.POOR, Trouble.BUSY),
        (probes.switch(SEEN, ari=True), Condition.WELL, None),
        (probes.switch(SEEN, ari=False), Condition.DOWN, Trouble.SWITCH_AWAY),
        (probes.switch(None, ari=True), Condition.DOWN, Trouble.SWITCH_AWAY),
        (
            probes.switch(SwitchSeen("22", T0, 0, manager=False), ari=True),
            Condition.POOR,
            Trouble.MANAGER_AWAY,
        ),
        (probes.store(STORE, 3), Condition.WELL, None),
        (probes.store(None, 3), Condition.DOWN, Trouble.STORE_AWAY),
        (probes.store(STORE, 9_000), Condition.POOR, Trouble.SHIPPING_BEHIND),
        (probes.store(StoreSeen("16", 3.0, 1, 9_000), 0), Condition.POOR, Trouble.COUNTING_BEHIND),
        (probes.store(StoreSeen("16", 900.0, 1, 0), 0), Condition.POOR, Trouble.SLOW),
        (probes.bus(1.0, "8", 0), Condition.WELL, None),
        (probes.bus(None, "", 0), Condition.DOWN, Trouble.BUS_AWAY),
        (probes.trunk(a_trunk(TrunkState.UP)), Condition.WELL, None),
        (probes.trunk(a_trunk(TrunkState.LISTENS, 2)), Condition.POOR, Trouble.TRUNK_FULL),
        (probes.trunk(a_trunk(TrunkState.NO_ANSWER)), Condition.POOR, Trouble.TRUNK_SILENT),
        (probes.trunk(a_trunk(TrunkState.UNREGISTERED)), Condition.DOWN, Trouble.TRUNK_UNREGISTERED),
        (probes.trunk(a_trunk(TrunkState.UNKNOWN)), Condition.UNKNOWN, None),
        (probes.speech(False, [])[0], Condition.OFF, None),
        (probes.speech(True, [])[0], Condition.POOR, Trouble.NO_MODEL),
        (probes.speech(True, [probes.WorkerSeen("m", "vosk", "zh", True, 0)])[0], Condition.WELL, None),
        (
            probes.speech(True, [probes.WorkerSeen("m", "", "", False, 2)])[0],
            Condition.DOWN,
            Trouble.WORKER_AWAY,
        ),
        (listening(flow=1, talk=8), Condition.WELL, None),
        (listening(flow=16), Condition.POOR, Trouble.LISTENING_FULL),
        (listening(most=0), Condition.OFF, None),
        (listening(wanted=False), Condition.OFF, None),
        (probes.prompts({("kokoro", "zh"): 900}), Condition.WELL, None),
        (probes.prompts(None), Condition.DOWN, Trouble.PROMPTS_AWAY),
        (probes.disk("journal", 50 << 30, 100 << 30), Condition.WELL, None),
        (probes.disk("journal", 5 << 30, 100 << 30), Condition.POOR, Trouble.DISK_FILLS),
        (probes.disk("journal", 5 << 20, 100 << 30), Condition.DOWN, Trouble.DISK_FULL),
        (probes.softphones(3, switch_up=True), Condition.WELL, None),
        (probes.softphones(0, switch_up=False), Condition.DOWN, Trouble.SWITCH_AWAY),
        (probes.audit(0), Condition.WELL, None),
        (probes.audit(2), Condition.POOR, Trouble.AUDIT_OWES),
    ],
)
def test_how_a_part_is(finding: Finding, condition: Condition, trouble: Trouble | None) -> None:
    """A trouble is named exactly where somebody should act."""
    assert (finding.condition, finding.trouble) == (condition, trouble)


def test_every_trouble_has_a_cure() -> None:
    assert set(CURES) == set(Trouble)


async def test_a_condition_is_told_with_since_when_it_is_so() -> None:
    """Looks that find the same begin nothing anew."""
    clock, found = Clock(), [probes.audit(0)]

    async def ask() -> Sequence[Finding]:
        return found

    health = HealthService([Probe(Part.AUDIT, ask)], clock)
    running = asyncio.create_task(health.run())
    assert (await health.told()).parts[0].since_at == T0
    running.cancel()
    clock.now += 10
    found[:] = [probes.audit(1)]
    assert (await health._look()).parts[0].since_at == T0 + 10
    clock.now += 10
    found[:] = [probes.audit(2)]
    assert (await health._look()).parts[0].since_at == T0 + 10


async def test_who_hangs_or_breaks_is_unknown_and_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are told as ever."""
    monkeypatch.setattr(service, "WITHIN_S", 0.05)

    async def hangs() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def breaks() -> Sequence[Finding]:
        raise RuntimeError("13812345678")

    async def well() -> Sequence[Finding]:
        return [probes.audit(0)]

    asked = [Probe(Part.STORE, hangs), Probe(Part.BUS, breaks), Probe(Part.AUDIT, well)]
    async with asyncio.timeout(2):
        picture = await HealthService(asked, Clock()).told()
    found = {one.finding.part: (one.finding.condition, one.finding.detail) for one in picture.parts}
    assert found == {
        Part.STORE: (Condition.UNKNOWN, ""),
        Part.BUS: (Condition.UNKNOWN, "RuntimeError"),
        Part.AUDIT: (Condition.WELL, ""),
    }


async def test_whoever_asks_is_told_the_cure(tmp_path: Path) -> None:
    """With how many parts need somebody."""
    async with (
        Twin(tmp_path).serving() as twin,
        twin.caller("olga") as client,
        client.get("/api/health") as response,
    ):
        told = await response.json()
    assert told["alarms"] == 1
    (part,) = told["parts"]
    assert (part["part"], part["trouble"], part["condition"]) == ("audit", "audit_owes", "poor")
    assert part["facts"] == [{"key": "owed", "unit": "count", "value": 3.0, "text": ""}]
    assert "audit_owed.jsonl" in part["cure"]
