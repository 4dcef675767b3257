"""What has been: calls, transcripts and tickets, read for whoever asks. Implements the web's CallHistory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import asyncpg
import orjson

from callcenter.adapters.postgres import call_list
from callcenter.adapters.postgres.pool import Database
from callcenter.call_search import CallsFound, CallsWanted
from callcenter.domain.codec import decode_event
from callcenter.domain.events import (
    CallWaits,
    DomainEvent,
    OfferMade,
    WebhookAsked,
    WebhookDelivered,
    WebhookGivenUp,
)
from callcenter.ports import (
    CallRecord,
    FinishedRecording,
    SendOutcome,
    SendRecord,
    TicketRecord,
    TranscriptRecord,
)

MS = "(extract(epoch FROM {}) * 1000)::bigint"
CALL = f"""
SELECT c.*, {MS.format("c.arrived_at")} AS arrived_ms, {MS.format("c.ended_at")} AS ended_ms,
    t.ticket_id, r.path AS recording_path, r.sha256, r.duration_ms, r.sample_rate, r.channel_rms_dbfs
FROM calls c
LEFT JOIN ticket_calls t USING (call_id)
LEFT JOIN recordings r ON r.call_id = c.call_id AND r.failure IS NULL
WHERE c.call_id = $1
"""  # noqa: S608 - only constants above are put in
TRANSCRIPTS = "SELECT * FROM transcripts WHERE call_id = $1 AND missing_reason IS NULL ORDER BY leg DESC"
OFFERS = "SELECT data FROM journal WHERE call_id = $1 AND kind = 'OfferMade' ORDER BY seq"
ROUTING = """
SELECT kind, data FROM journal
WHERE call_id = $1
AND kind IN ('CallArrived', 'CallBackPromised', 'CallDialledOut', 'OfferMade', 'CallWaits') ORDER BY seq
"""
LIFE = "SELECT kind, data FROM journal WHERE call_id = $1 ORDER BY seq"
SENDS = """
SELECT kind, data FROM journal
WHERE call_id = $1 AND kind IN ('WebhookAsked', 'WebhookDelivered', 'WebhookGivenUp') ORDER BY seq
"""
TICKET = f"""
SELECT t.*, {MS.format("t.opened_at")} AS opened_ms, {MS.format("t.changed_at")} AS changed_ms,
    array(SELECT call_id FROM ticket_calls k WHERE k.ticket_id = t.ticket_id ORDER BY linked_at) AS calls
FROM tickets t WHERE t.ticket_id = $1
"""  # noqa: S608


class PostgresHistory:
    """Reads; every method raises StoreAway while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def call(self, call_id: str) -> CallRecord | None:
        """One call as far as it is known, or None."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(CALL, call_id)
            if row is None:
                return None
            transcripts = await connection.fetch(TRANSCRIPTS, call_id)
            offers = await connection.fetch(OFFERS, call_id)
            sends = await connection.fetch(SENDS, call_id)
        return CallRecord(
            call_id=call_id,
            trunk=row["trunk"],
            did=row["did"],
            caller=row["caller"],
            caller_name=row["caller_name"],
            language=row["language"],
            flow_path=tuple(row["path"]),
            queue=row["queue"],
            outcome=row["outcome"],
            arrived_at=row["arrived_ms"],
            ended_at=row["ended_ms"],
            wait_ms=row["wait_ms"],
            talk_ms=row["talk_ms"],
            agent_ids=tuple(row["agent_ids"]),
            recording=_recording(row),
            transcripts=tuple(
                TranscriptRecord(
                    leg=heard["leg"],
                    language=heard["language"],
                    engine=heard["engine"],
                    model=heard["model"],
                    text=heard["text"],
                    segments=tuple(orjson.loads(heard["segments"])),
                )
                for heard in transcripts
            ),
            ticket_id=row["ticket_id"],
            decisions=tuple(orjson.loads(offer["data"]) for offer in offers),
            call_back_of=row["call_back_of"],
            flow=row["flow"],
            hold_ms=row["hold_ms"],
            sends=sends_of(decode_event(send["kind"], orjson.loads(send["data"])) for send in sends),
        )

    async def routing(self, call_id: str) -> list[OfferMade | CallWaits] | None:
        """How the call was routed, in the order of the journal; None for an unknown call."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(ROUTING, call_id)
        if not rows:
            return None
        events = [decode_event(row["kind"], orjson.loads(row["data"])) for row in rows]
        return [event for event in events if isinstance(event, OfferMade | CallWaits)]

    async def life(self, call_id: str) -> list[DomainEvent] | None:
        """All that happened in the call, in the order of the journal; None for an unknown call."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(LIFE, call_id)
        return [decode_event(row["kind"], orjson.loads(row["data"])) for row in rows] or None

    async def calls(self, wanted: CallsWanted, limit: int) -> CallsFound:
        """The newest ``limit`` calls of those wanted."""
        async with self._database.connection() as connection:
            return await call_list.calls(connection, wanted, limit)

    async def ticket(self, ticket_id: str) -> TicketRecord | None:
        """One ticket with its calls, or None."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(TICKET, ticket_id)
        if row is None:
            return None
        return TicketRecord(
            ticket_id=row["ticket_id"],
            number=row["ticket_id"],
            state=row["state"],
            category=row["category"],
            text=row["text"],
            caller=row["caller"],
            queue=row["queue"] or None,
            call_ids=tuple(row["calls"]),
            opened_at=row["opened_ms"],
            changed_at=row["changed_ms"],
        )


def _recording(row: asyncpg.Record) -> FinishedRecording | None:
    if row["recording_path"] is None:
        return None
    return FinishedRecording(
        path=row["recording_path"],
        sha256=row["sha256"],
        duration_ms=row["duration_ms"],
        sample_rate=row["sample_rate"],
        channel_rms_dbfs=(row["channel_rms_dbfs"][0], row["channel_rms_dbfs"][1]),
    )


def sends_of(events: Iterable[DomainEvent]) -> tuple[SendRecord, ...]:
    """What a call's webhooks were told, in the order in which it was asked."""
    found: dict[str, SendRecord] = {}
    for event in events:
        match event:
            case WebhookAsked():
                found[event.send_id] = SendRecord(event.webhook, event.at, SendOutcome.OWED)
            case WebhookDelivered() if event.send_id in found:
                ended, told = SendOutcome.DELIVERED, str(event.status)
                found[event.send_id] = _over(found[event.send_id], ended, event.at, told)
            case WebhookGivenUp() if event.send_id in found:
                ended, told = SendOutcome.GIVEN_UP, event.reason
                found[event.send_id] = _over(found[event.send_id], ended, event.at, told)
            case _:
                pass
    return tuple(found.values())


def _over(owed: SendRecord, outcome: SendOutcome, at: int, detail: str) -> SendRecord:
    return replace(owed, outcome=outcome, ended_at=at, detail=detail)
