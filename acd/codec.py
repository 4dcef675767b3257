"""Router events, configurations and commands as JSON-able dicts, for the journal.

Byte-stable: equal values give equal dicts with their keys in the same order. Events come back equal to what
they were; commands are only written, since they follow from the events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from typing import Any

from acd import events as ev
from acd.commands import ChangePresence, EndOffer, MakeOffer, OverflowCall, RouterCommand
from acd.explain import Decision
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    SkillRequirement,
)

EVENT_KINDS: Mapping[str, type[ev.RouterEvent]] = {
    "agent_logged_in": ev.AgentLoggedIn,
    "agent_logged_out": ev.AgentLoggedOut,
    "agent_ready": ev.AgentReady,
    "agent_paused": ev.AgentPaused,
    "phone_reachable": ev.PhoneReachable,
    "call_queued": ev.CallQueued,
    "call_left": ev.CallLeft,
    "offer_accepted": ev.OfferAccepted,
    "offer_failed": ev.OfferFailed,
    "agent_released": ev.AgentReleased,
    "wrap_up_ended": ev.WrapUpEnded,
    "queue_opened": ev.QueueOpened,
    "queue_closed": ev.QueueClosed,
    "config_changed": ev.ConfigChanged,
    "deadline_reached": ev.DeadlineReached,
}
COMMAND_KINDS: Mapping[type[RouterCommand], str] = {
    MakeOffer: "make_offer",
    EndOffer: "end_offer",
    OverflowCall: "overflow_call",
    ChangePresence: "change_presence",
}
_KIND_OF_EVENT = {event: kind for kind, event in EVENT_KINDS.items()}
_FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (*_KIND_OF_EVENT, *COMMAND_KINDS, QueueConfig)
}


def event_to_dict(event: ev.RouterEvent) -> dict[str, Any]:
    """``{"kind": ..., field: value, ...}``; ``event_from_dict`` reads it."""
    return {"kind": _KIND_OF_EVENT[type(event)], **_plain_fields(event)}


def event_from_dict(data: Mapping[str, Any]) -> ev.RouterEvent:
    """The event that ``event_to_dict`` wrote; ValueError for an unknown kind, KeyError for a missing
    field."""
    kind = EVENT_KINDS.get(data["kind"])
    if kind is None:
        raise ValueError(f"{data['kind']!r} is no Router event; known are {', '.join(EVENT_KINDS)}")
    return kind(**{name: _READERS.get(name, _as_it_is)(data[name]) for name in _FIELDS[kind]})


def command_to_dict(command: RouterCommand) -> dict[str, Any]:
    """``{"kind": ..., field: value, ...}``, the Decision of an Offer included."""
    return {"kind": COMMAND_KINDS[type(command)], **_plain_fields(command)}


def config_to_dict(config: AcdConfig) -> dict[str, Any]:
    """The whole configuration, in its own order."""
    return {
        "version": config.version,
        "queues": {name: queue_to_dict(queue) for name, queue in config.queues.items()},
        "agents": {
            agent_id: {"skills": dict(agent.skills), "queues": list(agent.queues)}
            for agent_id, agent in config.agents.items()
        },
    }


def config_from_dict(data: Mapping[str, Any]) -> AcdConfig:
    """The configuration that ``config_to_dict`` wrote."""
    return AcdConfig(
        version=data["version"],
        queues={name: queue_from_dict(queue) for name, queue in data["queues"].items()},
        agents={
            agent_id: AgentConfig(agent_id, dict(agent["skills"]), tuple(agent["queues"]))
            for agent_id, agent in data["agents"].items()
        },
    )


def queue_to_dict(queue: QueueConfig) -> dict[str, Any]:
    """One queue's configuration."""
    return _plain_fields(queue)


def queue_from_dict(data: Mapping[str, Any]) -> QueueConfig:
    """The queue that ``queue_to_dict`` wrote; a setting that is missing takes its default."""
    values = dict(data)
    values["requirements"] = requirements_from_list(data["requirements"])
    values["overflow"] = {
        OverflowReason(reason): OverflowTarget(OverflowKind(target["kind"]), target["name"])
        for reason, target in data["overflow"].items()
    }
    return QueueConfig(**values)


def requirements_to_list(requirements: Sequence[SkillRequirement]) -> list[list[Any]]:
    """Rows of skill and level."""
    return [[requirement.skill, requirement.level] for requirement in requirements]


def requirements_from_list(rows: Sequence[Sequence[Any]]) -> tuple[SkillRequirement, ...]:
    """The requirements that ``requirements_to_list`` wrote."""
    return tuple(SkillRequirement(skill, level) for skill, level in rows)


def _plain_fields(value: Any) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in _FIELDS[type(value)]}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case tuple():
            return requirements_to_list(value)
        case Decision():
            return value.to_dict()
        case AcdConfig():
            return config_to_dict(value)
        case OverflowTarget():
            return {"kind": value.kind.value, "name": value.name}
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case _:
            return value


def _as_it_is(value: Any) -> Any:
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "requirements": requirements_from_list,
    "failure": ev.OfferFailure,
    "config": config_from_dict,
}
