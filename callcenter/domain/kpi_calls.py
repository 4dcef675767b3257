"""Which calls a figure of the day counts: the board of each call by itself says it.

Whatever the board counts of calls adds up, also over midnight, so a figure of all calls is the sum of what
the same formula says of each one alone. The list behind a figure therefore needs no rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit, queue_figures, total_figures
from callcenter.domain.kpi_tally import Tally

OF_TIMES = frozenset({"occupancy", "utilisation"})
"""Ratios of times, which count no calls."""
COUNTED_OF_CALLS = (
    *(e.CallArrived, e.CallBackPromised, e.CallDialledOut, e.CallQueued, e.QueueLeft, e.AgentConnected),
    *(e.OfferEnded, e.AgentReleased, e.SurveyOffered, e.SurveyAnswered, e.CallEnded),
)
"""The kinds of events of a call of which the board counts it."""


class Term(StrEnum):
    """What of a figure is asked: the count itself, or what stands above or below the line."""

    VALUE = "value"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


@dataclass(frozen=True, slots=True)
class FigurePart:
    """A number of the board: of a queue or of TOTAL."""

    scope: str
    key: str
    part: Term


def countable(figure: KpiFigure) -> tuple[Term, ...]:
    """Which parts of the figure count calls, so that a list of them can be opened."""
    if figure.unit is KpiUnit.COUNT:
        return (Term.VALUE,)
    if figure.denominator is None or figure.key in OF_TIMES:
        return ()
    return (Term.DENOMINATOR,) if figure.unit is KpiUnit.MS else (Term.NUMERATOR, Term.DENOMINATOR)


def number_of(figure: KpiFigure, part: Term) -> int:
    """The number that this part is; 0 when there is nothing."""
    numbers = {
        Term.VALUE: figure.value,
        Term.NUMERATOR: figure.numerator,
        Term.DENOMINATOR: figure.denominator,
    }
    return int(numbers[part] or 0)


def figures_in(board: KpiBoard, scope: str, now: int) -> tuple[KpiFigure, ...]:
    """The figures of the day that the board shows at ``now``."""
    board = board.seen_at(now)
    if scope == TOTAL:
        return total_figures(board, now)
    return queue_figures(board.queues.get(scope, Tally()), now)


def times_counted(policy: KpiPolicy, life: Iterable[e.DomainEvent], asked: FigurePart, now: int) -> int:
    """How often that number counts the call today. ``life`` are its events and the policies that came into
    force, in the order of the journal; ``policy`` is what was in force before."""
    board = KpiBoard(policy)
    for event in life:
        board.apply(event)
    for figure in figures_in(board, asked.scope, now):
        if figure.key == asked.key:
            return number_of(figure, asked.part)
    return 0
