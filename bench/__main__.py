"""``python -m bench [NAMES...] [--quick] [--json FILE]``: every figure beside its reference."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import (
    estimates,
    event_decoding,
    first_look,
    flow_steps,
    history,
    journalling,
    key_path,
    matching,
    memory_growth,
    overload,
    pixel,
    publishing,
    queue_path,
    sockets,
    speech,
    theory,
    virtual_day,
)
from bench.ports import Ports
from bench.report import Report, console
from bench.rig import INSTALLED, rig

COMPUTED: Mapping[str, Callable[..., list[Report]]] = {
    "events": event_decoding.run,
    "flows": flow_steps.run,
    "acd": matching.run,
    "estimates": estimates.run,
    "day": virtual_day.run,
    "theory": theory.run,
}
"""They need nothing but this process."""
NAMES = (
    *COMPUTED,
    *("journal", "history", "speech", "sockets", "pixel", "desk"),
    *("queue", "keys", "publish", "admission", "memory"),
)
WORK = INSTALLED / "bench"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(NAMES)}; none: all")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: 3 minutes in all")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument(
        "--first-port", type=int, default=Ports().first, help="of four thousand (%(default)s)"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no bench named {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    logging.basicConfig(level=logging.WARNING)
    results = asyncio.run(_run(asked.names or NAMES, Ports(asked.first_port), quick=asked.quick))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


async def _run(names: Sequence[str], ports: Ports, *, quick: bool) -> dict[str, Any]:
    shown_on = console()
    results: dict[str, Any] = {}
    for name in names:
        began = time.monotonic()
        reports = await _one(name, ports, results, quick=quick)
        for report in reports:
            report.print(shown_on)
        elapsed_s = time.monotonic() - began
        results[name] = {"elapsed_s": elapsed_s, "reports": [report.to_dict() for report in reports]}
    return results


async def _one(name: str, ports: Ports, known: dict[str, Any], *, quick: bool) -> list[Report]:
    if name in COMPUTED:
        return COMPUTED[name](quick=quick)
    match name:
        case "journal":
            return await journalling.run(WORK / "journal", quick=quick)
        case "history":
            return await history.run(WORK / "history", quick=quick)
        case "speech":
            return await speech.run(WORK / "speech", INSTALLED, quick=quick)
        case "sockets":
            return await sockets.run(ports, quick=quick)
        case "pixel":
            return await pixel.run(ports, quick=quick)
        case "desk":
            return await first_look.run(ports, quick=quick)
    async with rig(WORK, ports) as ready:
        match name:
            case "queue":
                return await queue_path.run(ready, quick=quick)
            case "keys":
                return await key_path.run(ready, quick=quick)
            case "publish":
                return await publishing.run(ready, quick=quick)
            case "memory":
                return await memory_growth.run(ready, quick=quick)
            case _:
                return await overload.run(ready, quick=quick, highest=_highest(known))


def _highest(known: dict[str, Any]) -> int | None:
    """The centre's highest clean rate, if the queue bench has just found it."""
    if "queue" not in known:
        return None
    highest: int = known["queue"]["reports"][0]["figures"]["highest_clean_rate"]["centre"]
    return highest


if __name__ == "__main__":
    main()
