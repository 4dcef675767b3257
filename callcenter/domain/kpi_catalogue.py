"""The formula catalogue: every figure that is shown, with its definition, computed here and nowhere else.

Definitions follow the KPI catalogue of the product (GB/T 33358-2016 and the contracts of 12345 hotlines).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import IDLE, WITHIN_SEC, WORKING, KpiBoard, Tally


class KpiUnit(StrEnum):
    """What a figure counts in; a ratio is 0.0 to 1.0."""

    COUNT = "count"
    RATIO = "ratio"
    MS = "ms"


@dataclass(frozen=True, slots=True)
class KpiFigure:
    """One figure. ``value`` is None while there is nothing to divide by; ``target`` is what is aimed at."""

    key: str
    value: float | None
    unit: KpiUnit
    formula: str
    numerator: float | None = None
    denominator: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class _Ratio:
    key: str
    unit: KpiUnit
    formula: str
    numerator: Callable[[Tally], int]
    denominator: Callable[[Tally], int]


def _answered(tally: Tally) -> int:
    return tally.outcome(Q.ANSWERED)


def _abandoned(tally: Tally) -> int:
    return tally.outcome(Q.ABANDONED)


def _offers(tally: Tally) -> int:
    return sum(count for end, count in tally.offers.items() if end != "revoked")


PER_QUEUE = (
    _Ratio(
        "service_level",
        KpiUnit.RATIO,
        "A(T)/A: answered within T of answered; abandons ignored",
        lambda t: t.answered_in_time,
        _answered,
    ),
    _Ratio(
        "service_level_abandons_negative",
        KpiUnit.RATIO,
        "A(T)/offered",
        lambda t: t.answered_in_time,
        lambda t: t.offered,
    ),
    _Ratio(
        "service_level_abandons_left_out",
        KpiUnit.RATIO,
        "A(T)/(offered - Ab(T)): abandons within T left out",
        lambda t: t.answered_in_time,
        lambda t: t.offered - t.abandoned_in_time,
    ),
    _Ratio(
        "service_level_abandons_positive",
        KpiUnit.RATIO,
        "(A(T)+Ab(T))/offered",
        lambda t: t.answered_in_time + t.abandoned_in_time,
        lambda t: t.offered,
    ),
    _Ratio(
        "abandonment_rate",
        KpiUnit.RATIO,
        "abandoned/queued, short abandons left out of both",
        _abandoned,
        lambda t: t.offered - t.outcome(Q.SHORT_ABANDONED),
    ),
    _Ratio(
        "asa_ms",
        KpiUnit.MS,
        "sum of waits of answered / answered",
        lambda t: t.answered_wait_ms,
        _answered,
    ),
    _Ratio(
        "aht_ms",
        KpiUnit.MS,
        "(talk + hold + wrap-up)/handled",
        lambda t: t.talk_ms + t.hold_ms + t.wrap_up_ms,
        lambda t: t.handled,
    ),
    _Ratio(
        "agent_answer_rate",
        KpiUnit.RATIO,
        "answered offers/offers (missed: no answer, declined, busy, unreachable)",
        lambda t: t.offers.get("accepted", 0),
        _offers,
    ),
)


def queue_figures(tally: Tally, now: int) -> tuple[KpiFigure, ...]:
    """The figures of one queue, or of all queues together."""
    longest = max((now - at for at in tally.waiting.values()), default=0)
    counts = (
        ("offered", "calls that were queued", tally.offered),
        ("answered", "queued calls answered by an agent", _answered(tally)),
        ("abandoned", "callers who hung up while waiting", _abandoned(tally)),
        ("short_abandoned", "of them within the short-abandon threshold", tally.outcome(Q.SHORT_ABANDONED)),
        (
            "overflowed",
            "left the queue by rule: time-out, full, no agent, closed",
            tally.outcome(Q.OVERFLOW_TIMEOUT, Q.OVERFLOW_FULL, Q.OVERFLOW_NO_AGENT, Q.OVERFLOW_CLOSED),
        ),
        ("waiting", "calls waiting now", len(tally.waiting)),
    )
    return (
        *(KpiFigure(key, float(value), KpiUnit.COUNT, formula) for key, formula, value in counts),
        KpiFigure("longest_wait_ms", float(longest), KpiUnit.MS, "the longest wait of those waiting now"),
        *(
            _figure(ratio.key, ratio.unit, ratio.formula, ratio.numerator(tally), ratio.denominator(tally))
            for ratio in PER_QUEUE
        ),
    )


def total_figures(board: KpiBoard, now: int) -> tuple[KpiFigure, ...]:
    """The figures of the whole centre: those of all queues, and those that only the whole has."""
    asked = board.requests
    spent = board.agent_time(now)
    working = sum(spent.get(presence, 0) for presence in WORKING)
    available = sum(spent.get(presence, 0) for presence in IDLE)
    staffed = sum(ms for presence, ms in spent.items() if presence != "logged_out")
    ratio = KpiUnit.RATIO
    return (
        KpiFigure("calls_in", float(asked.calls_in), KpiUnit.COUNT, "all calls that came in"),
        KpiFigure("human_requests", float(asked.asked), KpiUnit.COUNT, "calls that asked for a human"),
        _figure(
            "connect_rate",
            ratio,
            "接通率: answered by agents / calls that asked for a human",
            asked.answered,
            asked.asked,
        ),
        _figure(
            "connect_rate_of_all",
            ratio,
            "接通率: answered by agents / all calls in",
            asked.answered,
            asked.calls_in,
        ),
        *(
            _figure(
                f"connected_within_{seconds}",
                ratio,
                f"{seconds} 秒人工接通率: answered within {seconds} s / human requests; wait = queue + ring",
                asked.answered_within.get(str(seconds), 0),
                asked.asked,
            )
            for seconds in WITHIN_SEC
        ),
        _figure(
            "answer_rate_20",
            ratio,
            "20 s 应答率: answered within 20 s / answered",
            asked.answered_within.get("20", 0),
            asked.answered,
        ),
        _figure(
            "loss_rate",
            ratio,
            "呼损率: human requests ended unanswered / calls in",
            asked.lost,
            asked.calls_in,
        ),
        _figure(
            "occupancy",
            ratio,
            "(talk + hold + wrap-up)/(talk + hold + wrap-up + available)",
            working,
            working + available,
        ),
        _figure(
            "utilisation",
            ratio,
            "(talk + hold + wrap-up + available)/staffed",
            working + available,
            staffed,
        ),
        *queue_figures(board.total, now),
    )


def _figure(key: str, unit: KpiUnit, formula: str, numerator: int, denominator: int) -> KpiFigure:
    value = numerator / denominator if denominator else None
    return KpiFigure(key, value, unit, formula, float(numerator), float(denominator))
