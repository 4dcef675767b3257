"""What the journal holds of the Router's commands, in the form in which ``acd.codec`` writes commands."""

from __future__ import annotations

from typing import Any

from callcenter.domain import events as e

OVERFLOW = "overflow_"
"""How the name of an outcome begins that the Router brought about."""


def recorded_command(event: e.DomainEvent) -> dict[str, Any] | None:
    """The command of which this event is the fact; None for an event that the Router did not bring about.
    What an older journal did not record yet is left out."""
    match event:
        case e.OfferMade():
            return {
                "kind": "make_offer",
                "offer_id": event.offer_id,
                "call_id": event.call_id,
                "agent_id": event.agent_id,
                "queue": event.queue,
                **({"expires_at": event.expires_at} if event.expires_at else {}),
                "decision": event.decision,
            }
        case e.OfferEnded():
            return {
                "kind": "end_offer",
                "offer_id": event.offer_id,
                "call_id": event.call_id,
                "agent_id": event.agent_id,
                "queue": event.queue,
                "end": event.end,
            }
        case e.QueueLeft() if event.overflow is not None or event.outcome.startswith(OVERFLOW):
            return {
                "kind": "overflow_call",
                "call_id": event.call_id,
                "queue": event.queue,
                **_overflow(event),
            }
        case e.PresenceChanged():
            return {
                "kind": "change_presence",
                "agent_id": event.agent_id,
                "presence": event.presence,
                "reason": event.reason,
                "call_id": event.call_id,
                "until_at": event.until_at,
            }
        case e.CallWaits():
            return {"kind": "note_waiting", "reason": event.reason}
        case e.PauseOverdue():
            return {"kind": "pause_overdue", "agent_id": event.agent_id, "reason": event.reason}
        case _:
            return None


def _overflow(event: e.QueueLeft) -> dict[str, Any]:
    if event.overflow is None:  # when each reason had an outcome of its own
        return {"reason": event.outcome.removeprefix(OVERFLOW)}
    target = {name: event.overflow[name] for name in ("kind", "name")}
    return {"reason": event.overflow["reason"], "target": target}
