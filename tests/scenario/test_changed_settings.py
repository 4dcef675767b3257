"""The controller restarts with other settings while calls are under way."""

from __future__ import annotations

from dataclasses import replace

from paper_centre import acd_config, centre_config
from world import World

from acd.model import AcdConfig
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.events import TransferKind

FIRST, SECOND = "ccaller-1", "ccaller-2"


def without_support() -> AcdConfig:
    """The queue in which the calls are is gone."""
    known = acd_config()
    return replace(known, version="v2", queues={"sales": known.queues["sales"]})


def test_a_queue_that_is_gone() -> None:
    """Who talks goes on, who waits there is let go politely; nothing is stuck, all settle."""
    world = World(check_recovery=False)
    world.ready("1001")
    world.call(digits="1")
    world.call(digits="1")
    world.run(5)
    world.config = centre_config(without_support())
    world.kill()
    world.run(5)
    assert world.outcomes(SECOND) == [Q.OVERFLOW_CLOSED]
    assert world.live(FIRST).conversation is not None
    world.ask(c.Hold("1001", FIRST))
    world.hang_up(FIRST)
    world.finish()


def test_a_phone_that_rings_for_a_queue_that_is_gone_may_be_answered() -> None:
    """The call is connected, recorded and has its ticket; sent on to the vanished queue, it ends."""
    world = World(check_recovery=False)
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(0.1)
    world.config = centre_config(without_support())
    world.kill(down_ms=50)
    world.run(5)
    assert world.one(e.AgentConnected, FIRST).queue == "support"
    world.ask(c.Transfer("1001", FIRST, TransferKind.AGENT, "1002"))
    world.run(5)
    assert world.one(e.CallEnded, FIRST).reason == "no_such_queue"
    world.finish()


def test_an_agent_who_is_gone() -> None:
    """The call in hand is finished first."""
    world = World(check_recovery=False)
    world.ready("1001")
    world.call(digits="1")
    world.run(5)
    known = acd_config()
    agents = {name: agent for name, agent in known.agents.items() if name != "1001"}
    world.config = centre_config(replace(known, version="v2", agents=agents))
    world.kill()
    world.run(5)
    assert world.live(FIRST).conversation is not None
    world.hang_up(FIRST)
    world.finish()
    assert world.centre.queueing.phones == {}


def test_a_queue_whose_calls_are_not_recorded() -> None:
    """Its calls settle without a recording, also when one is sent on to an agent who talks for it again; one
    that is recorded already stays so."""
    world = World(check_recovery=False)
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(5)
    known = world.config.queues
    world.config = replace(
        world.config, queues={name: replace(policy, record=False) for name, policy in known.items()}
    )
    world.kill()
    world.run(5)
    world.call(digits="1")
    world.run(5)
    world.ask(c.Transfer("1002", SECOND, TransferKind.AGENT, "1003"))
    world.ready("1003")
    world.run(5)
    world.hang_up(FIRST)
    world.hang_up(SECOND)
    world.run(5)
    assert world.one(e.RecordingStored, FIRST)
    assert world.events(e.AgentConnected, SECOND)
    world.unrecorded = {SECOND}
    world.finish()
