"""The DomainEvents of one short answered call, grouped as the centre journals them."""

from __future__ import annotations

from typing import Any

from callcenter.domain import events as e

DECISION: dict[str, Any] = {
    "chosen_by": "call",
    "config_version": "0123456789ab",
    "candidates": [{"agent_id": "a001", "score": [-12000, 1]}, {"agent_id": "a002", "score": [-9000, 2]}],
    "available": 40,
    "removed": [{"rule": "busy", "detail": "", "count": 12}],
}


def life_of_a_call(number: int, at: int) -> list[list[e.DomainEvent]]:
    """What is appended to the journal during the call, append by append."""
    call, leg, agent, queue = f"c{number}.1", f"{number}.1", f"a{number % 200:03d}", "bench"
    offer, agent_leg = f"{call}-1", f"a-{call}-1"
    routing = e.RoutingInput(at, {"kind": "CallQueued", "call_id": call, "queue": queue, "queued_at": at})
    return [
        [
            e.CallArrived(
                at, call, leg, "city", "12345", "02112345678", "02112345678", "", False, "zh", "hotline"
            ),
            e.NodeEntered(at, call, "hotline", "0123456789ab", "wait", {"node": "wait"}),
            e.CallQueued(at, call, queue, at, 0),
            routing,
            e.OfferMade(at, call, offer, queue, agent, agent_leg, DECISION),
            e.PresenceChanged(at, agent, "offered", "", call),
        ],
        [
            e.RoutingInput(at + 9, {"kind": "OfferAccepted", "offer_id": offer}),
            e.OfferEnded(at + 9, call, offer, queue, agent, "accepted"),
            e.QueueLeft(at + 9, call, queue, e.QueueOutcome.ANSWERED, 9),
            e.PresenceChanged(at + 9, agent, "on_call", "", call),
            e.AgentConnected(at + 9, call, agent, agent_leg, queue),
            e.TicketAsked(at + 9, call, "consultation", "", queue),
        ],
        [e.TicketLinked(at + 15, call, f"T{number}", True)],
        [
            e.AgentReleased(at + 1009, call, agent, queue, 1000, 0),
            e.RoutingInput(at + 1009, {"kind": "AgentReleased", "agent_id": agent, "call_id": call}),
            e.PresenceChanged(at + 1009, agent, "ready", ""),
        ],
        [
            e.CallEnded(at + 1012, call, e.EndedBy.AGENT, "agent_hung_up"),
            e.CallSettled(at + 1012, call),
        ],
    ]
