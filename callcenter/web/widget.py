"""The console in pages of other systems (docs/widget.md): who may have it, and what browsers are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from callcenter.web.access import Access, Media, Route
from callcenter.web.page import ASK_EACH_TIME
from callcenter.web.problems import ApiProblem
from callcenter.web.requests import answer
from callcenter.web.wire_widget import WidgetAnswer

WIDGET_PAGE: Final = "/widget"
RESOURCE_POLICY: Final = "Cross-Origin-Resource-Policy"
_NOBODY: Final = "frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Embedding:
    """The ``origins`` whose pages may have the widget, and whether some are of other sites than ours."""

    origins: tuple[str, ...] = ()
    across_sites: bool = False


def headers_of_path(path: str, usual: Mapping[str, str], embedding: Embedding) -> dict[str, str]:
    """The headers that keep others out: those of every answer, and of the widget's page that the listed pages
    may frame it."""
    headers = dict(usual)
    if path == WIDGET_PAGE and embedding.origins:
        named = f"frame-ancestors {' '.join(embedding.origins)}"
        headers["Content-Security-Policy"] = usual["Content-Security-Policy"].replace(_NOBODY, named)
        del headers["X-Frame-Options"]  # it can name nobody
    return headers


class WidgetRoutes:
    """What a page needs to have the widget. ``embedding`` is that of now: a reload of the settings may change
    it."""

    def __init__(self, embedding: Callable[[], Embedding], console_dir: Path) -> None:
        self._embedding = embedding
        self._console_dir = console_dir

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        anybody, script = Access.PUBLIC, Media("text/javascript")
        return (
            Route("GET", "/api/widget", anybody, self.origins, answers=WidgetAnswer),
            Route("GET", "/widget.js", anybody, self.script, answers=script, problems=(403, 404)),
        )

    async def origins(self, _: web.Request) -> web.Response:
        """GET /api/widget: with whom the widget's page may speak; its headers tell browsers the same"""
        return answer(WidgetAnswer(origins=list(self._embedding().origins)))

    async def script(self, request: web.Request) -> web.StreamResponse:
        """GET /widget.js: to a script element with ``crossorigin``, which names its page's origin"""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin not in self._embedding().origins:
            raise ApiProblem(
                403,
                "not_embeddable",
                "This page may not have the widget, or does not say which it is.",
                "Name its origin in the settings (widget.origins), and load the script with crossorigin.",
                {hdrs.VARY: hdrs.ORIGIN},
            )
        file = self._console_dir / "widget.js"
        if not file.is_file():
            raise web.HTTPNotFound
        told = {
            hdrs.CACHE_CONTROL: ASK_EACH_TIME,
            hdrs.VARY: hdrs.ORIGIN,
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
            RESOURCE_POLICY: "cross-origin",
        }
        return web.FileResponse(file, headers=told)
