"""The centre's way from caller to agent against Asterisk's own Queue(), with the same phones and callers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.centre import SCARCE_NUMBER, CentreOptions, RunningCentre
from bench.figures import Spread, percentile, ratio, shown
from bench.reference import RunningReference
from bench.report import Report, as_ratio, joined, within
from bench.rig import CLEAN_P95_MS, Rig, Round
from bench.sipp import Moment, of_callers
from callcenter.domain.codec import decode_line
from callcenter.domain.events import CallArrived, OfferMade

RATES = (20, 60, 100)
LADDER = tuple(range(110, 210, 10))
LADDER_S = 6.0
MATCH_RATE = 20
CONTROLLER_MS, LATENCY_RATIO, RATE_RATIO = 3.0, 1.2, 0.8
RING_P50_MS, RING_P99_MS = 10.0, 50.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rates: Sequence[int]
    ladder: Sequence[int]
    rounds: int
    seconds: float


FULL = Extent(RATES, LADDER, rounds=3, seconds=10)
QUICK = Extent((20, 60), (100,), rounds=1, seconds=4)


async def run(rig: Rig, *, quick: bool) -> list[Report]:
    """The comparison, the match-to-ring figures, and one row with recording on."""
    extent = QUICK if quick else FULL
    async with rig.centre() as centre, rig.reference() as reference:
        pairs = {MATCH_RATE: await _pairs(rig, centre, reference, MATCH_RATE, extent)}
        scarce = [
            await _pair(rig, centre, reference, MATCH_RATE, extent.seconds, index, SCARCE_NUMBER)
            for index in range(extent.rounds)
        ]
        ring = _ring_report(centre, pairs[MATCH_RATE], scarce)  # while the local journal still holds them
        for rate in extent.rates:
            if rate not in pairs:
                pairs[rate] = await _pairs(rig, centre, reference, rate, extent)
        highest = await _highest(rig, {"centre": centre, "Queue()": reference}, extent, pairs)
        async with rig.bare_ari(centre) as bare:
            least = {
                rate: [await rig.round(bare, rate=rate, seconds=extent.seconds) for _ in range(extent.rounds)]
                for rate in extent.rates
            }
    routing = _routing_report(pairs, least, highest)
    async with rig.centre(CentreOptions(recording=True)) as centre:
        recorded = [
            await rig.round(centre, rate=MATCH_RATE, seconds=extent.seconds) for _ in range(extent.rounds)
        ]
    _add_recorded(routing, recorded, pairs[MATCH_RATE])
    return [routing, ring]


Pair = tuple[Round, Round]
"""The centre's round and the reference's."""


async def _pairs(
    rig: Rig, centre: RunningCentre, reference: RunningReference, rate: int, extent: Extent
) -> list[Pair]:
    return [
        await _pair(rig, centre, reference, rate, extent.seconds, index) for index in range(extent.rounds)
    ]


async def _pair(
    rig: Rig,
    centre: RunningCentre,
    reference: RunningReference,
    rate: int,
    seconds: float,
    index: int,
    number: str = "7000",
) -> Pair:
    """One round of each; every second time the other one begins."""
    if index % 2:
        theirs = await rig.round(reference, rate=rate, seconds=seconds, number=number)
        return await rig.round(centre, rate=rate, seconds=seconds, number=number), theirs
    ours = await rig.round(centre, rate=rate, seconds=seconds, number=number)
    return ours, await rig.round(reference, rate=rate, seconds=seconds, number=number)


async def _highest(
    rig: Rig,
    sides: dict[str, RunningCentre | RunningReference],
    extent: Extent,
    pairs: dict[int, list[Pair]],
) -> dict[str, int]:
    """Each side's highest clean rate, both climbing together so that they meet the same weather.

    A rate that was not clean is tried once more before it counts; who fails twice climbs no further.
    """
    highest = {
        name: max(
            (rate for rate in extent.rates if any(pair[which].clean for pair in pairs[rate])), default=0
        )
        for which, name in enumerate(sides)
    }
    climbing = list(sides)
    for rate in extent.ladder:
        clean: set[str] = set()
        for _ in range(2):
            for name in climbing:
                if name not in clean and (await rig.round(sides[name], rate=rate, seconds=LADDER_S)).clean:
                    clean.add(name)
        climbing = [name for name in climbing if name in clean]
        highest |= dict.fromkeys(climbing, rate)
    return highest


def _spread(pairs: Sequence[Pair], which: int, figure: Callable[[Round], float]) -> Spread:
    return _spread_of([pair[which] for pair in pairs], figure)


def _spread_of(rounds: Sequence[Round], figure: Callable[[Round], float]) -> Spread:
    return Spread.of(figure(one) for one in rounds)


def _routing_report(
    pairs: dict[int, list[Pair]], least: dict[int, list[Round]], highest: dict[str, int]
) -> Report:
    report = Report(
        "queue: INVITE to agent answer, the centre against Queue()",
        ("calls/s", "", "p50 ms", "p95 ms", "failed", "Asterisk ms/call", "controller", "beside it", "busy"),
        notes=[
            "p50, p95: from just before the caller's INVITE to just before the agent's 200 (10 ms ringing).",
            "Median [range] of the rounds; ratios are centre / Queue(). busy: all CPU of the machine.",
            "ARI alone: the same requests for the same calls, without journal, routing, figures and tickets.",
            f"Targets: p95 <= {LATENCY_RATIO}x, controller <= {CONTROLLER_MS} ms, highest >= {RATE_RATIO}x.",
        ],
    )
    for rate, rounds in pairs.items():
        for which, name in enumerate(("centre", "Queue()")):
            report.rows.append(_row(str(rate), name, [pair[which] for pair in rounds]))
        ratios = [
            ratio(_spread(rounds, 0, figure), _spread(rounds, 1, figure))
            for figure in (lambda r: r.p50, lambda r: r.p95, lambda r: r.asterisk_ms)
        ]
        controller = _spread(rounds, 0, lambda r: r.controller_ms)
        report.rows.append(
            (
                "",
                "ratio",
                as_ratio(ratios[0]),
                f"{as_ratio(ratios[1])} {within(ratios[1], LATENCY_RATIO)}",
                "",
                as_ratio(ratios[2]),
                within(controller.median, CONTROLLER_MS),
                "",
                "",
            )
        )
        report.rows.append(_row("", "ARI alone", least[rate]))
        report.data[str(rate)] = {
            "least_controller_ms": _spread_of(least[rate], lambda r: r.controller_ms).to_dict(),
            "p95_ratio": ratios[1],
            "p95_ms": [_spread(rounds, which, lambda r: r.p95).to_dict() for which in (0, 1)],
            "p50_ms": [_spread(rounds, which, lambda r: r.p50).to_dict() for which in (0, 1)],
            "asterisk_ms": [_spread(rounds, which, lambda r: r.asterisk_ms).to_dict() for which in (0, 1)],
            "controller_ms": controller.to_dict(),
        }
    share = highest["centre"] / highest["Queue()"] if highest["Queue()"] else float("nan")
    report.notes.insert(
        0,
        f"Highest clean rate tried (none failed, p95 <= {CLEAN_P95_MS:.0f} ms): "
        f"centre {highest['centre']}/s, Queue() {highest['Queue()']}/s: "
        f"{as_ratio(share)} {within(share, RATE_RATIO, at_least=True)}",
    )
    report.data["highest_clean_rate"] = highest
    return report


def _row(rate: str, name: str, rounds: Sequence[Round]) -> tuple[str, ...]:
    def spread(figure: Callable[[Round], float]) -> str:
        return str(_spread_of(rounds, figure))

    failed, offered = sum(one.failed for one in rounds), sum(one.offered for one in rounds)
    return (
        rate,
        name,
        spread(lambda r: r.p50),
        spread(lambda r: r.p95),
        f"{failed}/{offered}",
        spread(lambda r: r.asterisk_ms),
        spread(lambda r: r.controller_ms) if rounds[0].controller_ms else "-",
        spread(lambda r: r.beside_ms) if rounds[0].beside_ms else "-",
        f"{Spread.of(one.machine_busy for one in rounds).median:.0%}",
    )


def _add_recorded(report: Report, recorded: Sequence[Round], pairs: Sequence[Pair]) -> None:
    report.rows.append(_row(str(MATCH_RATE), "centre, recording", recorded))
    extra = (
        Spread.of(one.asterisk_ms for one in recorded).median
        - _spread(pairs, 0, lambda r: r.asterisk_ms).median
    )
    report.notes.append(f"Recording costs {shown(extra)} ms of Asterisk per call of 1 s.")


def _ring_report(centre: RunningCentre, plenty: Sequence[Pair], scarce: Sequence[Pair]) -> Report:
    report = Report(
        f"queue: match to ring at {MATCH_RATE} calls/s",
        ("", "p50 ms", "p99 ms", "n", "target"),
        notes=[
            "Offer: OfferMade's instant in the journal (whole ms, read before the decision is made).",
            "Ring: the INVITE's arrival at the phone, by its log.",
        ],
    )
    offered, arrived = _journal(centre.places.journal)
    for name, pairs in (
        ("a caller comes, agents wait", plenty),
        ("an agent gets free, callers wait", scarce),
    ):
        rung = {k: m for pair in pairs for k, m in of_callers(pair[0].phones, "rung").items()}
        _add_spans(report, f"offer to ring: {name}", _since(rung, offered), judged=True)
        if pairs is plenty:
            _add_spans(report, "caller in Stasis to ring", _since(rung, arrived))
    for which, name in enumerate(("centre", "Queue()")):
        spans = [span for pair in scarce for span in _freed_to_rung(pair[which].phones)]
        _add_spans(report, f"agent's BYE to the next ring of the same phone: {name}", spans)
    return report


def _journal(directory: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The instants of the first offer and of the arrival, by caller."""
    offered: dict[str, int] = {}
    arrived: dict[str, int] = {}
    caller_of: dict[str, str] = {}
    for path in sorted(directory.glob("journal-*.jsonl")):
        for line in path.read_bytes().splitlines():
            if b"CallArrived" not in line and b"OfferMade" not in line:
                continue
            match decode_line(line)[1]:
                case CallArrived(at=at, call_id=call_id, caller=caller):
                    caller_of[call_id] = caller
                    arrived[caller] = at
                case OfferMade(at=at, call_id=call_id):
                    offered.setdefault(caller_of[call_id], at)
                case _:
                    pass
    return offered, arrived


def _since(rung: dict[str, Moment], known: dict[str, int]) -> list[float]:
    return [moment.at_us / 1000 - known[caller] for caller, moment in rung.items() if caller in known]


def _freed_to_rung(phones: Sequence[Moment]) -> list[float]:
    """From each agent's BYE to the next INVITE at the same phone."""
    freed: dict[str, float] = {}
    spans = []
    for moment in phones:
        if moment.what == "freed":
            freed[moment.phone] = moment.at_us
        elif moment.what == "rung" and moment.phone in freed:
            spans.append((moment.at_us - freed.pop(moment.phone)) / 1000)
    return spans


def _add_spans(report: Report, name: str, spans: Sequence[float], *, judged: bool = False) -> None:
    p50, p99 = percentile(spans, 50), percentile(spans, 99)
    verdict = joined((within(p50, RING_P50_MS), within(p99, RING_P99_MS))) if judged else ""
    report.rows.append((name, shown(p50), shown(p99), str(len(spans)), verdict))
    report.data[name] = {"p50_ms": p50, "p99_ms": p99, "n": len(spans)}
