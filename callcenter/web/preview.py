"""``python -m callcenter.web.preview``: the page and the API over a made-up day, without telephony.

Log in as admin, supervisor or agent; the password is printed. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from aiohttp import web

from callcenter.domain import events as e
from callcenter.web.app import WebSettings, make_app, now_ms
from callcenter.web.auth import MemorySessionStore, Sessions
from callcenter.web.made_up_day import PAUSE_REASONS, QUEUES, MadeUpDay, cast
from callcenter.web.memory import MemoryCentre, MemoryHistory, MemoryUsers
from callcenter.web.ports import TOTAL, Component, KpiFigure, KpiUnit, Role, User

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "preview-only"  # noqa: S105 - printed, and good for a made-up centre only
USERS = {
    "admin": (PASSWORD, User("admin", Role.ADMIN, None)),
    "supervisor": (PASSWORD, User("supervisor", Role.SUPERVISOR, None)),
    "agent": (PASSWORD, User("agent", Role.AGENT, "1001")),
}


class _Figures:
    """A handful of figures of the made-up day."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], float] = {}

    def fold(self, _: int, event: e.DomainEvent) -> None:
        match event:
            case e.CallQueued(queue=queue):
                self._add(queue, "offered")
            case e.QueueLeft(queue=queue, outcome=outcome, wait_ms=wait_ms):
                self._add(queue, outcome.value)
                if outcome is e.QueueOutcome.ANSWERED:
                    self._add(queue, "wait_ms", wait_ms)
                    self._add(queue, "answered_within", float(wait_ms <= 15_000))
            case e.AgentReleased(queue=queue, talk_ms=talk_ms, hold_ms=hold_ms):
                self._add(queue, "handled")
                self._add(queue, "handle_ms", talk_ms + hold_ms)
            case e.WrapUpEnded(queue=queue, wrap_up_ms=wrap_up_ms):
                self._add(queue, "handle_ms", wrap_up_ms)
            case _:
                pass

    def _add(self, queue: str, key: str, by: float = 1) -> None:
        for scope in (queue, TOTAL):
            self._counts[scope, key] = self._counts.get((scope, key), 0) + by

    def __call__(self) -> Mapping[str, tuple[KpiFigure, ...]]:
        return {scope: self._of(scope) for scope in (TOTAL, *(queue.name for queue in QUEUES))}

    def _of(self, scope: str) -> tuple[KpiFigure, ...]:
        def count(key: str) -> float:
            return self._counts.get((scope, key), 0)

        def quotient(
            key: str, unit: KpiUnit, formula: str, parts: tuple[str, str], target: float | None = None
        ) -> KpiFigure:
            over, under = count(parts[0]), count(parts[1])
            return KpiFigure(key, over / under if under else None, unit, formula, over, under, target)

        waiting = count("offered") - count("answered") - count("abandoned")
        return (
            KpiFigure("offered", count("offered"), KpiUnit.COUNT, "calls that asked for a human"),
            KpiFigure("waiting", waiting, KpiUnit.COUNT, "offered - outcomes"),
            KpiFigure("answered", count("answered"), KpiUnit.COUNT, "outcome answered"),
            KpiFigure("abandoned", count("abandoned"), KpiUnit.COUNT, "outcome abandoned"),
            quotient("connect_rate", KpiUnit.RATIO, "answered / offered", ("answered", "offered"), 0.95),
            quotient("service_level", KpiUnit.RATIO, "A(15 s) / A", ("answered_within", "answered"), 0.8),
            quotient("asa_ms", KpiUnit.MS, "sum of waits of answered / answered", ("wait_ms", "answered")),
            quotient("aht_ms", KpiUnit.MS, "(talk + hold + wrap-up) / handled", ("handle_ms", "handled")),
            quotient("abandonment", KpiUnit.RATIO, "abandoned / queued", ("abandoned", "offered")),
        )


def preview_app(pace: float, first_seq: int = 0) -> web.Application:
    """The whole web over a made-up day that begins with the application and ends with it."""
    figures = _Figures()
    centre = MemoryCentre(cast(now_ms()), QUEUES, first_seq=first_seq, figures=figures)
    for component in Component:
        centre.set_health(component, True, now_ms())
    centre.subscribe(figures.fold)
    sessions = Sessions(MemorySessionStore(now_ms), now_ms)
    settings = WebSettings(ROOT / "agents_console", ROOT / "var/preview/recordings", PAUSE_REASONS)
    app = make_app(centre, MemoryUsers(USERS), MemoryHistory(), sessions, settings)

    async def play(_: web.Application) -> AsyncIterator[None]:
        day = asyncio.create_task(MadeUpDay(centre, now_ms, pace=pace).play())
        yield
        day.cancel()
        await asyncio.gather(day, return_exceptions=True)

    app.cleanup_ctx.append(play)
    return app


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=21150)
    parser.add_argument("--pace", type=float, default=1.0, help="2: people are twice as quick")
    asked = parser.parse_args()
    sys.stderr.write(f"http://127.0.0.1:{asked.port}/  log in as {', '.join(USERS)}; password {PASSWORD}\n")
    web.run_app(preview_app(asked.pace), host="127.0.0.1", port=asked.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
