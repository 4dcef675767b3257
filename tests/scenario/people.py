"""What happens between callers and agents in the scenarios, and what must have come of it."""

from __future__ import annotations

from world import World

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy, TransferKind
from callcenter.domain.events import QueueOutcome as Q

FIRST, SECOND, THIRD = "ccaller-1", "ccaller-2", "ccaller-3"


def talk(world: World, digits: str = "1") -> None:
    """A caller and an agent talk."""
    world.ready("1001")
    world.call(digits=digits)
    world.run(15)


# --- a caller and an agent ---------------------------------------------------------------------------------


def caller_hangs_up(world: World) -> None:
    talk(world)
    world.hang_up(FIRST)


def caller_hung_up(world: World) -> None:
    assert world.outcomes(FIRST) == [Q.ANSWERED]
    ended = world.one(e.CallEnded, FIRST)
    assert (ended.by, ended.reason) == (EndedBy.CALLER, "normal")
    assert world.one(e.RecordingStored, FIRST).duration_ms > 10_000
    assert world.board.total.answered_in_time == 1


def agent_hangs_up(world: World) -> None:
    talk(world)
    world.agent_hangs_up(FIRST)
    world.run(20)


def agent_hung_up(world: World) -> None:
    """The flow goes on with the survey and then ends the call itself."""
    path = [event.node for event in world.events(e.NodeEntered, FIRST)]
    assert path[-3:] == ["survey", "farewell", "end"]
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW
    assert world.one(e.AgentReleased, FIRST).talk_ms > 10_000
    assert 14_000 < world.one(e.RecordingStored, FIRST).duration_ms < 15_500  # the survey is no talk


def rates(world: World, *keys: str) -> None:
    """The agent has hung up, and the caller answers; the agent takes the next call meanwhile."""
    talk(world)
    world.agent_hangs_up(FIRST)
    for key in keys:
        world.run(2)
        for leg_id in world.caller_legs():
            world.switch.press(leg_id, key)
    world.run(0.5)


def rates_to_the_end(world: World) -> None:
    rates(world, "1", "2")
    world.run(20)


def was_rated(world: World) -> None:
    asked = world.one(e.SurveyOffered, FIRST)
    assert (asked.queue, asked.agent_ids) == ("support", ["1001"])
    scores = {event.question: event.score for event in world.events(e.SurveyAnswered, FIRST)}
    assert scores == {"service": 5, "solved": 0}
    for tally in (world.board.total, world.board.queues["support"]):
        assert (tally.surveys.offered, tally.surveys.rated, tally.surveys.satisfied) == (1, 1, 1)
    assert world.one(e.WrapUpEnded, FIRST)


def hangs_up_in_the_survey(world: World) -> None:
    rates(world)
    world.hang_up(FIRST)


def was_not_rated(world: World) -> None:
    assert world.one(e.SurveyOffered, FIRST)
    assert not world.events(e.SurveyAnswered)
    assert (world.board.total.surveys.rated, world.board.total.surveys.unrated) == (0, 1)


def hangs_up_at_the_second_question(world: World) -> None:
    rates(world, "3")
    world.hang_up(FIRST)


def took_part(world: World) -> None:
    assert world.one(e.SurveyAnswered, FIRST).question == "service"
    surveys = world.board.total.surveys
    assert (surveys.rated, surveys.satisfied, surveys.unrated) == (1, 0, 0)


def agent_hangs_up_without_survey(world: World) -> None:
    talk(world, digits="2")
    world.agent_hangs_up(FIRST)
    world.run(1)


def agent_ended_it(world: World) -> None:
    assert world.one(e.CallEnded, FIRST).by is EndedBy.AGENT
    assert not world.events(e.WrapUpEnded)


def agent_asks_for_hang_up(world: World) -> None:
    """Twice, as people do when nothing seems to happen."""
    talk(world)
    for _ in range(2):
        world.ask(c.HangUp("1001", FIRST))
        world.run(1)
    world.run(60)


