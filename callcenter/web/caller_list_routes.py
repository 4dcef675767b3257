"""The lists of callers over HTTP, for supervisors."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from callcenter.caller_lists.model import CountedEntry
from callcenter.caller_lists.service import CallerListService
from callcenter.web.access import session_of
from callcenter.web.live import mask_number
from callcenter.web.noting import ABOUT
from callcenter.web.problems import not_found
from callcenter.web.requests import answer, read_body, read_query
from callcenter.web.wire import instant
from callcenter.web.wire_api import (
    CallerListAnswer,
    CallerListEntries,
    CallerListEntry,
    CallerListRequest,
    CallerListResult,
    CallerListResults,
    NoFields,
)


class CallerListRoutes:
    """What is wrong in an entry that is to be added is told in the answer, entry by entry."""

    def __init__(self, lists: CallerListService) -> None:
        self._lists = lists

    async def entries(self, request: web.Request) -> web.Response:
        """GET /api/caller-lists?list=: the lists that there are, and the entries (of one)"""
        name = read_query(request, CallerListRequest).list
        if name is not None and name not in self._lists.names:
            raise not_found("There is no such list.", f"There are: {', '.join(self._lists.names) or 'none'}.")
        found = await self._lists.entries(name)
        return answer(
            CallerListAnswer(lists=dict(self._lists.names), entries=[_on_wire(one, request) for one in found])
        )

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
