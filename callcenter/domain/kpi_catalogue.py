"""The formula catalogue: every figure that is shown, with its definition, computed here and nowhere else.

Definitions follow the KPI catalogue of the product (GB/T 33358-2016 and the contracts of 12345 hotlines).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callcenter.domain.events import CallBackEnd
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import IDLE, WORKING, KpiBoard
from callcenter.domain.kpi_tally import WITHIN_SEC, Requests, Tally


class KpiUnit(StrEnum):
    """What a figure counts in; a ratio is 0.0 to 1.0."""

    COUNT = "count"
    RATIO = "ratio"
    MS = "ms"


_BETTER_HIGHER = frozenset(
    {
        *("answered", "connect_rate", "connect_rate_of_all", "answer_rate_20", "agent_answer_rate"),
        *("call_backs_reached", "satisfaction_rate", "participation_rate", "dial_out_reach_rate"),
    }
)
_BETTER_LOWER = frozenset(
    {
        *("abandoned", "short_abandoned", "overflowed", "waiting", "longest_wait_ms", "call_backs_owed"),
        *("abandonment_rate", "asa_ms", "loss_rate"),
    }
)


def better_when_higher(key: str) -> bool | None:
    """Whether a higher value of the figure is the better one; None: it is neither. A target is what is aimed
    at from that side: a least value, or (False) a greatest."""
    if key in _BETTER_LOWER:
        return False
    return True if key in _BETTER_HIGHER or key.startswith(("service_level", "connected_within_")) else None


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


def _due(tally: Tally) -> int:
    """Promised, less those still owed: they have come to an end; and less those that the caller overtook."""
    ended = tally.call_backs.ended
    return tally.call_backs.reached + sum(ended.values()) - ended.get(CallBackEnd.CALLED_AGAIN, 0)


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
    _Ratio(
        "call_backs_reached",
        KpiUnit.RATIO,
        "promised call-backs that reached the caller / those due: all but those still owed and those whose "
        "caller called again first",
        lambda t: t.call_backs.reached,
        _due,
    ),
    _Ratio(
        "satisfaction_rate",
        KpiUnit.RATIO,
        "满意率: satisfied / rated, by the first question of the survey",
        lambda t: t.surveys.satisfied,
        lambda t: t.surveys.rated,
    ),
    _Ratio(
        "participation_rate",
        KpiUnit.RATIO,
        "参评率: rated / invited to rate; those being asked at this moment are left out",
        lambda t: t.surveys.rated,
        lambda t: t.surveys.offered - t.surveys.open,
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
        ("key_exits", "callers who left the queue by a key", tally.outcome(Q.KEY_EXIT)),
        ("waiting", "calls waiting now", len(tally.waiting)),
        ("call_backs_promised", "callers who were promised to be called back", tally.call_backs.promised),
        ("call_backs_owed", "promised call-backs still to be made", len(tally.call_backs.owed)),
        ("surveys_offered", "callers who were asked how it was", tally.surveys.offered),
        ("surveys_rated", "of them those who answered the first question", tally.surveys.rated),
    )
    return (
        *(KpiFigure(key, float(value), KpiUnit.COUNT, formula) for key, formula, value in counts),
        KpiFigure("longest_wait_ms", float(longest), KpiUnit.MS, "the longest wait of those waiting now"),
        *(
            _figure(ratio.key, ratio.unit, ratio.formula, ratio.numerator(tally), ratio.denominator(tally))
            for ratio in PER_QUEUE
        ),
    )


@dataclass(frozen=True, slots=True)
class _RequestRatio:
    key: str
    formula: str
    numerator: Callable[[Requests], int]
    denominator: Callable[[Requests], int]


def _within(seconds: int) -> Callable[[Requests], int]:
    return lambda r: r.answered_within.get(str(seconds), 0)


PER_REQUEST = (
    _RequestRatio(
        "connect_rate",
        "接通率: answered by agents / calls that asked for a human",
        lambda r: r.answered,
        lambda r: r.asked,
    ),
    _RequestRatio(
        "connect_rate_of_all",
        "接通率: answered by agents / all calls in",
        lambda r: r.answered,
        lambda r: r.calls_in,
    ),
    *(
        _RequestRatio(
            f"connected_within_{seconds}",
            f"{seconds} 秒人工接通率: answered within {seconds} s / human requests; wait = queue + ring",
            _within(seconds),
            lambda r: r.asked,
        )
        for seconds in WITHIN_SEC
    ),
    _RequestRatio(
        "answer_rate_20",
        "20 s 应答率: answered within 20 s / answered",
        _within(20),
        lambda r: r.answered,
    ),
    _RequestRatio(
        "loss_rate",
        "呼损率: human requests ended unanswered / calls in",
        lambda r: r.lost,
        lambda r: r.calls_in,
    ),
)


def total_figures(board: KpiBoard, now: int) -> tuple[KpiFigure, ...]:
    """The figures of the whole centre: those of all queues, and those that only the whole has."""
    made, ringing = board.dial_outs.made, len(board.dial_outs.ringing)
    return (
        *centre_figures(board.requests, board.agent_time(now), board.total, now),
        KpiFigure("dial_outs", float(made), KpiUnit.COUNT, "calls that agents made"),
        _figure(
            "dial_out_reach_rate",
            KpiUnit.RATIO,
            "answered/(answered + not answered) of the calls that agents made",
            board.dial_outs.reached,
            made - ringing,
        ),
    )


def centre_figures(
    asked: Requests, spent: Mapping[str, int], total: Tally, now: int
) -> tuple[KpiFigure, ...]:
    """The same of any time: its calls, what agents did in it (time per Presence), and all its queues."""
    return (
        KpiFigure("calls_in", float(asked.calls_in), KpiUnit.COUNT, "all calls that came in"),
        KpiFigure("human_requests", float(asked.asked), KpiUnit.COUNT, "calls that asked for a human"),
        *(
            _figure(ratio.key, KpiUnit.RATIO, ratio.formula, ratio.numerator(asked), ratio.denominator(asked))
            for ratio in PER_REQUEST
        ),
        *_time_figures(spent),
        *queue_figures(total, now),
    )


OF_AGENTS = ("aht_ms", "agent_answer_rate", "satisfaction_rate", "participation_rate")


def agent_figures(tally: Tally, spent: Mapping[str, int]) -> tuple[KpiFigure, ...]:
    """The figures of one agent: talks, and time per Presence."""
    times = (
        ("talk_ms", "time with callers", tally.talk_ms),
        ("hold_ms", "time that callers were on hold", tally.hold_ms),
        ("wrap_up_ms", "after-call work", tally.wrap_up_ms),
        ("available_ms", "ready or being rung", sum(spent.get(presence, 0) for presence in IDLE)),
        ("paused_ms", "logged in and not ready", spent.get("not_ready", 0)),
        ("staffed_ms", "time logged in", _staffed(spent)),
    )
    return (
        KpiFigure("handled", float(tally.handled), KpiUnit.COUNT, "talks with callers"),
        *(KpiFigure(key, float(value), KpiUnit.MS, formula) for key, formula, value in times),
        *(
            _figure(ratio.key, ratio.unit, ratio.formula, ratio.numerator(tally), ratio.denominator(tally))
            for ratio in PER_QUEUE
            if ratio.key in OF_AGENTS
        ),
        *_time_figures(spent),
    )


def _time_figures(spent: Mapping[str, int]) -> tuple[KpiFigure, ...]:
    working = sum(spent.get(presence, 0) for presence in WORKING)
    available = sum(spent.get(presence, 0) for presence in IDLE)
    occupancy = "(talk + hold + wrap-up)/(talk + hold + wrap-up + available)"
    utilisation = "(talk + hold + wrap-up + available)/staffed"
    return (
        _figure("occupancy", KpiUnit.RATIO, occupancy, working, working + available),
        _figure("utilisation", KpiUnit.RATIO, utilisation, working + available, _staffed(spent)),
    )


def _staffed(spent: Mapping[str, int]) -> int:
    return sum(ms for presence, ms in spent.items() if presence != "logged_out")


def _figure(key: str, unit: KpiUnit, formula: str, numerator: int, denominator: int) -> KpiFigure:
    value = numerator / denominator if denominator else None
    return KpiFigure(key, value, unit, formula, float(numerator), float(denominator))
