"""The document of the whole API (OpenAPI 3.1), made from the table of routes and the shapes of the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import hdrs, web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from callcenter.web.access import Access, Media, Route
from callcenter.web.problems import MEDIA_TYPE
from callcenter.web.rights import ROLES
from callcenter.web.wire_problems import Problem

_REF: Final = "#/components/schemas/{model}"
_PARAMETER: Final = re.compile(r"{(\w+)}")
_WAYS_IN: Final[list[dict[str, list[str]]]] = [{"token": []}, {"cookie": []}]

INFO: Final = {
    "title": "callcenter",
    "version": "1",
    "description": (
        "The API of the call centre. Log in with POST /api/login: programs ask for `client: api` and send "
        "the token as `Authorization: Bearer`; pages get a cookie and send the csrf_token in `X-CSRF-Token` "
        "with every change. Each refusal is a Problem that says what happened, where, and what cures it. "
        "Instants are ISO 8601 in UTC. What concerns personal data, or changes something, is noted in the "
        "audit log."
    ),
}

Json = dict[str, Any]


class DocumentRoutes:
    """The document over HTTP. ``tell`` it the whole table, its own route included."""

    def __init__(self) -> None:
        self._document = b""

    def table(self) -> tuple[Route, ...]:
        """Its route."""
        here = Media("application/json")
        return (Route("GET", "/api/openapi.json", Access.LOGGED_IN, self.document, answers=here),)

    def tell(self, routes: Iterable[Route]) -> None:
        """These are all the routes that there are."""
        self._document = orjson.dumps(document(routes))

    async def document(self, _: web.Request) -> web.Response:
        """GET /api/openapi.json: this document"""
        return web.Response(body=self._document, content_type="application/json", charset="utf-8")


def document(routes: Iterable[Route]) -> Json:
    """The document of these routes."""
    table = list(routes)
    asked, answered = _shapes(table)
    named, schema = models_json_schema([*asked, *answered], ref_template=_REF)
    schemas = schema.get("$defs", {})
    paths: Json = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, named, schemas)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


_Shape = tuple[type[BaseModel], JsonSchemaMode]
_Named = Mapping[Any, Json]


def _shapes(table: Sequence[Route]) -> tuple[list[_Shape], list[_Shape]]:
    asked: list[_Shape] = [(route.asks, "validation") for route in table if route.asks]
    answered: list[_Shape] = [(Problem, "serialization")]
    answered += [(route.answers, "serialization") for route in table if isinstance(route.answers, type)]
    return list(dict.fromkeys(asked)), list(dict.fromkeys(answered))


def _operation(route: Route, named: _Named, schemas: Json) -> Json:
    summary, _, about = (route.handler.__doc__ or "").strip().partition("\n")
    words = summary.partition(": ")[2]
    operation: Json = {
        "operationId": _id_of(route),
        "tags": [route.path.strip("/").removeprefix("api/").partition("/")[0]],
        "summary": words or _words_of(route),
        "description": "\n\n".join(part for part in (" ".join(about.split()), _rights(route)) if part),
        "responses": _responses(route, named),
    }
    parameters = [_in_path(name) for name in _PARAMETER.findall(route.path)]
    if route.asks and route.method == hdrs.METH_GET:
        parameters += _in_query(named[route.asks, "validation"], schemas)
    elif route.asks:
        operation["requestBody"] = {
            "content": {"application/json": {"schema": named[route.asks, "validation"]}},
            "required": bool(_resolved(named[route.asks, "validation"], schemas).get("required")),
        }
    if parameters:
        operation["parameters"] = parameters
    if route.access is not Access.PUBLIC:
        operation["security"] = _WAYS_IN
    return operation


def _id_of(route: Route) -> str:
    words = re.findall(r"\w+", route.path.removeprefix("/api"))
    return "_".join([route.method.lower(), *words])


def _words_of(route: Route) -> str:
    return route.path.rpartition("/")[2].strip("{}").replace("-", " ").replace("_", " ")


def _rights(route: Route) -> str:
    if route.access is Access.PUBLIC:
        return "Anybody may ask."
    roles = ", ".join(sorted(ROLES[route.access]))
    noted = f" Noted in the audit log as {route.noted.deed}." if route.noted else ""
    return f"Right: {route.access} ({roles}).{noted}"


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(reference: Json, schemas: Json) -> list[Json]:
    shape = _resolved(reference, schemas)
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in shape.get("properties", {}).items()
    ]


def _resolved(reference: Json, schemas: Json) -> Json:
    resolved: Json = schemas[reference["$ref"].rpartition("/")[2]]
    return resolved


def _responses(route: Route, named: _Named) -> Json:
    good: Json = {"description": HTTPStatus(route.status).phrase}
    if isinstance(route.answers, Media):
        good["content"] = {route.answers.type: {}}
    elif route.answers:
        good["content"] = {"application/json": {"schema": named[route.answers, "serialization"]}}
    responses = {str(route.status): good}
    if route.answers == Media("audio/wav"):
        responses["206"] = good | {"description": HTTPStatus(206).phrase}
    if route.path == "/healthz":
        responses["503"] = good | {"description": "Some component is not up; telephony may well go on"}
    problem = named[Problem, "serialization"]
    for status in sorted(_refusals(route)):
        told = {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": problem}}}
        responses.setdefault(str(status), told)
    return responses


def _refusals(route: Route) -> set[int]:
    """What every route of this kind may answer, and what this one adds."""
    statuses = {422, 500, 503, *route.problems}
    if route.access is not Access.PUBLIC:
        statuses |= {401, 403}
    if "{" in route.path:
        statuses.add(404)
    if route.method != hdrs.METH_GET:
        statuses |= {413, 415}
    return statuses
