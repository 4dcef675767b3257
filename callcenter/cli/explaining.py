"""`callcenter explain CALL_ID`: the life of a call and the reason of every Offer."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
from rich.console import Console

from acd.explain import Decision, WaitReason
from callcenter.cli.failure import Failure
from callcenter.cli.journal import ROUTING, life_of_call, reading
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.replay.naming import Naming, names, reason_of
from callcenter.settings import Settings

Named = Mapping[int, Decision | WaitReason]
"""Reasons by the place of their event in the life of the call."""
_FOUND_BY_REPLAY = (" (Found by replaying the journal up to that moment.)", "（由日志重放至该时刻得出。）")


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
        _tell(call_id, life, about, await _named_by_replay(settings, places, life, about.agent_id))


async def _named_by_replay(
    settings: Settings, places: Places, life: list[e.DomainEvent], agent_id: str | None
) -> Named:
    """The reasons that do not name the agent asked about, decided once more with everybody named; left out
    are those to which the journal does not reach back, or not so that this release can read it."""
    wanted = {
        place: event
        for place, event in enumerate(life)
        if agent_id is not None
        and isinstance(event, e.OfferMade | e.CallWaits)
        and not names(reason_of(event), agent_id)
    }
    if agent_id is None or not wanted:
        return {}
    # One millisecond before, so that the input lies in the segment that is begun with.
    first_at = min(event.at for event in wanted.values()) - 1
    naming = None
    with suppress(Failure, LookupError, TypeError, ValueError):  # what cannot be read is not found
        async with reading(settings, places, first_at, ROUTING) as (snapshot, events):
            naming = Naming(snapshot, [*wanted.values()])
            async for _, event in events:
                if not naming.take(event):
                    break
    found = {place: naming.found.get(at) for at, place in enumerate(wanted)} if naming else {}
    return {place: reason for place, reason in found.items() if reason and names(reason, agent_id)}


def _as_json(call_id: str, life: Iterable[e.DomainEvent]) -> str:
    events = [
        {"kind": type(event).__name__, **orjson.loads(orjson.dumps(_without_keys(event)))} for event in life
    ]
    decisions = [event.decision for event in life if isinstance(event, e.OfferMade)]
    waits = [event.reason for event in life if isinstance(event, e.CallWaits)]
    whole = {"call_id": call_id, "decisions": decisions, "waits": waits, "events": events}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _without_keys(event: e.DomainEvent) -> e.DomainEvent:
    """What the caller keyed may be a number that is nobody else's business."""
    match event:
        case e.KeyPressed():
            return replace(event, digit="•")
        case e.ChoiceSpoken():
            return replace(event, choice="•")
        case _:
            return event


