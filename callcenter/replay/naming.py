"""Naming: whom a stored reason of a large centre counts without naming, found by deciding once more.

A Decision of more than acd.explain.NAMED_AGENTS agents says how many each rule removed, not whom. The journal
knows: the Router as it was just before that input, told the input again by a matching that names everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acd.commands import MakeOffer, NoteWaiting, RouterCommand
from acd.explain import Candidate, Decision, Removal, WaitReason
from acd.matching import ScanMatching, removals
from acd.queued_call import Demand, QueuedCall
from acd.replay import begun, retold
from acd.router import Router
from callcenter.domain import events as e

Reasoned = e.OfferMade | e.CallWaits
"""What the journal keeps a reason with."""


def reason_of(event: Reasoned) -> Decision | WaitReason:
    """The stored reason. Raises LookupError or ValueError for one that this release cannot read."""
    if isinstance(event, e.OfferMade):
        return Decision.from_dict(event.decision)
    return WaitReason.from_dict(event.reason)


def names(reason: Decision | WaitReason, agent_id: str) -> bool:
    """The reason tells by itself what it was with this agent."""
    if any(agent_id in removal.agents for removal in reason.removed):
        return True
    if isinstance(reason, WaitReason):
        return agent_id in reason.offered_to
    return any(agent_id == candidate.agent_id for candidate in reason.candidates)


class Naming:
    """Takes the events of a journal, in order, each once, from before ``wanted`` on; then ``found`` has the
    reasons of those with everybody named, by their place in ``wanted``.

    One whose decision does not come out as it is stored is left out: it was made by another release. Instants
    are ``int`` milliseconds since the Unix epoch, UTC.
    """

    def __init__(self, snapshot: Mapping[str, Any] | None, wanted: Sequence[Reasoned]) -> None:
        """Begin with a snapshot of the journal (``callcenter.controller.memory``), or where it has none.
        ValueError for a snapshot with a faulty configuration."""
        past = snapshot or {}
        self.found: dict[int, Decision | WaitReason] = {}
        self._router = begun(past.get("acd"), past.get("router"))
        self._configured = snapshot is not None
        self._wanted = dict(enumerate(wanted))
        self._last_at = max((event.at for event in wanted), default=0)
        self._input: e.RoutingInput | None = None
        self._named: list[RouterCommand] | None = None
        """What follows from the input in hand, with everybody named; None until somebody asks."""

    def take(self, event: e.DomainEvent) -> bool:
        """The next event; False when none of the following is of interest."""
        match event:
            case e.RoutingInput():
                return self._told(event)
            case e.OfferMade() | e.CallWaits() if self._input is not None:
                for place in [place for place, wanted in self._wanted.items() if wanted == event]:
                    del self._wanted[place]
                    if (reason := self._reason(event)) is not None:
                        self.found[place] = reason
        return bool(self._wanted) and event.at <= self._last_at

    def _told(self, event: e.RoutingInput) -> bool:
        """The facts of an input lie behind it: the Router is told it only when the next one comes."""
        if not self._configured and event.event["kind"] != "config_changed":
            return False  # the record begins in the middle
        try:
            if self._input is not None:
                retold(self._router, self._input.event, self._input.at)
        except KeyError:
            return False  # written by another release
        self._configured = True
        self._input, self._named = event, None
        return event.at <= self._last_at

    def _reason(self, event: Reasoned) -> Decision | WaitReason | None:
        """The reason of this fact of the input in hand, with everybody named."""
        if self._named is None and self._input is not None:
            router = Router.restored(self._router.config, self._router.snapshot(), _NamingMatching)
            try:
                self._named = retold(router, self._input.event, self._input.at)
            except KeyError:
                return None
        for command in self._named or ():
            match command, event:
                case MakeOffer(), e.OfferMade() if command.offer_id == event.offer_id:
                    named: Decision | WaitReason = command.decision
                case NoteWaiting(), e.CallWaits() if command.reason.call_id == event.call_id:
                    named = command.reason
                case _:
                    continue
            return named if _unnamed(named) == _unnamed(reason_of(event)) else None
        return None


class _NamingMatching(ScanMatching):
    """Decides as always, and names every agent who was removed and every candidate."""

    def removed(self, demand: Demand) -> tuple[Removal, ...]:
        others = [agent for agent in self._agents.values() if agent.agent_id != self._held]
        return removals(others, demand, names=True)

    def candidates(self, call: QueuedCall, now: int, limit: int) -> tuple[list[Candidate], int]:
        return super().candidates(call, now, limit=len(self._agents))


def _unnamed(reason: Decision | WaitReason) -> tuple[Any, ...]:
    """What a reason says in any centre, however many its agents are."""
    removed = {(removal.rule, removal.detail): removal.number for removal in reason.removed}
    if isinstance(reason, Decision):
        return (reason.agent_id, reason.queue, reason.at, reason.candidate_count, reason.order_at, removed)
    return reason.call_id, reason.queue, reason.at, reason.ahead, removed
