"""`callcenter replay`: the Router decides again what it decided, or what it would have by other settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from acd.explain import Decision
from callcenter import assembly
from callcenter.cli.failure import Failure
from callcenter.cli.journal import ROUTING, Events, reading
from callcenter.cli.wall_clock import instant, time_zone
from callcenter.domain.kpi_catalogue import KpiFigure
from callcenter.places import Places
from callcenter.replay.account import Account
from callcenter.replay.change import changed_by
from callcenter.replay.comparison import Difference, NotReplayable
from callcenter.replay.span import Span
from callcenter.settings import Settings, load_settings
from callcenter.settings.routing import acd_config

SHOWN_CALLS = 5
FIGURES = ("offered", "answered", "abandoned", "overflowed", "waiting", "asa_ms", "service_level")


async def replay_journal(
    settings: Settings, places: Places, begin: str | None, end: str | None, new: Path | None
) -> int:
    """Replay the span and print what came of it; the exit status: 0 when all was identical (or changed only
    by the ``new`` settings), 1 with the first difference."""
    zone = ZoneInfo(time_zone(settings))
    since = None if begin is None else instant(begin, "--from", settings)
    until = None if end is None else instant(end, "--to", settings)
    other = None if new is None else load_settings(new, (), os.environ)
    async with reading(settings, places, since, ROUTING) as (snapshot, events):
        span = Span(snapshot, since, keep=other is not None)
        try:
            difference = await _compare(span, events, until)
        except NotReplayable as error:
            raise Failure(str(error)) from error
    console = Console(highlight=False, markup=False)
    if difference is not None:
        _tell_difference(console, difference, zone)
        return 1
    if not span.input_count:
        raise Failure("the Router was told nothing in that time -> choose another --from and --to")
    _say(console, f"{span.input_count:,} inputs, {span.decision_count:,} decisions: identical")
    if other is not None:
        _tell_change(console, other, span, until)
    return 0


async def _compare(span: Span, events: Events, until: int | None) -> Difference | None:
    async for seq, event in events:
        if until is not None and event.at >= until:
            break
        difference = span.take(seq, event)
        if difference is not None:
            return difference
    return span.finish()


# --- words ------------------------------------------------------------------------------------------------


def _say(console: Console, line: str = "") -> None:
    console.print(line, soft_wrap=True)


def _tell_difference(console: Console, difference: Difference, zone: ZoneInfo) -> None:
    told = difference.told
    moment = datetime.fromtimestamp(told.at / 1000, zone).isoformat(timespec="milliseconds")
    event = {name: value for name, value in told.event.items() if name not in ("kind", "config")}
    about = ", ".join(f"{name} {value}" for name, value in event.items())
    _say(console, f"not identical: event {told.seq} at {moment}: {told.event['kind']} {about}".rstrip())
    for title, command in (("recorded", difference.recorded), ("replayed", difference.replayed)):
        _say(console, f"{title}:")
        for line in _explained(command):
            _say(console, f"    {line}")


def _explained(command: Mapping[str, Any] | None) -> list[str]:
    """The command in a line, and an Offer's Decision in its own words."""
    if command is None:
        return ["nothing (more) follows from it"]
    plain = {name: value for name, value in command.items() if name not in ("kind", "decision")}
    line = f"{command['kind']}: " + ", ".join(f"{name} {value}" for name, value in plain.items())
    if "decision" not in command:
        return [line]
    try:
        words = Decision.from_dict(command["decision"]).explain().splitlines()
    except (KeyError, TypeError, ValueError) as error:
        words = [f"its decision cannot be read: {error!r}"]
    return [line, *words]


def _tell_change(console: Console, other: Settings, span: Span, until: int | None) -> None:
    config = acd_config(other)
    change = changed_by(config, span, assembly.kpi_policy(other), until)
    widths = (16, 10, 7, 9, 10, 11, 8, 10, 8)
    titles = ("queue", "", "calls", "answered", "abandoned", "overflowed", "waiting", "mean wait", "in time")
    _say(console, _row(titles, widths))
    for queue in [*dict.fromkeys([*change.recorded.queues, *change.imagined.queues]), None]:
        for account, title in ((change.recorded, "recorded"), (change.imagined, "new")):
            name = "" if account is change.imagined else queue or "all"
            figures = account.figures(queue, change.ends_at)
            _say(console, _row((name, title, *(_shown(figures[key]) for key in FIGURES)), widths))
    calls = len(change.recorded.endings.keys() | change.imagined.endings.keys())
    _say(console, f"{len(change.changed):,} of {calls:,} calls with another agent or outcome")
    for call_id in change.changed[:SHOWN_CALLS]:
        then, now = (_course(account, call_id) for account in (change.recorded, change.imagined))
        _say(console, f"    {call_id}: {then} -> {now}")
    _say(
        console,
        "Callers who were answered are taken to wait as long as it takes: where waits grow, more would have"
        " hung up.",
    )


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    first, second, *rest = (
        cell.ljust(width) if index < 2 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"{first}{second}{''.join(rest)}".rstrip()


def _shown(figure: KpiFigure) -> str:
    if figure.value is None:
        return "-"
    match figure.unit.value:
        case "ms":
            return f"{figure.value / 1000:.1f} s"
        case "ratio":
            return f"{figure.value:.1%}"
        case _:
            return f"{figure.value:,.0f}"


def _course(account: Account, call_id: str) -> str:
    endings = account.endings.get(call_id, [])
    words = [
        f"{ending.queue} {ending.outcome.value}"
        + (f" by {ending.agent_id}" if ending.agent_id else "")
        + f" after {ending.wait_ms / 1000:.1f} s"
        for ending in endings
    ]
    return ", ".join(words) or "still waiting"
