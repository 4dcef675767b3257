"""The tables derived from the journal: one row per call, with its recording, transcripts and survey."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from callcenter.domain import events as e
from callcenter.domain.missed_calls import call_back_of

INSERT_CALL = """
INSERT INTO calls (call_id, arrived_at, trunk, did, caller, caller_name, language, flow, call_back_of)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
UPDATE_CALL = """
UPDATE calls SET
    path = path || $2::text[],
    talk_ms = talk_ms + $3,
    hold_ms = hold_ms + $4,
    language = coalesce($5, language),
    queue = coalesce($6, queue),
    outcome = coalesce($7, outcome),
    wait_ms = coalesce($8, wait_ms),
    agent_id = coalesce($9, agent_id),
    ended_at = coalesce($10, ended_at),
    ended_by = coalesce($11, ended_by),
    end_reason = coalesce($12, end_reason),
    settled = settled OR $13,
    agent_ids = agent_ids || ARRAY(SELECT one FROM unnest($14::text[]) AS one WHERE one <> ALL (agent_ids))
WHERE call_id = $1
"""
UPSERT_RECORDING = """
INSERT INTO recordings
    (recording_id, call_id, path, sha256, duration_ms, sample_rate, channel_rms_dbfs, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (recording_id) DO NOTHING
"""
UPSERT_TRANSCRIPT = """
INSERT INTO transcripts (call_id, leg, language, engine, model, text, segments, missing_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8) ON CONFLICT (call_id, leg) DO NOTHING
"""
COUNT_HITS = """
INSERT INTO caller_list_hits (entry_id, hits, last_hit_at)
SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM caller_list_entries WHERE entry_id = $1)
ON CONFLICT (entry_id) DO UPDATE SET
    hits = caller_list_hits.hits + excluded.hits,
    last_hit_at = greatest(caller_list_hits.last_hit_at, excluded.last_hit_at)
"""
INSERT_SURVEY = """
INSERT INTO surveys (call_id, offered_at, flow, node, queue, agent_ids)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
INSERT_ANSWER = """
INSERT INTO survey_answers (call_id, question, answered_at, score, satisfied, counts)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
CHANGED = ("language", "queue", "outcome", "wait_ms", "agent_id", "ended_at", "ended_by", "end_reason")


def instant(at: int) -> datetime:
    """An instant of the core as PostgreSQL keeps it."""
    return datetime.fromtimestamp(at / 1000, UTC)


class _CallChange:
    __slots__ = ("agent_ids", "hold_ms", "path", "settled", "talk_ms", "values")

    def __init__(self) -> None:
        self.path: list[str] = []
        self.agent_ids: dict[str, None] = {}
        self.talk_ms = 0
        self.hold_ms = 0
        self.settled = False
        self.values: dict[str, Any] = {}


