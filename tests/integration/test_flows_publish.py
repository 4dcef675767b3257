"""Flows published while real callers are in them: nobody is dropped, nobody changes version in the middle."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, change_hotline, hotline_file

from callcenter.domain import events as e
from callcenter.domain.flow_stage import Stage
from callcenter.flow_versions.store import FlowStore
from callcenter.phones import Phone, PhonePool

pytestmark = pytest.mark.integration
CALLERS = 20
PUBLICATIONS = 8


async def flows(centre: CentreRig, *argv: str) -> str:
    """What `callcenter flows ...` says, beside the calls."""
    return await asyncio.to_thread(callcenter, centre, "flows", *argv)


def versions(centre: CentreRig, call_id: str) -> set[str]:
    return {event.version for event in centre.life(call_id) if isinstance(event, e.NodeEntered)}


async def test_twenty_callers_in_the_menu_while_publishing(own_flows_centre: CentreRig) -> None:
    """Callers stay and keep their versions, also over the death of the controller. (How soon a version is in
    force: `python -m bench publish`.)"""
    centre = own_flows_centre
    store = FlowStore(centre.places.flow_versions)
    change_hotline(centre, 1)
    await flows(centre, "publish")
    first = store.state().highest
    async with PhonePool(bind=CALLER_ADDRESS) as phones:
        await phones.warm(CALLERS)
        publishing = asyncio.create_task(_publish_again_and_again(centre))
        calls = []
        for at in range(CALLERS):
            while not publishing.done() and store.state().highest < first + at * PUBLICATIONS // CALLERS:
                await asyncio.sleep(0.05)
            calls.append(await phones.call(centre.uri("12345"), caller=_number(at)))
        for call in calls:
            await call.confirmed()
        await publishing
        ids = [await centre.newcomer(_number(at)) for at in range(CALLERS)]
        assert {event.call_id for event in centre.events() if isinstance(event, e.CallEnded)}.isdisjoint(ids)
        _kept_their_versions(centre, ids)
        await _survives_a_kill(centre, ids)
        for call in calls:
            await call.hang_up()
        for call_id in ids:
            life = await centre.happened(call_id, e.CallSettled)
            (end,) = (event for event in life if isinstance(event, e.CallEnded))
            assert end.by is e.EndedBy.CALLER
    _kept_their_versions(centre, ids)


def _number(at: int) -> str:
    return f"1392{at:02d}"


async def _publish_again_and_again(centre: CentreRig) -> None:
    for mark in range(2, PUBLICATIONS + 2):
        change_hotline(centre, mark)
        assert "In force" in await flows(centre, "publish", "--note", f"number {mark}")


def _kept_their_versions(centre: CentreRig, ids: list[str]) -> None:
    """In the order in which they arrived, which is not always that in which they were dialled."""
    store = FlowStore(centre.places.flow_versions)
    arrivals = [
        event for event in centre.events() if isinstance(event, e.CallArrived) and event.call_id in ids
    ]
    assert len(arrivals) == len(ids)
    taken = [arrived.flows_number for arrived in arrivals]
    for arrived in arrivals:
        kept = {store.version(arrived.flows_number).flows["citizen_hotline"]}
        assert versions(centre, arrived.call_id) == kept
    assert taken == sorted(taken)
    assert len(set(taken)) > 3


async def _survives_a_kill(centre: CentreRig, ids: list[str]) -> None:
    """The controller dies and comes back: each call is still in the version it began with."""
    before = {call_id: versions(centre, call_id) for call_id in ids}
    starts = len([event for event in centre.events() if isinstance(event, e.CentreStarted)])
    pid = centre.pid("controller")
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(30):
        while len([event for event in centre.events() if isinstance(event, e.CentreStarted)]) <= starts:
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    assert {call_id: versions(centre, call_id) for call_id in ids} == before


async def test_a_broken_set_never_replaces_the_running_one(own_flows_centre: CentreRig) -> None:
    """All mistakes with their lines, and nothing changes."""
    centre = own_flows_centre
    store = FlowStore(centre.places.flow_versions)
    before = store.state()
    path = hotline_file(centre)
    change_hotline(centre, 0)
    path.write_text(path.read_text().replace("queue: general", "queue: generl"))
    said = await flows(centre, "publish")
    assert f"{path}:" in said
    assert "did you mean 'general'" in said
    assert store.state() == before
    assert "flows_dir differs" in await flows(centre, "status")


async def test_going_back_and_staging(own_flows_centre: CentreRig) -> None:
    """A rollback is in force at once; a stage is told, and its share of the callers takes it."""
    centre = own_flows_centre
    in_force = FlowStore(centre.places.flow_versions).state().number
    said = await flows(centre, "rollback", "--note", "as it was")
    assert f"Version {in_force - 1} is put in force again. In force" in said
    change_hotline(centre, 40)
    said = await flows(centre, "publish", "--percent", "99", "--note", "try")
    assert "staged for 99 % of new callers. In force" in said
    staged = FlowStore(centre.places.flow_versions).state().staged
    assert staged is not None
    stage = Stage(staged.number, staged.percent, staged.began, staged.guards, {})
    calls: list[str] = []
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        while not any(stage.takes(call_id) for call_id in calls):  # one caller in a hundred does not
            call = await phone.call(centre.uri("12345"), caller="139299")
            await call.confirmed()
            calls.append(await centre.newcomer("139299", besides=calls))
            (arrived,) = (event for event in centre.life(calls[-1]) if isinstance(event, e.CallArrived))
            assert arrived.flows_number == (staged.number if stage.takes(calls[-1]) else in_force - 1)
            await call.hang_up()
            await centre.happened(calls[-1], e.CallEnded)
    assert "1 callers" in await flows(centre, "status")
    assert "In force" in await flows(centre, "stage", "--withdraw", "--note", "enough")
    log = await flows(centre, "log")
    assert "withdrawn" in log
    assert "as it was" in log
    assert "version-" in await flows(centre, "diff")
