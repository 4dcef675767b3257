"""Reading requests and writing answers, the same way everywhere."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from callcenter.web.problems import ApiProblem
from callcenter.web.wire import Wire

MAX_BODY_BYTES = 16 * 1024

W = TypeVar("W", bound=Wire)


async def read_body(request: web.Request, model: type[W]) -> W:
    """The request's JSON as ``model``. Raises ApiProblem; what was sent is never repeated in it."""
    raw = await request.read()
    if raw and request.content_type != "application/json":
        raise ApiProblem(
            415, "not_json", "The body is not JSON.", "Send Content-Type: application/json and a JSON object."
        )
    if b"\\u0000" in raw:
        raise ApiProblem(422, "bad_request", "The body holds a NUL character.", "Leave it out.")
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        raise _bad_request(error, model, "body") from None


def read_query(request: web.Request, model: type[W]) -> W:
    """The request's query as ``model``, of a name given twice the last. Raises ApiProblem as ``read_body``
    does."""
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _bad_request(error, model, "query") from None


def _bad_request(error: ValidationError, model: type[Wire], part: str) -> ApiProblem:
    """Every mistake with its place; ``part`` names the whole."""
    faults = "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or part}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False)
    )
    fields = ", ".join(model.model_fields) or "none"
    return ApiProblem(422, "bad_request", faults, f"Correct it; the fields are: {fields}.")


def text_cell(value: str) -> str:
    """The value as a cell of a CSV file: what a spreadsheet would take for a formula begins with an
    apostrophe instead."""
    return f"'{value}" if value[:1] in "=+-@\t\r" and value else value


def answer(model: BaseModel, status: int = 200) -> web.Response:
    """The model as the answer."""
    return web.Response(
        body=model.model_dump_json().encode(), status=status, content_type="application/json", charset="utf-8"
    )
