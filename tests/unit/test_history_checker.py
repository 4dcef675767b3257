"""The history checker: silent over a sound history, and loud over each thing that cannot have been."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from busy_hour import BusyHour, acd_config

from callcenter.adapters.journal_segments import events_since
from callcenter.domain import events as e
from callcenter.replay.history import wrong_in


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> list[e.DomainEvent]:
    """A quarter of an hour with offers declined and expired, transfers and pauses."""
    directory: Path = tmp_path_factory.mktemp("history") / "journal"
    quarter = BusyHour(directory, acd_config(agents=20), seed=5)
    quarter.staff()
    quarter.callers(250, 800)
    quarter.pauses(20, 800)
    quarter.run(900)
    quarter.end()
    read = events_since(directory, None)
    assert read is not None
    return [event for _, event in read[1]]


def first(events: list[e.DomainEvent], kind: type, **fields: object) -> int:
    """The place of the first such event."""
    return next(
        index
        for index, event in enumerate(events)
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items())
    )


def test_a_sound_history(sound: list[e.DomainEvent]) -> None:
    """Hundreds of calls, and nothing to say of them."""
    assert sum(isinstance(event, e.AgentConnected) for event in sound) > 100
    assert wrong_in(sound) == []


def test_two_agents_in_one_call(sound: list[e.DomainEvent]) -> None:
    """A second agent connected to the same call."""
    index = first(sound, e.AgentConnected)
    connected = sound[index]
    assert isinstance(connected, e.AgentConnected)
    other = replace(connected, agent_id="somebody else")
    wrong = wrong_in([*sound[: index + 1], other])
    assert any(f"talks with {connected.agent_id} and somebody else" in told for told in wrong)


def test_two_calls_of_one_agent(sound: list[e.DomainEvent]) -> None:
    """The end of a talk is missing: the agent is offered the next call though still talking."""
    index = first(sound, e.AgentReleased)
    assert any("talks in" in told for told in wrong_in([*sound[:index], *sound[index + 1 :]]))


def test_an_agent_who_was_not_ready(sound: list[e.DomainEvent]) -> None:
    """Offered while paused."""
    index = first(sound, e.OfferMade)
    made = sound[index]
    assert isinstance(made, e.OfferMade)
    paused = e.PresenceChanged(made.at, made.agent_id, "not_ready", "lunch")
    assert any("is not_ready" in told for told in wrong_in([*sound[:index], paused, *sound[index:]]))


def test_a_call_with_two_outcomes(sound: list[e.DomainEvent]) -> None:
    """It left the same queue twice."""
    index = first(sound, e.QueueLeft)
    assert any("left a queue it was not in" in told for told in wrong_in([*sound[: index + 1], sound[index]]))


def test_a_zombie_offer(sound: list[e.DomainEvent]) -> None:
    """An Offer that never ended, though its call is long settled."""
    index = first(sound, e.OfferEnded, end="declined")
    assert any(
        "phones ring" in told or "rings" in told for told in wrong_in([*sound[:index], *sound[index + 1 :]])
    )


def test_a_call_that_jumped_the_line(sound: list[e.DomainEvent]) -> None:
    """The decision itself names a call of the same queue that was first."""
    index = first(sound, e.OfferMade)
    made = sound[index]
    assert isinstance(made, e.OfferMade)
    competing = [["c-first", made.queue, made.decision["order_at"] - 1]]
    unjust = replace(made, decision={**made.decision, "competing": competing})
    wrong = wrong_in([*sound[:index], unjust])
    assert any("went before c-first" in told for told in wrong)


def test_a_presence_out_of_nowhere(sound: list[e.DomainEvent]) -> None:
    """From wrap-up straight to a call: no way leads there."""
    index = first(sound, e.PresenceChanged, presence="wrap_up")
    changed = sound[index]
    assert isinstance(changed, e.PresenceChanged)
    jump = replace(changed, presence="on_call")
    assert any("from wrap_up to on_call" in told for told in wrong_in([*sound[: index + 1], jump]))
