"""ARI events decoded per second, against only reading their JSON."""

from __future__ import annotations

import json
from pathlib import Path

import orjson

from bench.figures import ratio
from bench.report import Report, as_ratio
from bench.rounds import per_cpu_second
from callcenter.adapters.asterisk.decode import decode

RECORDED = Path(__file__).parents[1] / "tests/recorded/ari_events.jsonl"


def run(*, quick: bool) -> list[Report]:
    """Decode the recorded events again and again."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    times = 200 if quick else 1000

    def ours() -> int:
        for _ in range(times):
            for line in lines:
                decode(orjson.loads(line))
        return times * len(lines)

    def plain() -> int:
        for _ in range(times):
            for line in lines:
                json.loads(line)
        return times * len(lines)

    def parsed() -> int:
        for _ in range(times):
            for line in lines:
                orjson.loads(line)
        return times * len(lines)

    names = {"orjson + decode": ours, "json.loads": plain, "orjson.loads": parsed}
    speeds = per_cpu_second(names, rounds=3 if quick else 7)
    report = Report(
        "events: ARI events decoded",
        ("", "events per CPU second", "ratio to json.loads"),
        [(name, str(speed), as_ratio(ratio(speed, speeds["json.loads"]))) for name, speed in speeds.items()],
        [f"{len(lines)} recorded events of {sum(map(len, lines)) / len(lines):.0f} bytes each on average."],
        {name: speed.to_dict() for name, speed in speeds.items()},
    )
    return [report]
