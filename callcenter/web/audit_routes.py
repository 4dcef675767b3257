"""The audit log over HTTP, for administrators."""

from __future__ import annotations

import csv
import io

import orjson
from aiohttp import hdrs, web

from callcenter.audit.model import AuditDeed, Kept, Wanted
from callcenter.audit.service import AuditLog
from callcenter.ports import StoreAway
from callcenter.web import wire_people as wire
from callcenter.web.access import Access, Media, Route
from callcenter.web.noting import Noted
from callcenter.web.requests import answer, read_query, text_cell
from callcenter.web.wire import instant

_FILTERS = ("since", "until", "user", "deed", "what")
_COLUMNS = ("seq", "at", "user", "role", "address", "deed", "what", "outcome", "reason", "detail", "hash")


class AuditRoutes:
    """Whoever looks at the audit log is noted in it."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        admin = Access.ADMINISTRATION
        seen = Noted(AuditDeed.AUDIT_SEEN, _FILTERS, in_parts=True)
        taken = Noted(AuditDeed.AUDIT_SEEN, _FILTERS, streamed=True)
        return (
            Route("GET", "/api/audit", admin, self.entries, wire.AuditRequest, wire.AuditAnswer, seen),
            Route("GET", "/api/audit/check", admin, self.check, None, wire.AuditCheckAnswer),
            Route(
                "GET", "/api/audit/export", admin, self.export, wire.AuditFilter, Media("text/csv"), taken
            ),
        )  # fmt: skip

    async def entries(self, request: web.Request) -> web.Response:
        """GET /api/audit: who saw or changed what, the newest first"""
        asked = read_query(request, wire.AuditRequest)
        found = await self._audit.entries(_wanted(asked, asked.before), asked.limit + 1)
        shown = found[: asked.limit]
        return answer(
            wire.AuditAnswer(
                entries=[*map(_on_wire, shown)],
                next_before=shown[-1].seq if len(found) > asked.limit else None,
                deeds=list(AuditDeed),
            )
        )

    async def check(self, _: web.Request) -> web.Response:
        """GET /api/audit/check: whether every entry is still what was written"""
        count, broken = await self._audit.check()
        return answer(wire.AuditCheckAnswer(entries=count, broken_at=broken))

    async def export(self, request: web.Request) -> web.StreamResponse:
        """GET /api/audit/export: all of them as CSV, as they are read"""
        wanted = _wanted(read_query(request, wire.AuditFilter), None)
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
                hdrs.CONTENT_DISPOSITION: 'attachment; filename="audit.csv"',
            }
        )
        await response.prepare(request)
        await response.write(("\ufeff" + _csv_line(_COLUMNS)).encode())
        try:
            async for kept in self._audit.all_entries(wanted):
                await response.write(_csv_line(_row(kept)).encode())
        except StoreAway:
            if request.transport is not None:
                request.transport.abort()  # whoever reads must see that the end is missing
            raise
        await response.write_eof()
        return response


def _wanted(asked: wire.AuditFilter, before: int | None) -> Wanted:
    everything = Wanted()
    return Wanted(
        everything.from_at if asked.since is None else max(0, round(asked.since.timestamp() * 1000)),
        everything.to_at if asked.until is None else max(0, round(asked.until.timestamp() * 1000)),
        asked.user or None,
        asked.deed,
        asked.what or None,
        before,
    )


def _on_wire(kept: Kept) -> wire.AuditEntry:
    entry = kept.entry
    return wire.AuditEntry(
        seq=kept.seq,
        at=instant(entry.at),
        user=entry.user,
        role=entry.role,
        address=entry.address,
        deed=entry.deed,
        what=entry.what,
        outcome=entry.outcome,
        reason=entry.reason,
        detail=dict(entry.detail),
    )


def _row(kept: Kept) -> tuple[str, ...]:
    entry = kept.entry
    return (
        str(kept.seq), instant(entry.at), entry.user, entry.role, entry.address, entry.deed, entry.what,
        entry.outcome, entry.reason, orjson.dumps(entry.detail).decode(), kept.hash,
    )  # fmt: skip


def _csv_line(values: tuple[str, ...]) -> str:
    """One line; what a spreadsheet would take for a formula begins with an apostrophe instead."""
    line = io.StringIO()
    csv.writer(line).writerow([text_cell(value) for value in values])
    return line.getvalue()