class Projection:
    """Gathers a batch of events and writes what they change, one statement per table."""

    def __init__(self) -> None:
        self._arrived: list[tuple[Any, ...]] = []
        self._changes: dict[str, _CallChange] = {}
        self._recordings: list[tuple[Any, ...]] = []
        self._transcripts: list[tuple[Any, ...]] = []
        self._hits: dict[str, tuple[int, int]] = {}
        """By entry of a list of callers: how many calls went its way, and when the last one did."""
        self._surveys: list[tuple[Any, ...]] = []
        self._answers: list[tuple[Any, ...]] = []

    def add(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        match event:
            case (
                e.CallArrived(at=at, call_id=call_id)
                | e.CallBackPromised(at=at, call_id=call_id)
                | e.CallDialledOut(at=at, call_id=call_id)
            ):
                self._arrived.append(
                    (
                        call_id,
                        instant(at),
                        event.trunk,
                        event.did,
                        event.caller,
                        event.caller_name,
                        event.language,
                        event.flow,
                        call_back_of(event),
                    )
                )
            case e.NodeEntered():
                self._of(event.call_id).path.append(event.node)
            case e.LanguageChosen():
                self._of(event.call_id).values["language"] = event.language
            case e.CallQueued():
                self._of(event.call_id).values["queue"] = event.queue
            case e.QueueLeft():
                self._of(event.call_id).values |= {"outcome": event.outcome.value, "wait_ms": event.wait_ms}
            case e.AgentConnected():
                change = self._of(event.call_id)
                change.values["agent_id"] = event.agent_id
                change.agent_ids[event.agent_id] = None
            case e.AgentReleased():
                change = self._of(event.call_id)
                change.talk_ms += event.talk_ms
                change.hold_ms += event.hold_ms
            case e.CallEnded():
                self._of(event.call_id).values |= {
                    "ended_at": instant(event.at),
                    "ended_by": event.by.value,
                    "end_reason": event.reason,
                }
            case e.CallSettled():
                self._of(event.call_id).settled = True
            case e.CallerListed() | e.SurveyOffered() | e.SurveyAnswered():
                self._add_of_flow(event)
            case _:
                self._add_after_work(event)

    def _add_of_flow(self, event: e.CallerListed | e.SurveyOffered | e.SurveyAnswered) -> None:
        match event:
            case e.CallerListed():
                hits, _ = self._hits.get(event.entry_id, (0, 0))
                self._hits[event.entry_id] = hits + 1, event.at
            case e.SurveyOffered(at=at, flow=flow, node=node):
                self._surveys.append((event.call_id, instant(at), flow, node, event.queue, event.agent_ids))
            case e.SurveyAnswered(at=at, question=question):
                rating = (event.score, event.satisfied, event.counts)
                self._answers.append((event.call_id, question, instant(at), *rating))

    async def write(self, connection: asyncpg.Connection) -> None:
        """Write everything, within the caller's transaction."""
        if self._arrived:
            await connection.executemany(INSERT_CALL, self._arrived)
        if self._changes:
            await connection.executemany(
                UPDATE_CALL,
                [
                    (
                        call_id,
                        change.path,
                        change.talk_ms,
                        change.hold_ms,
                        *(change.values.get(name) for name in CHANGED),
                        change.settled,
                        list(change.agent_ids),
                    )
                    for call_id, change in self._changes.items()
                ],
            )
        if self._recordings:
            await connection.executemany(UPSERT_RECORDING, self._recordings)
        if self._transcripts:
            await connection.executemany(UPSERT_TRANSCRIPT, self._transcripts)
        if self._hits:
            hits = [(entry, count, instant(at)) for entry, (count, at) in self._hits.items()]
            await connection.executemany(COUNT_HITS, hits)
        if self._surveys:
            await connection.executemany(INSERT_SURVEY, self._surveys)
        if self._answers:
            await connection.executemany(INSERT_ANSWER, self._answers)

    def _of(self, call_id: str) -> _CallChange:
        return self._changes.setdefault(call_id, _CallChange())

    def _add_after_work(self, event: e.DomainEvent) -> None:
        match event:
            case e.RecordingStored():
                self._recordings.append(
                    (
                        event.recording_id,
                        event.call_id,
                        event.path,
                        event.sha256,
                        event.duration_ms,
                        event.sample_rate,
                        list(event.channel_rms_dbfs),
                        None,
                    )
                )
            case e.RecordingFailed():
                self._recordings.append(
                    (event.recording_id, event.call_id, None, None, None, None, None, event.reason)
                )
            case e.TranscriptStored():
                segments = orjson.dumps(event.segments).decode()
                self._transcripts.append(
                    (
                        event.call_id,
                        event.leg,
                        event.language,
                        event.engine,
                        event.model,
                        event.text,
                        segments,
                        None,
                    )
                )
            case e.TranscriptMissing():
                self._transcripts.append((event.call_id, event.leg, None, None, None, "", "[]", event.reason))
            case _:
                pass
