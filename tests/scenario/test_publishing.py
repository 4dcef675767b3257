"""Flows are published while callers are in them: nobody is dropped, nobody changes version in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from paper_centre import CLOSED_NUMBER
from world import Kill, World

from callcenter.controller.flow_set import StagedFlows
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.flow_stage import Guards, Stage
from callcenter.domain.switch import Play, PlaybackEnded, SwitchCommand
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow

LINE = (Path(__file__).parent / "line.yaml").read_text(encoding="utf-8")
GUARDS = Guards(min_calls=10, containment_drop=0.1, abandonment_rise=0.2, error_rise=0.1)


def version(number: int, retries: int = 1) -> dict[str, Flow]:
    """The flow of the scenarios, with words that tell the version."""
    source = LINE.replace("请选择", f"请选择{number}").replace("再见", f"再见{number}")
    source = source.replace("retries: 1", f"retries: {retries}")
    return {"line": load_flow(source, f"line-{number}.yaml")}


def staged(number: int, percent: int, began: int, flows: Mapping[str, Flow]) -> StagedFlows:
    hashes = {name: flow.version for name, flow in flows.items()}
    return StagedFlows(Stage(number, percent, began, GUARDS, hashes), flows)


def versions_of(world: World, call_id: str) -> set[str]:
    """The versions of the flow that the call was in."""
    return {event.version for event in world.events(e.NodeEntered, call_id)}


def took(world: World, call_id: str) -> int:
    return world.one(e.CallArrived, call_id).flows_number


def test_twenty_callers_in_the_menu_while_publishing_every_second() -> None:
    """Each stays in the version it began with to its end, new callers take the new one, nobody is dropped,
    and nothing is kept of versions that nobody needs."""
    world = World(check_recovery=False)
    for second in range(20):
        world.publish(second + 1, version(second + 1, retries=5))
        world.call(caller=f"0211000{second:04d}")
        world.run(0.95)
    callers = [event.call_id for event in world.events(e.CallArrived)]
    assert len([call for call in map(world.live, callers) if call.path[-1] == "menu" and call.live]) == 20
    for second in range(20):
        world.publish(21 + second, version(21 + second, retries=5))
        world.run(1)
    assert [took(world, call_id) for call_id in callers] == list(range(1, 21))
    ended = [event for event in world.events(e.CallEnded) if event.by is not e.EndedBy.CALLER]
    assert ended == []
    for call_id in callers:
        world.hang_up(call_id)
        assert versions_of(world, call_id) == {world.versions[took(world, call_id)]["line"].version}
    assert [event.number for event in world.events(e.FlowsPublished)] == list(range(1, 41))
    world.publish(41, version(41))
    assert world.centre.published.kept_numbers == set()
    world.finish()


def test_a_change_is_heard_by_who_comes_after_it_only() -> None:
    """The words that are played are those of the version that the caller took."""
    world = World()
    heard: list[tuple[str, str]] = []
    send = world.switch.send

    def noted(command: SwitchCommand) -> None:
        if isinstance(command, Play):
            heard.extend((command.leg_id, media) for media in command.media)
        send(command)

    world.switch.send = noted  # type: ignore[method-assign]
    world.publish(1, version(1))
    first = world.call()
    world.publish(2, version(2))
    second = world.call()
    for call_id in (first, second):
        world.switch.press(call_id.removeprefix("c"), "DD")
    world.run(5)
    for at, call_id in enumerate((first, second), start=1):
        texts = [media for leg_id, media in heard if leg_id == call_id.removeprefix("c")]
        assert texts[0] == f"/prompts/请选择{at}.wav"
        assert texts[-1] == f"/prompts/再见{at}.wav"
    world.finish()


def happens(world: World) -> list[str]:
    """Callers of three versions: in the menu, in a queue with a call-back to come, with an agent and then in
    the flow again, and at night; published each time one of them has come."""
    callers: list[str] = []
    world.publish(1, version(1))
    world.ready("1001")
    callers.append(world.call(caller="0211000001", digits="1"))
    world.publish(2, version(2))
    callers.append(world.call(caller="0211000002"))
    world.run(1)
    world.publish(3, version(3))
    callers.append(world.call(caller="0211000003", did=CLOSED_NUMBER))
    world.run(2)
    world.publish(1, world.versions[1])  # rolled back
    callers.append(world.call(caller="0211000004"))
    world.agent_hangs_up(callers[0])
    for call_id in callers[1::2]:
        world.switch.press(call_id.removeprefix("c"), "DD")
    world.run(10)
    return callers


def settled_on_their_versions(world: World) -> None:
    world.finish()
    for arrived in world.events(e.CallArrived):
        (seen,) = versions_of(world, arrived.call_id)
        flows = world.versions.get(arrived.flows_number)
        assert flows is None or seen == flows["line"].version


@pytest.mark.parametrize("torn", [0, 2])
@pytest.mark.parametrize("before_commands", [False, True], ids=["after", "before"])
def test_a_kill_at_any_step_changes_nobody_s_version(before_commands: bool, torn: int) -> None:
    """Also over a restart each call goes on in the version it began with, whatever is in force by then."""
    world = World(check_recovery=False)
    happens(world)
    settled_on_their_versions(world)
    for step in range(1, world.steps + 1):
        killed = World(kill=Kill(step, before_commands, torn=torn), check_recovery=False)
        try:
            happens(killed)
            killed.bring_home()
            settled_on_their_versions(killed)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"killed at step {step}: {error}") from error


def test_a_call_whose_version_and_flow_are_gone_is_still_served() -> None:
    """After a restart with another flow under another name, and without the store: it goes on where its
    number leads now, at the node of the same name."""
    world = World(check_recovery=False)
    world.publish(1, version(1))
    call_id = world.call()
    other = load_flow(LINE.replace("flow: line", "flow: other"), "other.yaml")
    world.publish(2, {"other": other})
    world.versions.clear()
    route = replace(world.config.any_number, flow="other")
    world.config = replace(world.config, any_number=route, numbers={})
    world.kill()
    world.run(5)
    assert world.live(call_id).live
    world.switch.press(call_id.removeprefix("c"), "DD")
    world.run(5)
    assert world.events(e.NodeEntered, call_id)[-1].version == other.version
    world.finish()


# --- stages ------------------------------------------------------------------------------------------------


def staged_world(kill: Kill | None = None, percent: int = 50) -> World:
    world = World(kill=kill, check_recovery=False)
    world.publish(1, version(1))
    world.publish(1, world.versions[1], staged(2, percent, 7, version(2)))
    return world


def caller(world: World, at: int) -> str:
    """A caller who hangs up in the staged version, and is served to the end by the one in force."""
    call_id = world.call(caller=f"0212{at:06d}")
    if world.events(e.CallArrived, call_id) and took(world, call_id) == 2:
        world.hang_up(call_id)
    else:
        world.switch.press(call_id.removeprefix("c"), "DD")
        world.run(3)
    return call_id


def test_a_share_of_the_callers_takes_the_staged_version() -> None:
    """Always the same ones, by their call's id; a larger share holds the smaller one."""
    flows = version(2)
    few, more = staged(2, 10, 7, flows).stage, staged(2, 40, 7, flows).stage
    ids = [f"c{number}.7" for number in range(5000)]
    share = sum(few.takes(call_id) for call_id in ids) / len(ids)
    assert 0.08 < share < 0.12
    assert {i for i in ids if few.takes(i)} < {i for i in ids if more.takes(i)}
    other = staged(2, 10, 8, flows).stage
    assert {i for i in ids if few.takes(i)} != {i for i in ids if other.takes(i)}


