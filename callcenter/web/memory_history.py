"""The record in memory: what the events told to it make of calls, or what a test lays in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from callcenter.call_search import (
    NEVER_QUEUED,
    CallLine,
    CallPlace,
    CallsFound,
    CallsWanted,
    Excerpt,
    excerpt,
)
from callcenter.domain import events as e
from callcenter.domain.kpi_calls import FigurePart
from callcenter.domain.missed_calls import call_back_of
from callcenter.figures.model import Life
from callcenter.ports import CallRecord, FinishedRecording, TicketRecord, TranscriptRecord


class MemoryHistory:
    """The twin of the record in PostgreSQL (callcenter.ports.CallHistory)."""

    def __init__(self, events: Iterable[e.DomainEvent] = ()) -> None:
        self.records: dict[str, CallRecord] = {}
        self.lives: dict[str, list[e.DomainEvent]] = {}
        self.tickets: dict[str, TicketRecord] = {}
        self._numbers = itertools.count(1)
        self._policies: list[tuple[int, e.DomainEvent]] = []
        self._told: dict[str, list[tuple[int, e.DomainEvent]]] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        if isinstance(event, e.KpiPolicyInForce):
            self._policies.append((next(self._numbers), event))
        call_id: str | None = getattr(event, "call_id", None)
        if call_id is None:
            return
        if isinstance(event, e.CallBegan):
            self.records[call_id] = _begun(event)
        if call_id in self.records:
            self._told.setdefault(call_id, []).append((next(self._numbers), event))
            self.lives.setdefault(call_id, []).append(event)
            self.records[call_id] = _after(self.records[call_id], event)

    async def call(self, call_id: str) -> CallRecord | None:
        return self.records.get(call_id)

    async def routing(self, call_id: str) -> list[e.OfferMade | e.CallWaits] | None:
        life = await self.life(call_id)
        if life is None:
            return None
        return [event for event in life if isinstance(event, e.OfferMade | e.CallWaits)]

    async def life(self, call_id: str) -> list[e.DomainEvent] | None:
        return self.lives.get(call_id, []) if call_id in self.records else None

    async def calls(self, wanted: CallsWanted, limit: int) -> CallsFound:
        lines = [
            _line(record, wanted.words) for record in self.records.values() if _is_wanted(record, wanted)
        ]
        if wanted.before is not None:
            lines = [line for line in lines if line.place < wanted.before]
        return CallsFound.first(sorted(lines, key=lambda line: line.place, reverse=True), limit)

    async def touched(
        self, since_at: int, asked: FigurePart, before: CallPlace | None, limit: int
    ) -> Sequence[Life]:
        """See callcenter.figures.service.LifeStore."""
        records = sorted(self.records.values(), key=lambda one: (one.arrived_at, one.call_id), reverse=True)
        found = []
        for record in records:
            line = _line(record, "")
            if before is None or line.place < before:
                told = sorted([*self._told.get(record.call_id, ()), *self._policies], key=lambda one: one[0])
                found.append(Life(line, [event for _, event in told]))
        return found[:limit]

    async def ticket(self, ticket_id: str) -> TicketRecord | None:
        return self.tickets.get(ticket_id)


def _begun(event: e.CallBegan) -> CallRecord:
    return CallRecord(
        call_id=event.call_id,
        trunk=event.trunk,
        did=event.did,
        caller=event.caller,
        caller_name=event.caller_name,
        language=event.language,
        flow_path=(),
        queue=None,
        outcome=None,
        arrived_at=event.at,
        ended_at=None,
        wait_ms=0,
        talk_ms=0,
        agent_ids=(),
        recording=None,
        transcripts=(),
        ticket_id=None,
        call_back_of=call_back_of(event),
        flow=event.flow,
    )


def _after(record: CallRecord, event: e.DomainEvent) -> CallRecord:
    match event:
        case e.NodeEntered():
            return replace(record, flow_path=(*record.flow_path, event.node))
        case e.LanguageChosen():
            return replace(record, language=event.language)
        case e.CallQueued():
            return replace(record, queue=event.queue)
        case e.QueueLeft():
            return replace(record, outcome=event.outcome.value, wait_ms=event.wait_ms)
        case e.AgentConnected() if event.agent_id not in record.agent_ids:
            return replace(record, agent_ids=(*record.agent_ids, event.agent_id))
        case e.AgentReleased():
            talk_ms, hold_ms = record.talk_ms + event.talk_ms, record.hold_ms + event.hold_ms
            return replace(record, talk_ms=talk_ms, hold_ms=hold_ms)
        case e.CallEnded():
            return replace(record, ended_at=event.at)
        case e.TicketLinked():
            return replace(record, ticket_id=event.ticket_id)
        case e.RecordingStored():
            stored = FinishedRecording(
                event.path, event.sha256, event.duration_ms, event.sample_rate, event.channel_rms_dbfs
            )
            return replace(record, recording=stored)
        case e.TranscriptStored():
            said = TranscriptRecord(
                event.leg, event.language, event.engine, event.model, event.text, tuple(event.segments)
            )
            return replace(record, transcripts=(*record.transcripts, said))
        case _:
            return record


def _is_wanted(record: CallRecord, wanted: CallsWanted) -> bool:
    asked = {name: getattr(wanted, name) for name in ("queue", "did", "flow", "language")}
    outcome = wanted.outcome
    never_queued = record.outcome is None and record.queue is None
    return (
        (wanted.since_at is None or record.arrived_at >= wanted.since_at)
        and (wanted.until_at is None or record.arrived_at < wanted.until_at)
        and all(value is None or getattr(record, name) == value for name, value in asked.items())
        and (never_queued if outcome == NEVER_QUEUED else outcome in (None, record.outcome))
        and (wanted.agent_id is None or wanted.agent_id in record.agent_ids)
        and record.caller.endswith(wanted.caller or "")
        and wanted.recorded in (None, record.recording is not None)
        and record.wait_ms >= wanted.least_wait_ms
        and record.talk_ms >= wanted.least_talk_ms
        and (not wanted.words or bool(_excerpts(record, wanted.words)))
    )


def _excerpts(record: CallRecord, words: str) -> tuple[Excerpt, ...]:
    """The caller's side first, as PostgreSQL tells them."""
    said = sorted(record.transcripts, key=lambda said: said.leg, reverse=True)
    return tuple(
        Excerpt(one.leg, excerpt(one.text, words)) for one in said if words.lower() in one.text.lower()
    )


def _line(record: CallRecord, words: str) -> CallLine:
    return CallLine(
        call_id=record.call_id,
        arrived_at=record.arrived_at,
        ended_at=record.ended_at,
        caller=record.caller,
        caller_name=record.caller_name,
        did=record.did,
        language=record.language,
        flow=record.flow,
        queue=record.queue,
        outcome=record.outcome,
        wait_ms=record.wait_ms,
        talk_ms=record.talk_ms,
        agent_ids=record.agent_ids,
        recorded=record.recording is not None,
        call_back_of=record.call_back_of,
        excerpts=_excerpts(record, words) if words else (),
    )
