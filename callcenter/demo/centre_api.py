"""The centre's HTTP API as the demo uses it: an administrator's session that goes on while a controller is
being replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp

from callcenter.web.wire import AgentAction

GIVE_UP_S = 30.0
PAUSE_S = 0.25
LOGIN_PAUSE_S = 1.0
LOGIN_ATTEMPTS = 4
REQUEST_TIMEOUT_S = 5.0


class ApiRefused(Exception):
    """The centre understood and said no; ``told`` is its reason with the cure."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status = status


class CentreApi:
    """Use as ``async with``. Requests are repeated for up to 30 s while nobody answers or the store is away.

    Raises ApiRefused, and TimeoutError when the centre does not come back.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._token = ""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def log_in(self, name: str, password: str) -> None:
        """Begin the session; the first login of a new centre may take a moment to exist."""
        asked = {"name": name, "password": password, "client": "api"}
        for attempt in range(1, LOGIN_ATTEMPTS + 1):
            try:
                answer = await self._ask("POST", "/api/login", asked)
            except ApiRefused as refused:
                if refused.status != 401 or attempt == LOGIN_ATTEMPTS:
                    raise
                await asyncio.sleep(LOGIN_PAUSE_S)
            else:
                self._token = answer["token"]
                return

    async def view(self) -> dict[str, Any]:
        """The live picture (wire.Snapshot)."""
        return await self._ask("GET", "/api/view")

    async def kpi(self) -> list[dict[str, Any]]:
        """All figures (wire.Kpi)."""
        figures: list[dict[str, Any]] = (await self._ask("GET", "/api/kpi"))["kpi"]
        return figures

    async def call(self, call_id: str) -> dict[str, Any]:
        """One call of the record (wire.CallDetail)."""
        return await self._ask("GET", f"/api/calls/{call_id}")

    async def ticket(self, ticket_id: str) -> dict[str, Any]:
        """One ticket (wire.Ticket)."""
        return await self._ask("GET", f"/api/tickets/{ticket_id}")

    async def surveys(self, since: datetime, until: datetime) -> dict[str, Any]:
        """What callers asked in this time said (wire.SurveysAnswer)."""
        span = urlencode({"since": since.isoformat(), "until": until.isoformat()})
        return await self._ask("GET", f"/api/surveys?{span}")

    async def agent(self, agent_id: str, action: AgentAction, asked: Mapping[str, str] | None = None) -> None:
        """Ask for an agent's action. One that is refused only after an unanswered first try was done by
        that one."""
        await self._ask("POST", f"/api/agents/{agent_id}/{action}", dict(asked or {}))

    async def change_waiting(self, call_id: str, *, priority: int) -> None:
        """Give a waiting call another priority."""
        await self._ask("POST", f"/api/calls/{call_id}/waiting", {"priority": priority})

    async def move_waiting(self, call_id: str, queue: str) -> None:
        """Take a waiting call to another queue."""
        await self._ask("POST", f"/api/calls/{call_id}/move", {"queue": queue})

    async def supervise(self, call_id: str, mode: str, phone: str | None = None) -> None:
        """Take part in a call in this mode: at the phone, or where the user works as an agent."""
        await self._ask("POST", f"/api/calls/{call_id}/supervision", {"mode": mode, "phone": phone})

    async def stop_supervising(self, call_id: str) -> None:
        """Take part no more."""
        await self._ask("POST", f"/api/calls/{call_id}/supervision/stop")

    async def set_open(self, queue: str, *, is_open: bool) -> None:
        """Open or close a queue."""
        await self._ask("POST", f"/api/queues/{queue}/{'open' if is_open else 'close'}")

    async def caller_lists(self, name: str | None = None) -> dict[str, Any]:
        """The lists of callers, and who is on them (on one) (wire.CallerListAnswer)."""
        return await self._ask("GET", f"/api/caller-lists{f'?list={quote(name)}' if name else ''}")

    async def add_callers(self, entries: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Put callers on lists; what became of each (wire.CallerListResult)."""
        answer = await self._ask("POST", "/api/caller-lists", {"entries": [dict(one) for one in entries]})
        results: list[dict[str, Any]] = answer["results"]
        return results

    async def remove_caller(self, entry_id: str) -> None:
        """Take an entry off its list."""
        await self._ask("POST", f"/api/caller-lists/{entry_id}/remove")

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        assert self._session is not None, "use `async with`"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        unanswered = False
        async with asyncio.timeout(GIVE_UP_S):
            while True:
                try:
                    async with self._session.request(
                        method, self._base + path, json=body, headers=headers
                    ) as answer:
                        if answer.status < 400:
                            content: dict[str, Any] = await answer.json()
                            return content
                        if answer.status == 409 and unanswered:
                            return {}
                        if answer.status < 500:
                            raise ApiRefused(answer.status, await _told(answer))
                except (aiohttp.ClientError, TimeoutError, ConnectionError):
                    unanswered = True
                await asyncio.sleep(PAUSE_S)


async def _told(answer: aiohttp.ClientResponse) -> str:
    problem = await answer.json(content_type=None)
    return f"{problem.get('what', answer.reason)} -> {problem.get('cure', '')}"
