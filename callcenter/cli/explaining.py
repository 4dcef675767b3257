"""`callcenter explain CALL_ID`: the life of a call and the reason of every Offer."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from rich.console import Console

from acd.explain import Decision, WaitReason
from callcenter.cli.failure import Failure
from callcenter.cli.journal import life_of_call
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.settings import Settings


@dataclass(frozen=True, slots=True)
class About:
    """What is asked beside: why not this agent (None: nobody), and in which language (``en``, ``zh``)."""

    agent_id: str | None = None
    language: str = "en"


async def explain_call(
    settings: Settings, places: Places, call_id: str, about: About = About(), *, as_json: bool = False
) -> None:
    """Print it. Raises Failure for a call that the journal does not know."""
    life = await life_of_call(settings, places, call_id)
    if not life:
        raise Failure(f"no call {call_id} in the journal -> take a call_id from the page or a report")
    if as_json:
        sys.stdout.write(_as_json(call_id, life))
    else:
        _tell(call_id, life, about)


def _as_json(call_id: str, life: Iterable[e.DomainEvent]) -> str:
    events = [{"kind": type(event).__name__, **orjson.loads(orjson.dumps(event))} for event in life]
    decisions = [event.decision for event in life if isinstance(event, e.OfferMade)]
    waits = [event.reason for event in life if isinstance(event, e.CallWaits)]
    whole = {"call_id": call_id, "decisions": decisions, "waits": waits, "events": events}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _tell(call_id: str, life: list[e.DomainEvent], about: About) -> None:
    console = Console(highlight=False)
    began_at = life[0].at
    console.print(
        f"[bold]Call {call_id}[/], {datetime.fromtimestamp(began_at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    for event in life:
        seconds = (event.at - began_at) / 1000
        if line := _words(event):
            console.print(f"[dim]{seconds:8.1f} s[/]  {line}", soft_wrap=True)
        for reason in _reasons(event, about):
            console.print(f"            [dim]{reason}[/]", soft_wrap=True)


def _reasons(event: e.DomainEvent, about: About) -> list[str]:
    """The stored reason of an Offer or of a wait, sentence by sentence."""
    match event:
        case e.OfferMade():
            why: Decision | WaitReason = Decision.from_dict(event.decision)
        case e.CallWaits():
            why = WaitReason.from_dict(event.reason)
        case _:
            return []
    more = [why.explain_agent(about.agent_id, about.language)] if about.agent_id else []
    return [*why.explain(about.language).splitlines(), *more]


def _words(event: e.DomainEvent) -> str:  # noqa: PLR0912 - one branch per kind of event
    """What happened, without personal data."""
    match event:
        case e.CallArrived():
            return f"came in over trunk {event.trunk} to {event.did}, flow {event.flow}, {event.language}"
        case e.NodeEntered():
            return f"flow node {event.node}"
        case e.CallQueued():
            return f"waits in queue {event.queue} with priority {event.priority}"
        case e.OfferMade():
            return f"offered to agent {event.agent_id}"
        case e.OfferEnded():
            return f"offer to agent {event.agent_id}: {event.end}"
        case e.CallWaits():
            return f"waits on in queue {event.queue} though agents are ready"
        case e.CallChanged():
            return f"a supervisor set priority {event.priority}, skills {event.skills or 'none'}"
        case e.DispositionGiven():
            return f"agent {event.agent_id} gave the disposition {event.code}"
        case e.QueueLeft():
            return f"left queue {event.queue}: {event.outcome.value} after {event.wait_ms / 1000:.1f} s"
        case e.AgentConnected():
            return f"talks with agent {event.agent_id}"
        case e.AgentReleased():
            return f"agent {event.agent_id} is done: talk {event.talk_ms / 1000:.1f} s"
        case e.CallTransferred():
            return f"transferred by agent {event.agent_id} to a {event.kind.value}"
        case e.CallEnded():
            return f"ended by {event.by.value}: {event.reason}"
        case e.RecordingStored():
            return f"recording {event.path}, {event.duration_ms / 1000:.1f} s"
        case e.RecordingFailed() | e.TranscriptMissing():
            return f"{type(event).__name__}: {event.reason}"
        case e.TranscriptStored():
            return f"{event.leg} heard by {event.engine} ({event.model})"
        case e.TicketLinked():
            return f"{'opened' if event.opened else 'joined'} ticket {event.ticket_id}"
        case e.CallHeld() | e.CallRetrieved() | e.CallSettled():
            return type(event).__name__.removeprefix("Call").lower()
        case _:
            return ""
