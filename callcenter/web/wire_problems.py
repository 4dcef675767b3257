"""Why a request was not carried out, as JSON (RFC 9457 in spirit). See ``wire``."""

from __future__ import annotations

from pydantic import Field

from callcenter.web.wire import Instant, Wire


class WrittenMistake(Wire):
    """One mistake in a file that people write. Line and column count from 1; ``path`` leads to the entry."""

    file: str
    line: int
    column: int
    path: list[str | int]
    message: str


class Problem(Wire):
    """Why a request was not carried out: ``what`` happened, ``where``, and what cures it (``cure``).

    ``code`` is stable and meant for programs; the media type is application/problem+json. ``mistakes`` are
    those of a file that people write; ``changed_by`` and ``changed_at`` tell who was quicker.
    """

    status: int
    code: str
    what: str
    where: str
    cure: str
    mistakes: list[WrittenMistake] = Field(default_factory=list)
    changed_by: str = ""
    changed_at: Instant | None = None
