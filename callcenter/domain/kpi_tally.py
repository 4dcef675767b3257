"""What is counted, and how: the counts of a queue, of an agent, of all calls, over any time.

The board of the day (``kpi``) and the ledger of all intervals (``kpi_ledger``) count with nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callcenter.domain import events as e

WITHIN_SEC = (15, 20, 30)
"""The N of N 秒人工接通率 that buyers ask for."""


@dataclass(slots=True)
class CallBacks:
    """Promises to call back. ``reached``: the caller talked with an agent; ``ended``: by why there was no
    talk (events.CallBackEnd); ``owed``: those still to be kept, with the instant of the place they hold."""

    promised: int = 0
    reached: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)

    def over(self, event: e.AgentConnected | e.CallEnded) -> None:
        """A promise has come to its one end."""
        match event:
            case e.AgentConnected():
                self.reached += 1
            case e.CallEnded():
                _count(self.ended, event.reason)

    @property
    def identity_holds(self) -> bool:
        """promised = reached + ended without a talk + still owed."""
        return self.promised == self.reached + sum(self.ended.values()) + len(self.owed)


@dataclass(slots=True)
class Surveys:
    """Calls whose callers were asked how it was. ``rated``: the first question was answered, ``satisfied`` of
    them as a satisfied caller does; ``unrated``: the call ended without; ``open``: those asked just now."""

    offered: int = 0
    rated: int = 0
    satisfied: int = 0
    unrated: int = 0
    open: int = 0

    def asked(self) -> None:
        """One more caller is being asked."""
        self.offered += 1
        self.open += 1

    def over(self, answer: e.SurveyAnswered | None) -> None:
        """A caller has answered the first question, or (None) gone without."""
        self.open -= 1
        if answer is None:
            self.unrated += 1
        else:
            self.rated += 1
            self.satisfied += answer.satisfied

    @property
    def identity_holds(self) -> bool:
        """offered = rated + unrated + still open; nobody is satisfied who did not rate."""
        return self.offered == self.rated + self.unrated + self.open and self.satisfied <= self.rated


@dataclass(slots=True)
class Tally:
    """The counts of one queue, or of all. Names of outcomes are values of events.QueueOutcome."""

    offered: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    answered_wait_ms: int = 0
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    handled: int = 0
    offers: dict[str, int] = field(default_factory=dict)
    call_backs: CallBacks = field(default_factory=CallBacks)
    surveys: Surveys = field(default_factory=Surveys)

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> Tally:
        """The tally as ``asdict`` wrote it, perhaps before there were call-backs or surveys."""
        call_backs, surveys = state.get("call_backs", {}), state.get("surveys", {})
        return Tally(**{**state, "call_backs": CallBacks(**call_backs), "surveys": Surveys(**surveys)})

    def left(self, event: e.QueueLeft, *, in_time: bool) -> None:
        """A call left the queue; ``in_time``: within the service-level threshold."""
        _count(self.outcomes, event.outcome.value)
        if event.outcome is e.QueueOutcome.ANSWERED:
            self.answered_wait_ms += event.wait_ms
            self.answered_in_time += in_time
        elif event.outcome in (e.QueueOutcome.ABANDONED, e.QueueOutcome.SHORT_ABANDONED):
            self.abandoned_in_time += in_time

    def worked(self, event: e.OfferEnded | e.AgentReleased | e.WrapUpEnded) -> None:
        """An agent was rung, talked, or has done what followed the talk."""
        match event:
            case e.OfferEnded():
                _count(self.offers, event.end)
            case _:
                _add_work(self, event)

    @property
    def identity_holds(self) -> bool:
        """offered = sum of outcomes + still waiting; every promised call-back has come to its one end, and
        everybody asked how it was has said so or not."""
        return (
            self.offered == sum(self.outcomes.values()) + len(self.waiting)
            and self.call_backs.identity_holds
            and self.surveys.identity_holds
        )

    def outcome(self, *outcomes: e.QueueOutcome) -> int:
        """How many calls had one of these outcomes."""
        return sum(self.outcomes.get(outcome.value, 0) for outcome in outcomes)


class Request(StrEnum):
    """What a live call has come to."""

    NONE = "none"
    ASKED = "asked"
    PROMISED = "promised"
    ANSWERED = "answered"


@dataclass(slots=True)
class Requests:
    """Calls, each counted once however many queues it went through."""

    calls_in: int = 0
    asked: int = 0
    answered: int = 0
    answered_within: dict[str, int] = field(default_factory=dict)
    lost: int = 0

    def queued(self, call: Request) -> Request:
        """The call asks for a human; what it has come to."""
        self.asked += call is Request.NONE
        return Request.ASKED if call in (Request.NONE, Request.PROMISED) else call

    def left(self, call: Request, event: e.QueueLeft) -> Request:
        """The call left a queue; what it has come to."""
        if event.outcome is e.QueueOutcome.CALLBACK_REQUESTED:
            return Request.PROMISED  # not lost; asks anew if it comes back to a queue
        if event.outcome is not e.QueueOutcome.ANSWERED or call is not Request.ASKED:
            return call
        self.answered += 1
        for seconds in WITHIN_SEC:
            _count(self.answered_within, str(seconds), event.wait_ms <= seconds * 1000)
        return Request.ANSWERED


@dataclass(slots=True)
class AgentTime:
    """How long an agent was in each Presence today (``since_at`` is when the present one began), and the
    talks that ended today: how many, and their spans."""

    presence: str
    since_at: int
    spent_ms: dict[str, int] = field(default_factory=dict)
    handled: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0

    def worked(self, event: e.AgentReleased | e.WrapUpEnded) -> None:
        """The agent talked, or has done what followed the talk."""
        _add_work(self, event)

    @property
    def tally(self) -> Tally:
        """The talks, as those of a queue are counted."""
        return Tally(
            talk_ms=self.talk_ms, hold_ms=self.hold_ms, wrap_up_ms=self.wrap_up_ms, handled=self.handled
        )

    def at(self, now: int) -> dict[str, int]:
        """Time per Presence, the running one included."""
        spent = dict(self.spent_ms)
        spent[self.presence] = spent.get(self.presence, 0) + max(0, now - self.since_at)
        return spent


def _add_work(counts: Tally | AgentTime, event: e.AgentReleased | e.WrapUpEnded) -> None:
    match event:
        case e.AgentReleased():
            counts.talk_ms += event.talk_ms
            counts.hold_ms += event.hold_ms
            counts.handled += 1
        case e.WrapUpEnded():
            counts.wrap_up_ms += event.wrap_up_ms


def _count(counts: dict[str, int], name: str, by: int = 1) -> None:
    counts[name] = counts.get(name, 0) + by
