"""Walks: how past callers went through their flows, as a fold over the journal. Instants are ``int``
milliseconds since the Unix epoch, UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from callcenter.domain import events as e
from ivr_flows.effects import QueueOutcome


@dataclass(frozen=True, slots=True)
class Visit:
    """The call came to a node of a flow, which may be a sub-flow."""

    at: int
    node: str
    flow: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key pressed, at which place in the walk's ``nodes`` (-1: before the first); ``digit`` is ``?`` where
    the journal does not tell it, and all the keys of a number that was made up for one. ``spoken``: something
    was said instead, and ``digit`` is the choice that it was (empty: none, but kept whole)."""

    at: int
    digit: str
    place: int
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """A question of a survey was answered, at which place in the walk's ``nodes``."""

    at: int
    question: str
    score: int
    place: int


@dataclass(slots=True)
class Walk:
    """One caller's way: the nodes entered and the keys pressed, each with its instant, and how every stay in
    a queue ended that led back into the flow. ``ended_by`` is None while the call goes on."""

    call_id: str
    arrived_at: int
    did: str
    trunk: str
    caller: str
    language: str
    flow: str
    version: str = ""
    nodes: list[Visit] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    variables: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """By the place in ``nodes``: what the flow's variables were there, but for sensitive ones."""
    lists: set[str] = field(default_factory=set)
    """The lists of callers whose way the call went."""
    stays: dict[int, QueueOutcome] = field(default_factory=dict)
    """By the place in ``nodes`` of the node that queued."""
    ended_at: int | None = None
    ended_by: e.EndedBy | None = None

    @property
    def path(self) -> list[str]:
        """The nodes in order."""
        return [visit.node for visit in self.nodes]


class Walks:
    """Every event is handed to ``apply``, in order; ``done`` yields the walks of calls that are over."""

    KINDS: ClassVar = (
        *("CallArrived", "NodeEntered", "KeyPressed", "ChoiceSpoken", "QueueLeft", "AgentReleased"),
        *("CallEnded", "CallerListed", "SurveyAnswered"),
    )
    """The events that say something to it."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        if isinstance(event, e.CallArrived):
            self._walks[event.call_id] = Walk(
                event.call_id, event.at, event.did, event.trunk, event.caller, event.language, event.flow
            )
        elif (walk := self._walks.get(getattr(event, "call_id", None) or "")) is not None:
            _apply(walk, event)

    def done(self) -> Iterator[Walk]:
        """In the order in which the calls came."""
        return (walk for walk in self._walks.values() if walk.ended_by is not None and walk.nodes)


def _apply(walk: Walk, event: e.DomainEvent) -> None:
    here = len(walk.nodes) - 1
    match event:
        case e.NodeEntered():
            walk.nodes.append(Visit(event.at, event.node, event.flow))
            walk.version = event.version if event.flow == walk.flow else walk.version
            walk.variables[here + 1] = event.checkpoint.get("variables", {})
        case e.CallerListed():
            walk.lists.add(event.list)
        case e.KeyPressed():
            walk.keys.append(Key(event.at, event.digit, here))
        case e.ChoiceSpoken():
            walk.keys.append(Key(event.at, event.choice, here, spoken=True))
        case e.SurveyAnswered():
            walk.ratings.append(Rating(event.at, event.question, event.score, here))
        case e.QueueLeft():
            if (outcome := _outcome(event.outcome)) is not None:
                walk.stays[here] = outcome
        case e.AgentReleased():
            walk.stays[here] = QueueOutcome.AGENT_DONE
        case e.CallEnded():
            walk.ended_at, walk.ended_by = event.at, event.by


def _outcome(outcome: e.QueueOutcome) -> QueueOutcome | None:
    """By which way of its node a call comes back, if it does."""
    if outcome is e.QueueOutcome.CALLBACK_REQUESTED:
        return QueueOutcome.CALL_BACK
    word = outcome.value.removeprefix("overflow_")
    return QueueOutcome(word) if word in set(QueueOutcome) else None
