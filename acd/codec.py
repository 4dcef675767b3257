"""Router events, configurations and commands as JSON-able dicts, for the journal.

Byte-stable: equal values give equal dicts with their keys in the same order. Events come back equal to what
they were; commands are only written, since they follow from the events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

from acd import events as ev
from acd.commands import (
    ChangePresence,
    EndOffer,
    MakeOffer,
    NoteWaiting,
    OverflowCall,
    PauseOverdue,
    RouterCommand,
)
from acd.explain import Decision, WaitReason
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    PauseReason,
    QueueConfig,
    RelaxStep,
    SkillRequirement,
    Terms,
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
    "wrap_up_extended": ev.WrapUpExtended,
    "disposition_given": ev.DispositionGiven,
    "call_taken": ev.CallTaken,
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
    NoteWaiting: "note_waiting",
    PauseOverdue: "pause_overdue",
}
_KIND_OF_EVENT = {event: kind for kind, event in EVENT_KINDS.items()}
_FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (*_KIND_OF_EVENT, QueueConfig, AgentConfig, RelaxStep, Terms, PauseReason)
} | {kind: kind._fields for kind in COMMAND_KINDS}

_OPTIONAL = frozenset(
    (kind, field.name) for kind in _KIND_OF_EVENT for field in fields(kind) if field.default is not MISSING
)


def event_to_dict(event: ev.RouterEvent) -> dict[str, Any]:
    """``{"kind": ..., field: value, ...}``; ``event_from_dict`` reads it."""
    return {"kind": _KIND_OF_EVENT[type(event)], **_plain_fields(event)}


def event_from_dict(data: Mapping[str, Any]) -> ev.RouterEvent:
    """The event that ``event_to_dict`` wrote, perhaps before a field with a default was added; ValueError for
    an unknown kind, KeyError for a missing field."""
    kind = EVENT_KINDS.get(data["kind"])
    if kind is None:
        raise ValueError(f"{data['kind']!r} is no Router event; known are {', '.join(EVENT_KINDS)}")
    given = (name for name in _FIELDS[kind] if name in data or (kind, name) not in _OPTIONAL)
    return kind(**{name: _READERS.get(name, _as_it_is)(data[name]) for name in given})


def command_to_dict(command: RouterCommand) -> dict[str, Any]:
    """``{"kind": ..., field: value, ...}``, the Decision of an Offer included."""
    return {"kind": COMMAND_KINDS[type(command)], **_plain_fields(command)}


def config_to_dict(config: AcdConfig) -> dict[str, Any]:
    """The whole configuration, in its own order."""
    return {
        "version": config.version,
        "queues": {name: queue_to_dict(queue) for name, queue in config.queues.items()},
        "agents": {agent_id: _plain_fields(agent) for agent_id, agent in config.agents.items()},
        "call_choice": config.call_choice,
        "pause_reasons": {name: _plain_fields(reason) for name, reason in config.pause_reasons.items()},
        "seed": config.seed,
    }


def config_from_dict(data: Mapping[str, Any]) -> AcdConfig:
    """The configuration that ``config_to_dict`` wrote."""
    return AcdConfig(
        version=data["version"],
        queues={name: queue_from_dict(queue) for name, queue in data["queues"].items()},
        agents={agent_id: _agent_from_dict(agent_id, agent) for agent_id, agent in data["agents"].items()},
        call_choice=data.get("call_choice", "priority"),
        pause_reasons={name: PauseReason(**reason) for name, reason in data.get("pause_reasons", {}).items()},
        seed=data.get("seed", 0),
    )


def _agent_from_dict(agent_id: str, data: Mapping[str, Any]) -> AgentConfig:
    return AgentConfig(
        agent_id,
        dict(data["skills"]),
        tuple(data["queues"]),
        {queue: Terms(**terms) for queue, terms in data.get("terms", {}).items()},
        tuple(data.get("groups", ())),
        data.get("weight", 1),
    )


def queue_to_dict(queue: QueueConfig) -> dict[str, Any]:
    """One queue's configuration."""
    return _plain_fields(queue)


def queue_from_dict(data: Mapping[str, Any]) -> QueueConfig:
    """The queue that ``queue_to_dict`` wrote; a setting that is missing takes its default."""
    values = dict(data)
    values["requirements"] = requirements_from_list(data["requirements"])
    values["groups"] = tuple(data.get("groups", ()))
    values["steps"] = tuple(
        RelaxStep(**{**step, "drop": tuple(step["drop"]), "groups": tuple(step["groups"])})
        for step in data.get("steps", ())
    )
    values["overflow"] = {
        OverflowReason(reason): OverflowTarget(OverflowKind(target["kind"]), target["name"])
        for reason, target in data["overflow"].items()
    }
    return QueueConfig(**values)


def requirements_to_list(requirements: Sequence[SkillRequirement]) -> list[list[Any]]:
    """Rows of skill, level and weight."""
    return [list(need) for need in requirements]


def requirements_from_list(rows: Sequence[Sequence[Any]]) -> tuple[SkillRequirement, ...]:
    """The requirements that ``requirements_to_list`` wrote."""
    return tuple(SkillRequirement(*row) for row in rows)


def _plain_fields(value: Any) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in _FIELDS[type(value)]}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case str() | int() | float() | None:
            return value
        case RelaxStep() | Terms():
            return _plain_fields(value)
        case Decision() | WaitReason():
            return value.to_dict()
        case tuple():
            return [_plain(item) for item in value]
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
