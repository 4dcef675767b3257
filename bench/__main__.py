"""``python -m bench [NAMES...] [--quick] [--json FILE]``: measure, and print each figure beside its reference."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from pathlib import Path

from rich.console import Console

from bench import queue_path
from bench.ports import Ports
from bench.report import Report
from bench.rig import INSTALLED, rig

NAMES = ("queue",)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(NAMES)}; none: all")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: 3 minutes in all")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument(
        "--first-port", type=int, default=Ports().first, help="of a thousand (default: %(default)s)"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no bench named {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    logging.basicConfig(level=logging.WARNING)
    reports = asyncio.run(_run(asked.names or NAMES, Ports(asked.first_port), quick=asked.quick))
    if asked.json:
        asked.json.write_text(json.dumps(reports, indent=2, ensure_ascii=False), encoding="utf-8")


async def _run(names: tuple[str, ...] | list[str], ports: Ports, *, quick: bool) -> dict[str, object]:
    console = Console(highlight=False)
    results: dict[str, object] = {}
    for name in names:
        began = time.monotonic()
        reports = await _one(name, ports, quick=quick)
        for report in reports:
            report.print(console)
        results[name] = {"elapsed_s": time.monotonic() - began, "reports": [r.to_dict() for r in reports]}
    return results


async def _one(name: str, ports: Ports, *, quick: bool) -> list[Report]:
    async with rig(INSTALLED / "bench", ports) as ready:
        return await queue_path.run(ready, quick=quick)


if __name__ == "__main__":
    main()