def agent_asked_for_it(world: World) -> None:
    """As if it had been done at the phone: the survey follows."""
    assert world.one(e.SurveyOffered, FIRST)
    assert world.one(e.CallEnded, FIRST).by is EndedBy.FLOW
    assert world.one(e.WrapUpEnded, FIRST).wrap_up_ms == 10_000


def held_and_retrieved(world: World) -> None:
    talk(world)
    world.ask(c.Hold("1001", FIRST))
    world.run(7)
    world.ask(c.Retrieve("1001", FIRST))
    world.run(3)
    world.ask(c.Hold("1001", FIRST))
    world.run(2)
    world.hang_up(FIRST)


def was_held(world: World) -> None:
    assert world.one(e.AgentReleased, FIRST).hold_ms == 7_000 + 2_000
    assert len(world.events(e.CallHeld, FIRST)) == 2


def holds_and_hands_on(world: World) -> None:
    """Agent 1001 holds the caller, takes them back and sends them on; 1002 answers; the caller goes."""
    world.ask(c.Hold("1001", FIRST))
    world.run(2)
    world.ask(c.Retrieve("1001", FIRST))
    world.run(2)
    world.ask(c.Transfer("1001", FIRST, TransferKind.QUEUE, "support"))
    world.ask(c.Pause("1001", "break"))
    world.run(5)
    world.ready("1002")
    world.run(5)
    world.hang_up(FIRST)


def phone_holds(world: World) -> None:
    talk(world)
    for leg in world.agent_legs():
        world.switch.hold(leg, held=True)
    world.run(4)
    for leg in world.agent_legs():
        world.switch.hold(leg, held=False)
    world.run(1)
    world.hang_up(FIRST)


def phone_held(world: World) -> None:
    assert world.one(e.AgentReleased, FIRST).hold_ms == 4_000


# --- waiting -----------------------------------------------------------------------------------------------


def abandons(world: World, seconds: float) -> None:
    world.call(digits="1")
    world.run(seconds)
    world.hang_up(FIRST)


def nobody_answers(world: World) -> None:
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(40)
    world.hang_up(FIRST)


def next_agent_answered(world: World) -> None:
    offers = [(event.agent_id, event.end) for event in world.events(e.OfferEnded, FIRST)]
    assert offers == [("1001", "expired"), ("1002", "accepted")]
    assert world.one(e.AgentConnected, FIRST).agent_id == "1002"


def declined_by_command(world: World) -> None:
    world.ready("1001")
    world.call(digits="1")
    world.run(1)
    world.ask(c.Decline("1001", f"{FIRST}.o1"))
    world.ready("1002")
    world.run(5)
    world.hang_up(FIRST)


def other_agent_answered(world: World) -> None:
    assert [event.end for event in world.events(e.OfferEnded, FIRST)] == ["declined", "accepted"]
    assert world.one(e.AgentConnected, FIRST).agent_id == "1002"


def phone_declines(world: World) -> None:
    world.ready("1001", "1002")
    world.call(digits="1")
    world.run(5)
    world.hang_up(FIRST)


def all_busy(world: World) -> None:
    world.ready("1001")
    for _ in range(3):
        world.call(digits="1")
    for call in (FIRST, SECOND, THIRD):
        world.run(20)
        world.hang_up(call)


def in_order(world: World) -> None:
    answered = [event.call_id for event in world.events(e.AgentConnected)]
    assert answered == [FIRST, SECOND, THIRD]
    waits = [event.wait_ms for event in world.events(e.QueueLeft)]
    assert waits == sorted(waits)


def late_accept(world: World) -> None:
    """The phone is picked up in the very moment in which its time is over, and again after it."""
    world.ready("1001")
    world.call(digits="1")
    world.run(19.9)
    legs = world.agent_legs()
    world.run(0.2)
    for leg in legs:
        world.switch.answer(leg)
        world.deliver_answered(leg)
    world.run(3)
    world.hang_up(FIRST)


def was_too_late(world: World) -> None:
    assert [event.end for event in world.events(e.OfferEnded, FIRST)] == ["expired"]
    assert world.outcomes(FIRST) == [Q.ABANDONED]
