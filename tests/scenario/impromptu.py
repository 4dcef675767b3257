"""What callers hear whose prompt has no audio before the call, and what must have come of it."""

from __future__ import annotations

from world import JOB_MS, World

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q

CALLER = "ccaller-1"
MADE = "/prompts/现说的号码.wav"
SLOW = "/prompts/现说得慢的号码.wav"


def _then_talks(world: World) -> None:
    world.run(15)
    world.hang_up(CALLER)


def hears_a_number(world: World) -> None:
    world.ready("1001")
    world.call(digits="7")
    _then_talks(world)


def heard_it_in_time(world: World) -> None:
    """After the moment that making it takes, and before the queue."""
    entered = next(at.at for at in world.events(e.NodeEntered, CALLER) if at.node == "number")
    assert [(at - entered) // JOB_MS for at, media in world.heard if media == (MADE,)] == [1]
    assert world.outcomes(CALLER) == [Q.ANSWERED]


def hears_a_slow_number(world: World) -> None:
    world.ready("1001")
    world.call(digits="6")
    _then_talks(world)


def went_on_without_it(world: World) -> None:
    """After the longest wait, as if the prompt had failed; its audio, come too late, is not played."""
    path = {event.node: event.at for event in world.events(e.NodeEntered, CALLER)}
    assert path["support"] - path["slow"] == world.config.prompt_wait_ms
    assert not any(media == (SLOW,) for _, media in world.heard)
    assert world.outcomes(CALLER) == [Q.ANSWERED]


def hears_nothing(world: World) -> None:
    world.ready("1001")
    world.call(digits="4")
    _then_talks(world)


def presses_on(world: World) -> None:
    """A key skips what is not even there yet."""
    world.ready("1001")
    world.call(digits="6")
    world.switch.press(CALLER.removeprefix("c"), "1")
    _then_talks(world)


def went_on_at_once(world: World) -> None:
    path = {event.node: event.at for event in world.events(e.NodeEntered, CALLER)}
    assert path["support"] - path["menu"] < 500
    assert not any("现说" in media[0] for _, media in world.heard)
    assert world.outcomes(CALLER) == [Q.ANSWERED]


def hangs_up_meanwhile(world: World) -> None:
    world.call(digits="6")
    world.hang_up(CALLER)
    world.run(20)


def nobody_was_played_to(world: World) -> None:
    assert not any(media == (SLOW,) for _, media in world.heard)
    assert world.one(e.CallEnded, CALLER).by is e.EndedBy.CALLER


def link_breaks_meanwhile(world: World) -> None:
    """The audio is there while the switch is out of sight."""
    world.ready("1001")
    world.call(digits="7")
    world.link_down()
    world.run(3)
    world.link_up()
    world.run(20)
    _then_talks(world)


def was_answered(world: World) -> None:
    assert world.outcomes(CALLER) == [Q.ANSWERED]
