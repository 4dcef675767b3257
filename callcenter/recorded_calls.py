"""RecordedCalls: how past calls came, waited and were handled, and when agents were there, as a fold over the
journal. Instants are ``int`` milliseconds since the Unix epoch, UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from acd.commands import OfferEnd
from acd.model import Presence
from callcenter.domain import events as e

AT_WORK = frozenset({Presence.READY, Presence.OFFERED, Presence.ON_CALL, Presence.WRAP_UP})
"""Presences in which an agent serves callers, or would."""
WITH_A_CALL = AT_WORK - {Presence.READY}


@dataclass(slots=True)
class RecordedCall:
    """One time a call was in a queue. ``wait_ms`` counts from ``queued_at``; ``outcome`` is None while it
    waits. ``talk_ms`` (hold included) and ``wrap_up_ms`` are None until they are over, or for good when no
    agent handles the call; an agent who needs no wrap-up has one of 0 ms.

    ``has_moved``: the wait began in another queue, out of which the call overflowed or was sent.
    """

    call_id: str
    queued_at: int
    queue: str
    priority: int
    skills: Mapping[str, int]
    has_moved: bool
    wait_ms: int = 0
    outcome: e.QueueOutcome | None = None
    talk_ms: int | None = None
    wrap_up_ms: int | None = None

    @property
    def handle_ms(self) -> int | None:
        """Talk, hold and wrap-up; None unless an agent has handled the call, to the end of the wrap-up."""
        if self.talk_ms is None or self.wrap_up_ms is None:
            return None
        return self.talk_ms + self.wrap_up_ms


@dataclass(slots=True)
class RecordedCalls:
    """Every event is handed to ``apply``, in order; then ``calls`` are those that were queued, by the time at
    which they were, and ``attendance`` tells when agents were there."""

    KINDS: ClassVar = (
        *("CallQueued", "OfferMade", "OfferEnded", "QueueLeft"),
        *("AgentReleased", "WrapUpEnded", "PresenceChanged"),
    )
    """The events that say something to it."""
    calls: list[RecordedCall] = field(default_factory=list)
    rings_ms: list[int] = field(default_factory=list)
    """How long phones rang that were answered."""
    _ringing_since: dict[str, int] = field(default_factory=dict)
    _latest: dict[str, RecordedCall] = field(default_factory=dict)
    _handled: dict[str, RecordedCall] = field(default_factory=dict)
    """The call after which an agent's wrap-up is not over yet, as far as is known."""
    _at_work_since: dict[str, int] = field(default_factory=dict)
    _spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _heard_of: set[str] = field(default_factory=set)
    _began_at: int | None = None

    def begin(self, presences: Mapping[str, str], at: int) -> None:
        """What agents did when the events begin, as a snapshot knows it. An agent of whom it knows nothing
        and who is first heard of with a call in hand was at work then."""
        self._began_at = at
        for agent_id, presence in presences.items():
            self._presence(agent_id, presence, at)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        match event:
            case e.CallQueued(virtual=False):  # a promised call-back is no second arrival
                queued = RecordedCall(
                    event.call_id,
                    event.queued_at,
                    event.queue,
                    event.priority,
                    dict(event.skills),
                    has_moved=event.queued_at < event.at,
                )
                self.calls.append(queued)
                self._latest[event.call_id] = queued
            case e.OfferMade():
                self._ringing_since[event.offer_id] = event.at
            case e.OfferEnded():
                began_at = self._ringing_since.pop(event.offer_id, None)
                if began_at is not None and event.end == OfferEnd.ACCEPTED:
                    self.rings_ms.append(event.at - began_at)
            case e.QueueLeft():
                if call := self._queued(event.call_id, event.queue):
                    call.outcome, call.wait_ms = event.outcome, event.wait_ms
            case e.AgentReleased():
                if call := self._queued(event.call_id, event.queue):
                    call.talk_ms = (call.talk_ms or 0) + event.talk_ms + event.hold_ms
                    self._handled[event.agent_id] = call
            case e.WrapUpEnded():
                self._wrapped_up(event.agent_id, event.wrap_up_ms)
            case e.PresenceChanged():
                self._presence(event.agent_id, event.presence, event.at)
                if event.presence != Presence.WRAP_UP:
                    self._wrapped_up(event.agent_id, 0)
            case _:
                pass

    def attendance(self, since: int, until: int) -> dict[str, tuple[tuple[int, int], ...]]:
        """When each agent was at work between the two instants: (first ms, ms after the last)."""
        spans = {agent_id: list(found) for agent_id, found in self._spans.items()}
        for agent_id, began_at in self._at_work_since.items():
            spans.setdefault(agent_id, []).append((began_at, until))
        inside = {
            agent_id: tuple(
                (max(first, since), min(last, until))
                for first, last in found
                if max(first, since) < min(last, until)
            )
            for agent_id, found in sorted(spans.items())
        }
        return {agent_id: found for agent_id, found in inside.items() if found}

    def _queued(self, call_id: str, queue: str) -> RecordedCall | None:
        call = self._latest.get(call_id)
        return call if call is not None and call.queue == queue else None

    def _wrapped_up(self, agent_id: str, wrap_up_ms: int) -> None:
        """By agent, because the call may be in another queue by now."""
        if (call := self._handled.pop(agent_id, None)) is not None:
            call.wrap_up_ms = (call.wrap_up_ms or 0) + wrap_up_ms

    def _presence(self, agent_id: str, presence: str, at: int) -> None:
        if self._began_at is not None and agent_id not in self._heard_of and presence in WITH_A_CALL:
            at = self._began_at
        self._heard_of.add(agent_id)
        if presence in AT_WORK:
            self._at_work_since.setdefault(agent_id, at)
        elif (began_at := self._at_work_since.pop(agent_id, None)) is not None:
            self._spans.setdefault(agent_id, []).append((began_at, at))


def requests(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    """Each wait of a caller once: a call that moved from queue to queue stands in the first of them, with the
    outcome and the talk that it had in the last."""
    by_call: dict[str, RecordedCall] = {}
    found: list[RecordedCall] = []
    for call in calls:
        first = by_call.get(call.call_id)
        if call.has_moved and first is not None:
            first.wait_ms, first.outcome = call.wait_ms, call.outcome
            first.talk_ms, first.wrap_up_ms = call.talk_ms, call.wrap_up_ms
            continue
        copy = replace(call)
        by_call[call.call_id] = copy
        found.append(copy)
    return found
