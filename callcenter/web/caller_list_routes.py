"""The lists of callers over HTTP, for supervisors."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from aiohttp import hdrs, web

from callcenter.caller_lists.model import COLUMNS, CountedEntry, Refused, last_day, rows_in
from callcenter.caller_lists.service import CallerListService
from callcenter.web.access import session_of
from callcenter.web.live import mask_number
from callcenter.web.noting import ABOUT
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body, read_query, text_cell
from callcenter.web.wire import instant
from callcenter.web.wire_api import NoFields
from callcenter.web.wire_lists import (
    CallerListAnswer,
    CallerListEntries,
    CallerListEntry,
    CallerListImport,
    CallerListPageRequest,
    CallerListRequest,
    CallerListResult,
    CallerListResults,
    CallerListRow,
    CallerListRows,
)


class CallerListRoutes:
    """What is wrong in an entry that is to be added is told in the answer, entry by entry."""

    def __init__(self, lists: CallerListService) -> None:
        self._lists = lists

    async def entries(self, request: web.Request) -> web.Response:
        """GET /api/caller-lists?list=: the lists that there are, and the entries (of one)"""
        asked = read_query(request, CallerListPageRequest)
        found = await self._found(request, asked)
        return answer(
            CallerListAnswer(
                lists=dict(self._lists.names),
                entries=[_on_wire(one, request) for one in found[: asked.limit or None]],
                total=len(found),
            )
        )

    async def export(self, request: web.Request) -> web.Response:
        """GET /api/caller-lists/export?list=&search=: the same as CSV, which can be imported again"""
        found = await self._found(request, read_query(request, CallerListRequest))
        lines = io.StringIO()
        table = csv.writer(lines)
        table.writerow((*COLUMNS, "author", "added_at", "hits", "last_hit_at"))
        for one in found:
            shown = _on_wire(one, request)
            table.writerow(
                [
                    text_cell(value)
                    for value in (shown.list, shown.number, shown.reason, last_day(one.entry), shown.author)
                ]
                + [shown.added_at, shown.hits, shown.last_hit_at or ""]
            )
        return web.Response(
            body=("\ufeff" + lines.getvalue()).encode(),
            content_type="text/csv",
            charset="utf-8",
            headers={hdrs.CONTENT_DISPOSITION: 'attachment; filename="caller-lists.csv"'},
        )

    async def import_rows(self, request: web.Request) -> web.Response:
        """POST /api/caller-lists/import: add and change entries by a CSV file, or say what would become of
        it"""
        asked = await read_body(request, CallerListImport)
        try:
            rows = rows_in(asked.csv)
        except Refused as wrong:
            raise ApiProblem(422, "bad_list_file", str(wrong), "Save it as CSV in UTF-8.") from None
        entries = [row for _, row in rows]
        author = session_of(request).user.name
        results = await (self._lists.would(entries) if asked.dry_run else self._lists.add(entries, author))
        return answer(
            CallerListRows(
                rows=[
                    CallerListRow(
                        line=line, list=row["list"], number=row["number"], deed=result.deed, told=result.told
                    )
                    for (line, row), result in zip(rows, results, strict=True)
                ]
            )
        )

    async def _found(self, request: web.Request, asked: CallerListRequest) -> list[CountedEntry]:
        if asked.list is not None and asked.list not in self._lists.names:
            raise not_found("There is no such list.", f"There are: {', '.join(self._lists.names) or 'none'}.")
        if not asked.search.strip():
            return await self._lists.entries(asked.list)
        sees = session_of(request).user.sees_numbers
        return await self._lists.found(asked.list, asked.search, open_numbers=sees)

    async def add(self, request: web.Request) -> web.Response:
        """POST /api/caller-lists: add entries, or change those of the same number"""
        asked = await read_body(request, CallerListEntries)
        rows = [entry.model_dump() for entry in asked.entries]
        results = await self._lists.add(rows, session_of(request).user.name)
        return answer(CallerListResults(results=[CallerListResult(**asdict(one)) for one in results]))

    async def remove(self, request: web.Request) -> web.Response:
        """POST /api/caller-lists/{entry_id}/remove"""
        await read_body(request, NoFields)
        removed = await self._lists.remove(request.match_info["entry_id"], session_of(request).user.name)
        if removed is None:
            raise not_found("There is no such entry.", "GET /api/caller-lists tells the ids.")
        request[ABOUT] = f"{removed.list} {removed.number}"
        return answer(_on_wire(CountedEntry(removed), request))


def _on_wire(counted: CountedEntry, request: web.Request) -> CallerListEntry:
    entry, masked = counted.entry, not session_of(request).user.sees_numbers
    return CallerListEntry(
        entry_id=entry.entry_id,
        list=entry.list,
        number=mask_number(entry.number) if masked else entry.number,
        reason=entry.reason,
        author=entry.author,
        added_at=instant(entry.added_at),
        expires_at=None if entry.expires_at is None else instant(entry.expires_at),
        hits=counted.hits,
        last_hit_at=None if counted.last_hit_at is None else instant(counted.last_hit_at),
    )
