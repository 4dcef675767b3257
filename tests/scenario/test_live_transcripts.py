"""Which legs are heard while a talk is read: both, as long as they hear each other, and no others."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from paper_centre import acd_config, centre_config
from people import FIRST, talk
from world import TALK_AGAIN_MS, World

from callcenter.controller.messages import Reconfigured
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import TransferKind
from callcenter.domain.listening import ListeningFailed, StartListening

CALLER = "caller-1"


def a_world(*, live_transcript: bool = True) -> World:
    """Its queue "support" wants talks to be read."""
    config = centre_config()
    support = replace(config.queues["support"], live_transcript=live_transcript)
    return World(replace(config, queues={**config.queues, "support": support}))


def talking() -> World:
    """Agent 1001 talks with the caller."""
    world = a_world()
    talk(world)
    assert heard(world) == ["agent", "caller"]
    return world


def heard(world: World) -> list[str]:
    """Who of the call is heard by a recogniser, by who they are."""
    talk = world.live(FIRST).conversation
    names = {CALLER: "caller", talk.leg_id if talk else "": "agent"}
    return sorted(names.get(leg_id, leg_id) for leg_id in world.switch.listenings.values())


def test_both_sides_are_heard_as_long_as_they_talk() -> None:
    """Neither while the caller waits, nor while the caller is held; nothing is known once it is over."""
    world = a_world()
    world.call(digits="1")
    world.run(5)
    assert world.switch.listenings == {}
    world.ready("1001")
    world.run(5)
    assert heard(world) == ["agent", "caller"]
    world.ask(c.Hold("1001", FIRST))
    world.run(1)
    assert (world.switch.listenings, world.talks, world.read) == ({}, {}, {FIRST})
    world.ask(c.Retrieve("1001", FIRST))
    world.run(1)
    assert heard(world) == ["agent", "caller"]
    world.hang_up(FIRST)
    assert (world.switch.listenings, world.talks, world.read) == ({}, {}, set())
    world.finish()


def test_only_queues_that_want_it_are_read() -> None:
    """Nobody is asked to listen, and the switch hands nothing on."""
    world = a_world(live_transcript=False)
    talk(world)
    assert (world.switch.listenings, world.read) == ({}, set())
    world.ask(c.Transfer("1001", FIRST, TransferKind.QUEUE, "sales"))
    world.run(5)
    assert (world.switch.listenings, world.read) == ({}, set())


def test_the_next_agent_is_heard_instead() -> None:
    """Meanwhile the caller hears music, and nobody hears the caller."""
    world = talking()
    first = world.talk(FIRST)
    world.ask(c.Transfer("1001", FIRST, TransferKind.QUEUE, "support"))
    world.ask(c.Pause("1001", "break"))
    world.run(1)
    assert world.switch.listenings == {}
    world.ready("1002")
    world.run(5)
    assert heard(world) == ["agent", "caller"]
    assert world.talk(FIRST) != first


def test_a_consultation_is_not_heard_and_a_conference_is() -> None:
    """While the caller is held the agents are among themselves."""
    world = talking()
    world.ready("1002")
    world.ask(c.Consult("1001", FIRST, TransferKind.AGENT, "1002"))
    world.run(5)
    assert world.switch.listenings == {}
    world.ask(c.Confer("1001", FIRST))
    world.run(1)
    assert heard(world) == ["agent", "caller"]


@pytest.mark.parametrize("down_ms", [100, 3000])
def test_a_new_controller_hears_them_again(down_ms: int) -> None:
    """Nobody else notices; what changed meanwhile is as it should be."""
    world = talking()
    world.kill(down_ms=down_ms)
    world.run(down_ms / 1000 + 1)
    assert heard(world) == ["agent", "caller"]
    world.hang_up(FIRST)
    world.finish()


def test_held_while_nobody_looks() -> None:
    """The link to the switch is away when the phone holds: it is put right as soon as it is back."""
    world = talking()
    world.link_down()
    world.run(1)
    world.switch.hold(world.talk(FIRST), held=True)
    world.run(1)
    world.link_up()
    world.run(1)
    assert world.switch.listenings == {}


def test_audio_is_handed_on_only_while_somebody_recognises_it() -> None:
    """Not before, not without a recogniser, and again when there is one."""
    world = a_world()
    world.deaf = True
    talk(world)
    assert (world.switch.listenings, set(world.talks)) == ({}, {FIRST})
    world.find_recogniser()
    world.run(1)
    assert heard(world) == ["agent", "caller"]
    world.lose_recogniser()
    world.run(1)
    assert world.switch.listenings == {}
    world.find_recogniser()
    world.run(1)
    assert heard(world) == ["agent", "caller"]


def test_a_side_that_breaks_off_takes_the_other_along_for_a_while() -> None:
    """Half a talk is none; both are heard again later, and the call does not notice."""
    world = talking()
    listening_id = next(iter(world.switch.listenings))
    world.switch.stop_listening(listening_id)
    world.controller.post(ListeningFailed(world.now, CALLER, listening_id, "no audio connection"))
    world.run(1)
    assert world.switch.listenings == {}
    world.run(TALK_AGAIN_MS / 1000)
    assert heard(world) == ["agent", "caller"]
    assert world.live(FIRST).phase == "talking"


def test_a_reload_begins_and_ends_it() -> None:
    """For talks that go on, too."""
    world = talking()
    for wanted in (False, True):
        queues = {name: replace(queue, live_transcript=wanted) for name, queue in world.config.queues.items()}
        told = partial(Reconfigured, "v1", acd_config(), queues, world.config.waiting, frozenset())
        world.controller.post(told())
        world.run(1)
        assert heard(world) == (["agent", "caller"] if wanted else [])


def test_nothing_of_it_is_journaled() -> None:
    """A talk that is read leaves the same facts as one that is not."""
    read, unread = a_world(), a_world(live_transcript=False)
    for world in (read, unread):
        talk(world)
        world.hang_up(FIRST)
        world.finish()
    assert [type(one) for one in read.events(e.DomainEvent)] == [
        type(one) for one in unread.events(e.DomainEvent)
    ]
    assert StartListening.__name__ not in str(read.journal.lines)
