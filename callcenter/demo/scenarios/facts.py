"""How a call was routed, read out of its journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from acd.commands import OfferEnd
from acd.explain import Decision, Removal, WaitReason
from callcenter.demo.evidence import Evidence
from callcenter.domain import events as e
from callcenter.domain.call import Call

Fact = TypeVar("Fact", bound=e.DomainEvent)


def facts(call: Call, kind: type[Fact]) -> list[Fact]:
    """The call's facts of this kind, in their order."""
    return [event for event in call.history if isinstance(event, kind)]


def accepted(call: Call) -> Decision | None:
    """Why the call was offered to the agent who accepted it first."""
    taken = {end.offer_id for end in facts(call, e.OfferEnded) if end.end == OfferEnd.ACCEPTED}
    made = (offer for offer in facts(call, e.OfferMade) if offer.offer_id in taken)
    return next((Decision.from_dict(offer.decision) for offer in made), None)


def waits(call: Call) -> list[WaitReason]:
    """Why the call waited although agents were ready, each time that this was looked at."""
    return [WaitReason.from_dict(fact.reason) for fact in facts(call, e.CallWaits)]


def kept_from(reason: WaitReason | Decision, agent_id: str) -> Removal | None:
    """What kept the agent from the call; None if nothing did."""
    return next((removal for removal in reason.removed if agent_id in removal.agents), None)


def answered_by(call: Call, agent_id: str) -> Iterator[str]:
    """What is wrong unless the call was last with this agent."""
    if call.agent_id != agent_id:
        yield f"agent {call.agent_id or 'nobody'} got the call, not {agent_id}"


def presence_before(found: Evidence, agent_id: str, at: int) -> e.PresenceChanged | None:
    """What the agent did just before this instant, and since when; None when nothing was told of it."""
    told = [known for known in found.presences if known.agent_id == agent_id and known.at < at]
    return told[-1] if told else None


def seconds(span_ms: int) -> str:
    """For people."""
    return f"{span_ms / 1000:.1f} s"
