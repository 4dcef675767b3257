"""The API's document is whole and in step, and the API keeps to it whatever it is asked (schemathesis)."""

from __future__ import annotations

import asyncio
import json
import threading
import warnings
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_document import DOCUMENT, written
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import positive_data_acceptance
from web_twin import PROMPT_NUMBER, Twin, arrival, queued

from callcenter.web.app import ROUTES
from callcenter.web.openapi import document

KNOWN = {
    "agent_id": "1001",
    "call_id": "c1",
    "queue": "general",
    "ticket_id": "t1",
    "entry_id": "e1",
    "name": "bob",
    "number": PROMPT_NUMBER,
    "job_id": "j1",
}
"""What there is."""
EXAMPLES = 10
RULES = {
    "generation": {"allow-x00": False},
    "checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 409, 413, 415, 422]}},
}
"""No name, id or word has a NUL character: test_web_access.py."""
TWO_FIELDS_TOGETHER = (
    "/api/agents/{agent_id}/dial-out",
    "/api/caller-lists/import",
    "/api/calendars/{name}",
    "/api/settings/calendars/check",
    "/api/calls/{call_id}/recording",
    "/api/calls/{call_id}/waiting",
    "/api/prompts/examine",
    "/api/prompts/{number}/recording",
    "/api/planning/staffing",
    "/api/planning/what-if",
    "/api/reports",
    "/api/reports/export",
    "/api/settings/agents/check",
    "/api/settings/agents/import",
    "/api/settings/check",
    "/api/settings/files/{name}/check",
    "/api/surveys",
)
"""Where fields that are right by themselves may not go together, a text may be no table, or bytes no sound:
which a document cannot say."""
NOT_ASKED = ("/api/socket", "/api/logout", "/sip", "/api/calls/{call_id}/live-transcript")
"""A socket is no request, the session is needed, and a stream does not end."""


class Served:
    """The twin behind a real port, in a thread of its own: schemathesis asks as any program does."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        with wave.open(str(self._directory / "c1.wav"), "wb") as sound:
            sound.setparams((2, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(4 * 800))
        async with Twin(self._directory).serving() as self.twin:
            self.twin.emit(arrival("c1"), queued("c1"))
            self._up.set()
            await self._stop.wait()

    def token(self, name: str = "ada") -> str:
        """A new session of this user."""
        beginning = self.twin.sessions.begin(self.twin.users._accounts[name].user)
        return asyncio.run_coroutine_threadsafe(beginning, self._loop).result(10)[0]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("api")) as served:
        yield served


def test_the_file_is_in_step() -> None:
    """docs/openapi.json is what the routes and shapes say."""
    assert DOCUMENT.read_text(encoding="utf-8") == written(), (
        "write it anew: PYTHONPATH=.:tests python tests/unit/api_document.py"
    )


def test_every_route_tells_what_it_answers(served: Served) -> None:
    """A new route names its shapes: docs/access.md."""
    silent = [
        f"{route.method} {route.path}"
        for route in served.twin.app[ROUTES]
        if route.answers is None and route.status == 200
    ]
    assert silent == []


def test_what_the_document_says_of_itself(served: Served) -> None:
    """Every operation has a name of its own, words, and refusals; every shape is a sound schema."""
    told = document(served.twin.app[ROUTES])
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert all("503" in operation["responses"] for operation in operations)
    for shape in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(shape)
    assert "password" not in told["components"]["schemas"]["UserAccount"]["properties"]


def _schema() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = schemathesis.Config.from_dict(RULES)
        return schemathesis.openapi.from_dict(json.loads(written()), config=config)


SCHEMA = _schema().exclude(path=list(NOT_ASKED))


@SCHEMA.hook
def map_path_parameters(_: schemathesis.HookContext, parameters: dict[str, Any] | None) -> Any:
    """Ask for what there is as often as for what there is not."""
    if not parameters or sum(len(str(value)) for value in parameters.values()) % 2:
        return parameters
    return {name: KNOWN[name] for name in parameters}


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_its_document(case: schemathesis.Case, served: Served) -> None:
    """Right or wrong, whatever it is asked: an answer of the shapes and statuses that the document names, no
    defect, nothing without a session."""
    together = case.operation.path in TWO_FIELDS_TOGETHER
    case.call_and_validate(
        base_url=served.twin.base,
        headers={"Authorization": f"Bearer {served.token()}"},
        excluded_checks=[positive_data_acceptance] if together else [],
    )