def test_a_guard_that_breaks_withdraws_the_stage() -> None:
    """Callers hang up in the staged version: after ten of each it is withdrawn, with the figures, and nobody
    takes it any more, also not after a restart that still finds it staged."""
    world = staged_world()
    for at in count():
        caller(world, at)
        if found := world.events(e.FlowStageWithdrawn):
            break
        assert at < 60
    (withdrawn,) = found
    assert (withdrawn.number, withdrawn.began, withdrawn.guard) == (2, 7, "abandonment")
    assert (withdrawn.staged_share, withdrawn.in_force_share) == (1.0, 0.0)
    assert min(withdrawn.staged_calls, withdrawn.in_force_calls) == GUARDS.min_calls
    assert withdrawn.worse_by > withdrawn.allowed
    world.kill()
    world.run(2)
    later = [caller(world, 100 + at) for at in range(10)]
    assert {took(world, call_id) for call_id in later} == {1}
    assert len(world.events(e.FlowStageWithdrawn)) == 1
    world.finish()


def test_a_good_version_stays_and_can_be_finished() -> None:
    """Callers fare alike in both: nothing is withdrawn; the share grows and the figures go on."""
    world = staged_world()
    for at in range(40):
        call_id = world.call(caller=f"0213{at:06d}")
        world.switch.press(call_id.removeprefix("c"), "DD")
        world.run(3)
    watch = world.centre.published.watch
    assert (watch.staged.calls + watch.in_force.calls, watch.staged.errors) == (40, 0)
    assert watch.staged.contained == watch.staged.calls
    world.publish(1, world.versions[1], staged(2, 80, 7, world.versions[2]))
    assert watch.staged.calls + watch.in_force.calls == 40
    world.publish(2, world.versions[2])
    assert watch.stage is None
    assert world.events(e.FlowStageWithdrawn) == []
    world.check_recovery()
    world.finish()


