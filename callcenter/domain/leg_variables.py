"""What the legs of a call keep of it in the switch, for a controller to which nothing else tells of the call.

The journal is the record, and is believed first. When it is lost, or lags behind what happened, whoever waits
keeps the place in line and whoever talks goes on talking by what stands here. A caller in the IVR is told
nothing of: that call begins its flow anew.

The caller's leg tells of the place while the call waits and no phone rings for it; the legs that we dial tell
of it from the first, which costs the switch no word more. All values are text; instants are ``int``
milliseconds since the Unix epoch, UTC. Values may be personal data: never log them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from callcenter.domain.call import Call

CALL: Final = "CC_CALL"
AGENT: Final = "CC_AGENT"
PHONE: Final = "CC_PHONE"
RUNG_AT: Final = "CC_RUNG_AT"
QUEUE: Final = "CC_QUEUE"
QUEUED_AT: Final = "CC_QUEUED_AT"
ENTERED_AT: Final = "CC_ENTERED_AT"
PLACE_AT: Final = "CC_PLACE_AT"
PRIORITY: Final = "CC_PRIORITY"
SKILLS: Final = "CC_SKILLS"
ONLY_AGENT: Final = "CC_ONLY_AGENT"
FLOW: Final = "CC_FLOW"
NUMBER: Final = "CC_NUMBER"
SHOWN: Final = "CC_SHOWN"
TRUNK: Final = "CC_TRUNK"
OUTSIDE: Final = "CC_OUTSIDE"
RECORD: Final = "CC_RECORD"
RECORDING: Final = "CC_RECORDING"
"""On the caller's leg: where the recording that runs on it is filed (recorder.policy, ``path_stem``)."""
CONSULT: Final = "CC_CONSULT"

OF_PLACE: Final = (QUEUE, QUEUED_AT, ENTERED_AT, PLACE_AT, PRIORITY, SKILLS, ONLY_AGENT, FLOW)
"""What ``of_place`` names."""
MAX_FLOW: Final = 350
MAX_TOLD: Final = 700
"""Bytes of all that a leg is told at once; a leg has 900 for everything (switch.SetVariables)."""
_DISPENSABLE: Final = (FLOW, SKILLS)
_OF_CHECKPOINT: Final = ("flow", "version", "node", "language", "question", "within", "variables", "sealed")
_VALUES: Final = ("variables", "sealed")


@dataclass(frozen=True, slots=True)
class ToldByLeg:
    """What one leg tells; empty, 0 or None where it tells nothing.

    ``agent_id`` works at ``phone``, which was rung at ``rung_at``, ``for_consult`` or for the caller.
    ``queue`` to ``only_agent_id`` are the place in line as in events.CallQueued (``entered_at`` is its
    ``at``); ``checkpoint`` is where the flow stands. ``number``, ``shown`` and ``trunk`` are given for a
    party whom the centre called. The leg of an outside party, with whom the caller is left, tells so
    (``outside``); ``by_flow`` and ``record`` are as in events.OutsideDialled.
    """

    call_id: str = ""
    agent_id: str = ""
    phone: str = ""
    rung_at: int = 0
    for_consult: bool = False
    queue: str = ""
    queued_at: int = 0
    entered_at: int = 0
    place_at: int | None = None
    priority: int = 0
    skills: Mapping[str, int] = field(default_factory=dict)
    only_agent_id: str | None = None
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    shown: str = ""
    trunk: str = ""
    outside: bool = False
    by_flow: bool = False
    record: bool = False


def of_place(call: Call) -> dict[str, str]:
    """Where the call waits, or waited last; nothing for one that never did."""
    return _bounded(_place(call))


def of_agent(call: Call, agent_id: str, phone: str, now: int) -> dict[str, str]:
    """For the leg of an agent's phone that is rung for the call."""
    told = {CALL: call.call_id, AGENT: agent_id, PHONE: phone, RUNG_AT: str(now)}
    if call.consult is not None:
        told[CONSULT] = "1"
    return _bounded(told | _place(call))


def of_party(call: Call, queue: str, now: int) -> dict[str, str]:
    """For the leg of somebody whom the centre calls: in the caller's place."""
    told = {CALL: call.call_id, NUMBER: call.caller, SHOWN: call.did, TRUNK: call.trunk}
    return told | {RUNG_AT: str(now), QUEUE: queue}


def of_outside(call: Call, *, by_flow: bool = False, record: bool = False) -> dict[str, str]:
    """For the leg of an outside party with whom the caller is left, or may be."""
    told = {CALL: call.call_id, OUTSIDE: "flow" if by_flow else "agent"}
    if record:
        told[RECORD] = "1"
    return told | (_of_flow(call) if by_flow else {})


def told_by(variables: Mapping[str, str]) -> ToldByLeg:
    """What these variables of a leg tell. What cannot be read is taken as not told."""
    place_at, outside = variables.get(PLACE_AT), variables.get(OUTSIDE, "")
    queued_at = _number(variables.get(QUEUED_AT))
    return ToldByLeg(
        call_id=variables.get(CALL, ""),
        agent_id=variables.get(AGENT, ""),
        phone=variables.get(PHONE, ""),
        rung_at=_number(variables.get(RUNG_AT)),
        for_consult=bool(variables.get(CONSULT)),
        queue=variables.get(QUEUE, ""),
        queued_at=queued_at,
        entered_at=_number(variables.get(ENTERED_AT)) or queued_at,
        place_at=_number(place_at) if place_at else None,
        priority=_number(variables.get(PRIORITY)),
        skills={skill: level for skill, level in _object(variables.get(SKILLS)).items() if _is_level(level)},
        only_agent_id=variables.get(ONLY_AGENT) or None,
        checkpoint=_object(variables.get(FLOW)),
        number=variables.get(NUMBER, ""),
        shown=variables.get(SHOWN, ""),
        trunk=variables.get(TRUNK, ""),
        outside=bool(outside),
        by_flow=outside == "flow",
        record=bool(variables.get(RECORD)),
    )


def _place(call: Call) -> dict[str, str]:
    if call.queue is None:
        return {}
    told = {QUEUE: call.queue, QUEUED_AT: str(call.queued_at or call.arrived_at)}
    asked = call.waits_by
    if asked is not None and asked.place_at is not None:
        told[PLACE_AT] = str(asked.place_at)
    if call.priority:
        told[PRIORITY] = str(call.priority)
    if call.skills:
        told[SKILLS] = orjson.dumps(call.skills).decode()
    if asked is not None and asked.agent_id:
        told[ONLY_AGENT] = asked.agent_id
    if asked is not None and asked.at != asked.queued_at:
        told[ENTERED_AT] = str(asked.at)
    return told | _of_flow(call)


def _of_flow(call: Call) -> dict[str, str]:
    """Where the flow stands, without what the caller has said so far if that is too long."""
    whole = {name: call.checkpoint[name] for name in _OF_CHECKPOINT if name in call.checkpoint}
    bare = {name: value for name, value in whole.items() if name not in _VALUES}
    for checkpoint in (whole, bare):
        text = orjson.dumps(checkpoint).decode()
        if checkpoint and len(orjson.dumps(text)) <= MAX_FLOW:
            return {FLOW: text}
    return {}


def _bounded(told: dict[str, str]) -> dict[str, str]:
    """The same, without what can be done without if it is too much for a leg."""
    for name in _DISPENSABLE:
        if len(orjson.dumps(told)) <= MAX_TOLD:
            break
        told.pop(name, None)
    return told


def _number(text: str | None) -> int:
    return int(text) if text and text.removeprefix("-").isdecimal() else 0


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_level(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
