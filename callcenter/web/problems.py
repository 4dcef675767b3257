"""Errors of the API: each says what happened, where, and what to do (wire.Problem)."""

from __future__ import annotations

from typing import Any

from aiohttp import hdrs, web

from callcenter.domain.commands import Refused
from callcenter.web.wire_problems import Problem

MEDIA_TYPE = "application/problem+json"


class ApiProblem(Exception):
    """Ends the handling of a request with a Problem. ``told`` are its further fields."""

    def __init__(
        self,
        status: int,
        code: str,
        what: str,
        cure: str,
        headers: dict[str, str] | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(what)
        self.status = status
        self.code = code
        self.what = what
        self.cure = cure
        self.headers = headers or {}
        self.told = told or {}


def problem_response(problem: ApiProblem, request: web.Request) -> web.Response:
    """The answer that tells the client of this problem."""
    body = Problem(
        status=problem.status,
        code=problem.code,
        what=problem.what,
        where=f"{request.method} {request.path}",
        cure=problem.cure,
        **problem.told,
    )
    return web.Response(
        status=problem.status,
        body=body.model_dump_json(exclude_defaults=True).encode(),
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def not_logged_in() -> ApiProblem:
    """No session, or one that has ended."""
    return ApiProblem(
        401,
        "not_logged_in",
        "You are not logged in, or the session has ended.",
        "Log in again (POST /api/login).",
        {"WWW-Authenticate": "Bearer"},
    )


def forbidden(what: str = "Your role may not do this.") -> ApiProblem:
    """Logged in, but without the right."""
    return ApiProblem(
        403, "forbidden", what, "Ask an administrator for the right, or log in as somebody else."
    )


def password_due() -> ApiProblem:
    """Somebody else knows the password."""
    return ApiProblem(
        403,
        "password_due",
        "Your password was given to you by somebody else.",
        "Choose one of your own (POST /api/me/password); everything else waits for that.",
    )


def locked_out(wait_ms: int) -> ApiProblem:
    """Too many wrong passwords; it may be tried again after ``wait_ms``."""
    wait_sec = -(-wait_ms // 1000)
    return ApiProblem(
        429,
        "locked_out",
        "Too many failed log-ins.",
        f"Wait {wait_sec} s, then try again, or ask an administrator to unlock the name.",
        {hdrs.RETRY_AFTER: str(wait_sec)},
    )


def not_found(what: str, cure: str = "Check the id.") -> ApiProblem:
    """What the path names does not exist."""
    return ApiProblem(404, "not_found", what, cure)


def refused(refusal: Refused) -> ApiProblem:
    """The centre did not do what was asked."""
    return ApiProblem(409, "refused", refusal.reason, refusal.cure)


def store_unavailable(error: Exception) -> ApiProblem:
    """The record cannot be read or written now."""
    return ApiProblem(503, "store_unavailable", str(error), "Calls go on; ask again when it is back.")


def defect() -> ApiProblem:
    """An error that is ours; the log has it."""
    return ApiProblem(
        500, "internal", "The centre could not carry this out.", "See its log at this time; report it."
    )


_BY_STATUS = {
    404: ("not_found", "There is nothing at this address.", "See the routes in callcenter/web/app.py."),
    405: ("method_not_allowed", "This address does not know the method.", "Use one of the Allow header."),
    413: ("too_large", "The request is too large.", "Send less: a request's body holds a few fields."),
    416: ("range_not_satisfiable", "The recording has no such range.", "Ask for bytes within its length."),
}


def from_http(error: web.HTTPException) -> ApiProblem:
    """aiohttp's own refusals in our shape."""
    code, what, cure = _BY_STATUS.get(
        error.status, ("http_error", error.reason or "The request was refused.", "Check the request.")
    )
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return ApiProblem(error.status, code, what, cure, allow)