def test_calls_of_the_system_and_of_agents_are_no_abandonment() -> None:
    """Who talked with an agent is served; the fold is the same out of the journal and out of a snapshot."""
    world = World()
    world.publish(1, version(1))
    world.publish(1, world.versions[1], staged(2, 50, 7, version(2)))
    world.ready("1001", "1002", "1003")
    talked = world.call(digits="1")
    world.run(3)
    world.hang_up(talked)
    watch = world.centre.published.watch
    assert (watch.staged.calls + watch.in_force.calls) == 1
    assert watch.staged.abandoned + watch.in_force.abandoned == 0
    failed = world.call(digits="4")  # a prompt without audio, then a queue
    world.run(2)
    assert [event.node for event in world.events(e.PromptFailed, failed)] == ["unheard"]
    world.hang_up(failed)
    assert watch.staged.errors + watch.in_force.errors == 1
    world.ask(c.LogOut("1001"))
    world.finish()


@pytest.mark.parametrize("before_commands", [False, True], ids=["after", "before"])
def test_a_kill_at_any_step_of_a_stage_counts_nobody_twice(before_commands: bool) -> None:
    """The stage is withdrawn once, by the same figures, as if nothing had been killed."""

    def course(kill: Kill | None) -> World:
        world = staged_world(kill)
        for at in range(26):
            caller(world, at)
            while not world.alive:
                world.run(0.1)
        world.run(10)
        return world

    steps = course(None).steps
    for step in range(1, steps + 1, 7):
        world = course(Kill(step, before_commands))
        found = world.events(e.FlowStageWithdrawn)
        assert len(found) <= 1, f"killed at step {step}"
        if found:
            assert min(found[0].staged_calls, found[0].in_force_calls) >= GUARDS.min_calls
            after = [call.flows_number for call in world.events(e.CallArrived) if call.at > found[0].at]
            assert set(after) <= {1}
        world.bring_home()
        world.finish()


def test_it_is_the_playback_of_the_flow_that_failed() -> None:
    """A playback of the waiting room that fails is no error of the flow."""
    world = World()
    call_id = world.call(digits="1")
    world._post(PlaybackEnded(world.now, call_id.removeprefix("c"), f"{call_id}.w.1", failed=True))
    assert world.events(e.PromptFailed) == []
    world.hang_up(call_id)
    world.finish()
