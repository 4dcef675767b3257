"""What a route wants noted in the audit log, and how it gets there before the answer goes out."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import hdrs, web

from callcenter.audit.model import AuditDeed, Entry, Outcome, plain
from callcenter.audit.service import AuditLog
from callcenter.ports import StoreAway
from callcenter.web.auth import SESSION
from callcenter.web.ports import Role
from callcenter.web.problems import ApiProblem

REPEATED_WITHIN_MS: Final = 10 * 60_000
_REMEMBERED: Final = 4_096
_REFUSALS: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Noted:
    """``fields`` are those of the query or body that are written down with it; the field ``reason`` always
    is, and so is the word of the path that says what is done (``action``: the ``pause`` of an agent). What it
    is about is the path's last part that varies, else the first of the fields. ``for_others``:
    what agents do for themselves, or see of their own call at their desk, is not noted: the journal says
    whose call it was, and their work must go on while the log cannot be written. ``in_parts``: the same again
    within ten minutes is the same deed, as when a player fetches a recording piece by piece. ``streamed``:
    the handler sends the answer itself, so it is noted before the handler is asked."""

    deed: AuditDeed
    fields: tuple[str, ...] = ()
    for_others: bool = False
    in_parts: bool = False
    streamed: bool = False


NOTED: web.RequestKey[Noted] = web.RequestKey("noted", Noted)
ABOUT: web.RequestKey[str] = web.RequestKey("about", str)
"""What it was about, where only the handler knows the words for it."""
_DONE: web.RequestKey[bool] = web.RequestKey("noted_already", bool)


class Notary:
    """Writes the entries. What was only asked to be seen is not shown when it cannot be noted; what has been
    done is noted later."""

    def __init__(self, audit: AuditLog, clock: Callable[[], int]) -> None:
        self._audit = audit
        self._clock = clock
        self._in_parts: OrderedDict[tuple[str, ...], int] = OrderedDict()

    async def before_sending(self, request: web.Request, response: web.StreamResponse) -> None:
        """Note what is about to be answered, once. Raises ApiProblem, and then it must not be."""
        if response.status < 400:
            await self.done(request)

    async def last_guard(self, request: web.Request, response: web.StreamResponse) -> None:
        """Before the first byte of any answer: one that a handler sends itself without saying so
        (``streamed``) is noted too, or breaks off."""
        try:
            await self.before_sending(request, response)
        except ApiProblem:
            if request.transport is not None:
                request.transport.abort()
            raise

    async def done(self, request: web.Request) -> None:
        """Note what is done, once. Raises ApiProblem, and then nothing may be shown."""
        if NOTED not in request or _DONE in request:
            return
        request[_DONE] = True
        noted = request[NOTED]
        entry = await self._entry(request, noted, Outcome.DONE)
        if (noted.for_others and _own(request)) or (noted.in_parts and self._again(request, entry)):
            return
        if request.method != hdrs.METH_GET:
            await self._audit.write_or_owe(entry)
            return
        try:
            await self._audit.write(entry)
        except StoreAway:
            self._in_parts.pop(_part(request, entry), None)
            raise ApiProblem(
                503,
                "audit_unavailable",
                "Personal data are shown only when that can be noted in the audit log, which is away now.",
                "Ask again when the database is back; calls go on.",
            ) from None

    async def refused(self, request: web.Request, status: int) -> None:
        """Note that somebody tried what the right was missing for."""
        if NOTED in request and status in _REFUSALS and (SESSION in request or _is_log_in(request)):
            await self._audit.write_or_owe(await self._entry(request, request[NOTED], Outcome.REFUSED))

    async def _entry(self, request: web.Request, noted: Noted, outcome: Outcome) -> Entry:
        sent = await _sent(request)
        detail = {name: _text(sent[name]) for name in noted.fields if sent.get(name) is not None}
        session = request.get(SESSION)
        named = (request.get(ABOUT), *reversed(request.match_info.values()), *detail.values())
        about = plain(next(filter(None, named), ""))
        if action := _action(request):
            detail = {"action": action, **detail}
        return Entry(
            entry_id=uuid.uuid4().hex,
            at=self._clock(),
            user=session.user.name if session else about,
            role=session.user.role.value if session else "",
            address=request.remote or "",
            deed=noted.deed,
            what=about,
            outcome=outcome,
            reason=_text(sent.get("reason") or ""),
            detail=detail,
        )

    def _again(self, request: web.Request, entry: Entry) -> bool:
        """Whether it goes on with what was noted lately."""
        part = _part(request, entry)
        began = self._in_parts.get(part)
        if began is not None and entry.at < began + REPEATED_WITHIN_MS:
            return True
        self._in_parts[part] = entry.at
        self._in_parts.move_to_end(part)
        while len(self._in_parts) > _REMEMBERED:
            self._in_parts.popitem(last=False)
        return False


def _part(request: web.Request, entry: Entry) -> tuple[str, ...]:
    return request[SESSION].key, request.path, entry.reason, *entry.detail.values()


def _own(request: web.Request) -> bool:
    """What an agent does for themselves, or for a call of theirs; the handler refuses that of others."""
    user, path = request[SESSION].user, request.match_info
    if "agent_id" in path:
        return path["agent_id"] == user.agent_id
    return user.role is Role.AGENT and "call_id" in path


def _action(request: web.Request) -> str:
    resource = request.match_info.route.resource
    path = resource.canonical if resource else ""
    thing, _, action = path.rpartition("/")
    return action if thing.endswith("}") and request.method != hdrs.METH_GET else ""


def _is_log_in(request: web.Request) -> bool:
    return request[NOTED].deed is AuditDeed.LOGGED_IN


async def _sent(request: web.Request) -> dict[str, Any]:
    """The fields that were asked with; nothing if they cannot be read, since then nothing is done either."""
    if request.method == hdrs.METH_GET:
        return dict(request.query)
    try:
        body = orjson.loads(await request.read() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _text(value: Any) -> str:
    return plain(value if isinstance(value, str) else orjson.dumps(value).decode())