def _tell(call_id: str, life: list[e.DomainEvent], about: About, named: Named) -> None:
    console = Console(highlight=False)
    began_at = life[0].at
    console.print(
        f"[bold]Call {call_id}[/], {datetime.fromtimestamp(began_at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    for place, event in enumerate(life):
        seconds = (event.at - began_at) / 1000
        if line := _words(event):
            console.print(f"[dim]{seconds:8.1f} s[/]  {line}", soft_wrap=True)
        for reason in _reasons(event, about, named.get(place)):
            console.print(f"            [dim]{reason}[/]", soft_wrap=True)


def _reasons(event: e.DomainEvent, about: About, named: Decision | WaitReason | None) -> list[str]:
    """The stored reason of an Offer or of a wait, sentence by sentence, and what it was with the agent asked
    about: by the stored reason or, if there is one, by that which a replay ``named``."""
    if not isinstance(event, e.OfferMade | e.CallWaits):
        return []
    why = reason_of(event)
    lines = why.explain(about.language).splitlines()
    if about.agent_id is None:
        return lines
    told = (named or why).explain_agent(about.agent_id, about.language)
    found = _FOUND_BY_REPLAY[about.language.startswith("zh")] if named else ""
    return [*lines, told + found]


def _words(event: e.DomainEvent) -> str:  # noqa: PLR0912 - one branch per kind of event
    """What happened, without personal data."""
    match event:
        case e.CallArrived():
            return f"came in over trunk {event.trunk} to {event.did}, flow {event.flow}, {event.language}"
        case e.NodeEntered():
            return f"flow node {event.node}"
        case e.CallQueued():
            place = "" if event.place_at is None else ", in the place of an earlier wait"
            return f"waits in queue {event.queue} with priority {event.priority}{place}"
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
        case e.MessageBegan():
            return "the caller's message begins"
        case e.MessageEnded():
            return "the caller's message ends"
        case e.CallHeld() | e.CallRetrieved() | e.CallSettled():
            return type(event).__name__.removeprefix("Call").lower()
        case _:
            return _words_around(event)


def _words_around(event: e.DomainEvent) -> str:
    """Of call-backs, parties outside and surveys."""
    match event:
        case e.CallRecovered():
            return "recovered by what its legs told"
        case e.PromptRecorded():
            return f"prompt {event.number} is recorded anew"
        case e.SurveyOffered():
            return "is asked how it was"
        case e.SurveyAnswered():
            return f"answers '{event.question}' with {event.score}"
        case e.OutsideDialled():
            return "is handed on to outside"
        case e.OutsideAnswered() | e.OutsideEnded():
            return f"the outside party {'answers' if isinstance(event, e.OutsideAnswered) else 'is gone'}"
        case e.CallBackPromised():
            return f"promised to call back the caller of {event.call_back_of}, queue {event.queue}"
        case e.CallBackDialled():
            return f"the caller is dialled for agent {event.agent_id}"
        case e.CallBackMissed():
            again = "given up" if event.retry_at is None else "tried again later"
            return f"the caller was not reached: {event.cause.value}, {again}"
        case _:
            return _words_of_agents(event) or _words_of_outside(event)


def _words_of_agents(event: e.DomainEvent) -> str:
    """Of consultations and of calls that agents make."""
    match event:
        case e.ConsultAsked():
            target = "" if event.kind is e.TransferKind.NUMBER else f" {event.target}"
            return f"agent {event.agent_id} consults a {event.kind.value}{target}, the caller hears music"
        case e.ConsultAnswered():
            return f"{f'agent {event.by}' if event.by else 'the outside party'} answers and is consulted"
        case e.ConferenceBegan():
            return "all three talk"
        case e.ConsultEnded():
            return f"the consultation is over: {event.end.value}"
        case e.KeysSent():
            return f"agent {event.agent_id} presses {event.count} keys"
        case e.CallDialledOut():
            missed = f", missed in {event.missed_call_id}" if event.missed_call_id else ""
            return f"made by agent {event.agent_id} over trunk {event.trunk}, queue {event.queue}{missed}"
        case e.PartyDialled():
            return "the agent has picked up, the other party is dialled"
        case _:
            return ""


def _words_of_outside(event: e.DomainEvent) -> str:
    match event:
        case e.LookUpEnded():
            return f"looked up {event.look_up}: {event.outcome} after {event.took_ms / 1000:.1f} s"
        case e.CallerListed():
            return f"is on the list {event.list}"
        case e.WebhookAsked():
            return f"webhook {event.webhook} is to be told ({event.send_id})"
        case e.WebhookDelivered():
            return f"it was told ({event.send_id}): status {event.status}, attempt {event.attempts}"
        case e.WebhookGivenUp():
            return f"telling it was given up ({event.send_id}): {event.reason}"
        case e.TicketUpdateAsked():
            return "words are to be added to the ticket"
        case e.TicketUpdated():
            return "the ticket has them"
        case _:
            return _words_of_supervision(event)


def _words_of_supervision(event: e.DomainEvent) -> str:
    match event:
        case e.SupervisionBegan():
            return f"supervisor {event.by} is rung to {event.mode.value.replace('_', ' ')}"
        case e.SupervisionChanged():
            return f"supervisor {event.by}: {event.mode.value.replace('_', ' ')}"
        case e.SupervisionEnded():
            return f"the supervision is over: {event.reason.replace('_', ' ')}"
        case e.CallTakenOver():
            return f"taken over from agent {event.agent_id} by {event.by} as agent {event.by_agent_id}"
        case e.CallPicked():
            return f"supervisor {event.by} has it offered to agent {event.agent_id}"
        case e.HangUpAsked():
            return f"supervisor {event.by} hangs the caller up"
        case _:
            return ""
