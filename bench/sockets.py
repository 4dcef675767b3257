"""A thousand consoles on one controller against fifteen: how long from an event until each is told, what a
socket takes, and whether clients that do not read slow the others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from bench.consoles import Console, consoles, happened_at
from bench.figures import percentile, shown
from bench.ports import Ports
from bench.process_cost import cpu_ms, rss_kb
from bench.report import Report, as_ratio, within
from bench.stage import AGENTS, Stage, staged

MANY, STALLED = 1_000, 50
PACE = 4.0
BACKLOG_BYTES = 16 * 1024
TOLD_P95_MS = 500.0
SETTLED_S = 1.0
READ_WITHIN_S = 20.0
PERCENTS = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Told:
    """One round. Spans in ms from the event to the client; ``cpu`` is the server's share of one processor."""

    spans: list[float]
    messages_per_s: float
    cpu: float
    kb_per_socket: float
    cut: int
    recovered: int


async def run(ports: Ports, *, quick: bool) -> list[Report]:
    """Few, many, and many of which some read nothing, one after the other at the same load."""
    seconds = 10.0 if quick else 30.0
    report = Report(
        f"sockets: {AGENTS} agents at {PACE:g} times their pace",
        (
            "",
            *(f"p{percent} ms" for percent in PERCENTS),
            "p95 ratio",
            "messages/s",
            "processor",
            "kB/socket",
            "target",
        ),
        notes=[
            "From the event's instant in the server until the client has the whole message, of every client.",
            f"{STALLED} clients of the last round read nothing, not even a snapshot; they count only below.",
            f"Load average of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.",
        ],
    )
    rounds = {
        f"{AGENTS} consoles": await _round(ports, AGENTS, 0, seconds),
        f"{MANY:,} consoles": await _round(ports, MANY, 0, seconds),
        f"{MANY:,}, {STALLED} stalled": await _round(ports, MANY, STALLED, 2 * seconds),
    }
    reference = percentile(rounds[f"{AGENTS} consoles"].spans, 95)
    for name, told in rounds.items():
        found = [percentile(told.spans, percent) for percent in PERCENTS]
        report.rows.append(
            (
                name,
                *map(shown, found),
                as_ratio(found[1] / reference),
                shown(told.messages_per_s),
                f"{told.cpu:.0%}",
                shown(told.kb_per_socket),
                within(found[1], TOLD_P95_MS),
            )
        )
        report.data[name] = {
            f"p{percent}_ms": value for percent, value in zip(PERCENTS, found, strict=True)
        } | {
            "cpu": told.cpu,
            "kb_per_socket": told.kb_per_socket,
            "spans": len(told.spans),
            "cut": told.cut,
        }
    slow = rounds[f"{MANY:,}, {STALLED} stalled"]
    report.notes.append(
        f"{slow.cut} clients were cut down to a snapshot; {slow.recovered} of {STALLED} that had stalled had"
        f" the whole picture when they read on. Cut at {BACKLOG_BYTES // 1024} kB here, to see it soon."
    )
    return [report]


async def _round(ports: Ports, count: int, stalled: int, seconds: float) -> Told:
    async with staged(ports.web, PACE, BACKLOG_BYTES if stalled else None) as stage:
        before = rss_kb(stage.pid)
        async with consoles(stage, count, stalled) as clients:
            await asyncio.sleep(SETTLED_S)
            spent, sent = cpu_ms(stage.pid), sum(len(one.told) for one in clients)
            await asyncio.sleep(seconds)
            spent, sent = cpu_ms(stage.pid) - spent, sum(len(one.told) for one in clients) - sent
            grown = rss_kb(stage.pid) - before
            return Told(
                spans=_spans(clients[: count - stalled]),
                messages_per_s=sent / seconds,
                cpu=spent / (seconds * 1000),
                kb_per_socket=grown / count,
                cut=await stage.cut() if stalled else 0,
                recovered=await _recovered(stage, clients[count - stalled :]) if stalled else 0,
            )


def _spans(clients: Sequence[Console]) -> list[float]:
    at = happened_at(clients[0].messages)
    return [
        heard - at[seq]
        for one in clients
        for kind, after, seq, heard in one.told
        if kind == "changes" and after != seq and seq in at
    ]


async def _recovered(stage: Stage, stalled: Sequence[Console]) -> int:
    """How many have a second snapshot when they read on."""
    for one in stalled:
        one.read_on()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            while sum(map(_has_two, stalled)) < len(stalled):
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    return sum(map(_has_two, stalled))


def _has_two(console: Console) -> bool:
    return sum(kind == "snapshot" for kind, *_ in console.told) > 1
