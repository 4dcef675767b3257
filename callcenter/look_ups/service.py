"""Asks what a flow asks: other systems by HTTP, the centre's own knowledge by its store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from callcenter.look_ups.model import CALLER, TICKET, UnfitValue, address, results_in
from callcenter.outgoing import Outgoing, Request, Unreachable, secret_values
from callcenter.ports import LookUpFailed, Question
from callcenter.settings.outside import LookUpSection
from ivr_flows.expressions import Value, plain

RETRY_AFTER_S: Final = 0.2


class Knowledge(Protocol):
    """What the centre knows; the twins are in ``store``."""

    async def caller(self, spellings: Sequence[str], call_id: str) -> Mapping[str, Value] | None: ...

    async def ticket(self, number: str, spellings: Sequence[str]) -> Mapping[str, Value] | None: ...


class LookUpService:
    """Implements ``callcenter.ports.LookUps``. ``reconfigure`` puts other settings in force."""

    def __init__(self, knowledge: Knowledge, outgoing: Outgoing, environment: Mapping[str, str]) -> None:
        self._knowledge = knowledge
        self._outgoing = outgoing
        self._environment = environment
        self._sections: Mapping[str, LookUpSection] = {}

    def reconfigure(self, sections: Mapping[str, LookUpSection]) -> None:
        """Ask these from now on."""
        self._sections = sections

    async def ask(self, question: Question) -> Mapping[str, Value] | None:
        """See the port."""
        if question.look_up == CALLER:
            return await self._knowledge.caller(_spellings(question), question.call_id)
        if question.look_up == TICKET:
            return await self._knowledge.ticket(plain(question.given.get("number", "")), _spellings(question))
        section = self._sections.get(question.look_up)
        if section is None:
            raise LookUpFailed(f"there is no look-up '{question.look_up}' in the settings in force")
        status, body = await self._answer(section, self._request(section, question))
        if status in section.not_found:
            return None
        if not 200 <= status <= 299:
            raise LookUpFailed(f"it answered with status {status}")
        try:
            answer: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise LookUpFailed("its answer is no JSON") from None
        return results_in(answer, section.results)

    def _request(self, section: LookUpSection, question: Question) -> Request:
        secrets, missing = secret_values(section.secret_headers, self._environment)
        if missing:
            raise LookUpFailed(f"set the environment variable {', '.join(missing)}")
        try:
            url = address(section.url, question.given)
            told = {field: question.given[name] for field, name in section.body.items()}
        except (UnfitValue, KeyError) as error:
            raise LookUpFailed(f"its question cannot be asked: {error}") from None
        headers = {"Accept": "application/json", **section.headers, **secrets}
        if section.method == "GET":
            return Request("GET", url, headers, None, section.timeout_ms)
        headers["Content-Type"] = "application/json"
        return Request("POST", url, headers, orjson.dumps(told), section.timeout_ms)

    async def _answer(self, section: LookUpSection, request: Request) -> tuple[int, bytes]:
        """The first answer that is one, or the last that is none."""
        for tries_left in range(section.retries, -1, -1):
            try:
                status, body = await self._outgoing.ask(request)
            except Unreachable as error:
                if not tries_left:
                    raise LookUpFailed(str(error)) from None
            else:
                if status < 500 or not tries_left:
                    return status, body
            await asyncio.sleep(RETRY_AFTER_S)
        raise AssertionError("the last try returns or raises")


def _spellings(question: Question) -> tuple[str, ...]:
    """The caller's number, however it may be stored; none of one who shows none."""
    return question.known_as or ((question.caller,) if question.caller else ())
