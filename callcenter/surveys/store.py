"""Surveys in PostgreSQL, as the projection of the journal wrote them, and their in-memory twin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from callcenter.adapters.postgres.pool import Database
from callcenter.domain import events as e
from callcenter.surveys.model import Answer, Summary, SurveyResult, Wanted, summary_of

_ASKED = """
    s.offered_at >= $1 AND s.offered_at < $2
    AND ($3::text IS NULL OR s.queue = $3) AND ($4::text IS NULL OR $4 = ANY (s.agent_ids))
"""
RESULTS = f"""
SELECT s.call_id, (extract(epoch FROM s.offered_at) * 1000)::bigint AS offered_at, s.queue, s.agent_ids,
    (SELECT ticket_id FROM ticket_calls t WHERE t.call_id = s.call_id) AS ticket_id,
    coalesce((
        SELECT jsonb_agg(
            jsonb_build_array(a.question, a.score, a.satisfied, a.counts) ORDER BY a.answered_at, a.question
        ) FROM survey_answers a WHERE a.call_id = s.call_id
    ), '[]') AS answers
FROM surveys s WHERE {_ASKED} ORDER BY s.offered_at DESC, s.call_id LIMIT $5
"""  # noqa: S608 - only constants above are put in
SUMMARY = f"""
SELECT count(*) AS invited, count(a.call_id) AS rated, count(*) FILTER (WHERE a.satisfied) AS satisfied
FROM surveys s LEFT JOIN survey_answers a ON a.call_id = s.call_id AND a.counts WHERE {_ASKED}
"""  # noqa: S608


class PostgresSurveyStore:
    """Implements ``callcenter.surveys.service.SurveyStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def results(self, wanted: Wanted, limit: int) -> list[SurveyResult]:
        """See the port."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(RESULTS, *_asked(wanted), limit)
        return [
            SurveyResult(
                row["call_id"],
                row["offered_at"],
                row["queue"],
                tuple(row["agent_ids"]),
                row["ticket_id"],
                tuple(Answer(*answer) for answer in orjson.loads(row["answers"])),
            )
            for row in rows
        ]

    async def summary(self, wanted: Wanted) -> Summary:
        """See the port."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(SUMMARY, *_asked(wanted))
        return Summary(row["invited"], row["rated"], row["satisfied"])


class MemorySurveyStore:
    """The twin: a fold over the events."""

    def __init__(self, events: Iterable[e.DomainEvent] = ()) -> None:
        self._offered: dict[str, e.SurveyOffered] = {}
        self._answers: dict[str, dict[str, Answer]] = {}
        self._tickets: dict[str, str] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        match event:
            case e.SurveyOffered():
                self._offered.setdefault(event.call_id, event)
            case e.SurveyAnswered():
                answer = Answer(event.question, event.score, event.satisfied, event.counts)
                self._answers.setdefault(event.call_id, {}).setdefault(event.question, answer)
            case e.TicketLinked():
                self._tickets[event.call_id] = event.ticket_id
            case _:
                pass

    async def results(self, wanted: Wanted, limit: int) -> list[SurveyResult]:
        """See the port."""
        found = [
            SurveyResult(
                call_id,
                asked.at,
                asked.queue,
                tuple(asked.agent_ids),
                self._tickets.get(call_id),
                tuple(self._answers.get(call_id, {}).values()),
            )
            for call_id, asked in self._offered.items()
            if wanted.from_at <= asked.at < wanted.to_at
            and wanted.queue in (None, asked.queue)
            and (wanted.agent_id is None or wanted.agent_id in asked.agent_ids)
        ]
        return sorted(found, key=lambda result: (-result.offered_at, result.call_id))[:limit]

    async def summary(self, wanted: Wanted) -> Summary:
        """See the port."""
        return summary_of(await self.results(wanted, len(self._offered)))


def _asked(wanted: Wanted) -> tuple[Any, ...]:
    since, until = (datetime.fromtimestamp(at / 1000, UTC) for at in (wanted.from_at, wanted.to_at))
    return since, until, wanted.queue, wanted.agent_id
