"""The parts of a Router's snapshot: each to a JSON-able dict and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from acd.agent import AgentState
from acd.codec import queue_from_dict, queue_to_dict, requirements_from_list, requirements_to_list
from acd.commands import OfferEnd
from acd.line import Line
from acd.model import AgentConfig, Presence
from acd.offer import Offer
from acd.queued_call import Demand, QueuedCall

_AGENT_FACTS = tuple(
    field.name for field in fields(AgentState) if field.name not in ("config", "agent_id", "presence")
)
_CALL_FACTS = tuple(name for name in QueuedCall._fields if name not in ("requirements", "demand"))
_OFFER_FACTS = tuple(field.name for field in fields(Offer) if field.name != "end")


def agent_to_dict(agent: AgentState) -> dict[str, Any]:
    """The agent's facts; the configuration is kept elsewhere."""
    facts = {name: getattr(agent, name) for name in _AGENT_FACTS}
    return {"agent_id": agent.agent_id, "presence": agent.presence.value, **facts}


def agent_from_dict(data: dict[str, Any]) -> AgentState:
    """The agent, still without skills and queues."""
    facts = {name: data[name] for name in _AGENT_FACTS if name in data}
    return AgentState(AgentConfig(data["agent_id"]), presence=Presence(data["presence"]), **facts)


def call_to_dict(call: QueuedCall) -> dict[str, Any]:
    """The waiting call."""
    facts = {name: getattr(call, name) for name in _CALL_FACTS}
    demand = {name: getattr(call.demand, name) for name in ("agent_id", "waited_sec", "kept")}
    demand |= {
        "requirements": requirements_to_list(call.demand.requirements),
        "groups": list(call.demand.groups),
    }
    return {**facts, "requirements": requirements_to_list(call.requirements), "demand": demand}


def call_from_dict(data: dict[str, Any]) -> QueuedCall:
    """The waiting call."""
    facts = {name: data[name] for name in _CALL_FACTS if name in data}
    asked = data["demand"]
    demand = Demand(
        data["queue"],
        requirements_from_list(asked["requirements"]),
        asked["agent_id"],
        tuple(asked["groups"]),
        asked["waited_sec"],
        asked["kept"],
    )
    return QueuedCall(**facts, requirements=requirements_from_list(data["requirements"]), demand=demand)


def offer_to_dict(offer: Offer) -> dict[str, Any]:
    """The Offer, open or ended."""
    facts = {name: getattr(offer, name) for name in _OFFER_FACTS}
    return {**facts, "end": None if offer.end is None else offer.end.value}


def offer_from_dict(data: dict[str, Any]) -> Offer:
    """The Offer, open or ended."""
    facts = {name: data[name] for name in _OFFER_FACTS}
    return Offer(**facts, end=None if data["end"] is None else OfferEnd(data["end"]))


def line_to_dict(line: Line) -> dict[str, Any]:
    """The queue's own facts; its configuration too, since it may have left the configuration meanwhile."""
    return {
        "queue": queue_to_dict(line.queue),
        "is_open": line.is_open,
        "handle_ms": line.handle_ms,
        "handled": line.handled,
    }


def line_from_dict(data: dict[str, Any]) -> Line:
    """The queue without its calls."""
    line = Line(queue_from_dict(data["queue"]))
    line.is_open, line.handle_ms, line.handled = data["is_open"], data["handle_ms"], data.get("handled", 0)
    return line
