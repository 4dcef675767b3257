"""The list behind a figure: as many calls as the figure says, on any day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_calls import FigurePart, Term, countable, figures_in, number_of, times_counted

ZONE = "Asia/Shanghai"
POLICY = KpiPolicy({TOTAL: 15_000}, ZONE)
MIDNIGHT = int(datetime(2026, 3, 3, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
HOUR_MS = 3_600_000
QUEUES = ("general", "vip")
GIVEN_UP = (Q.ABANDONED, Q.SHORT_ABANDONED, Q.OVERFLOW_TIMEOUT, Q.KEY_EXIT, Q.CALLBACK_REQUESTED)


@st.composite
def caller(draw: st.DrawFn, call: str) -> list[e.DomainEvent]:
    """A caller's whole life around midnight: through queues, perhaps to an agent and a survey, to the end."""
    at = MIDNIGHT + draw(st.integers(-HOUR_MS, 2 * HOUR_MS))
    step = st.integers(1, HOUR_MS)
    life: list[e.DomainEvent] = [e.CallArrived(at, call, "l", "t", "1", "2", "2", "", False, "zh", "f")]
    for _ in range(draw(st.integers(0, 3))):
        queue, since = draw(st.sampled_from(QUEUES)), at + draw(step)
        at = since + draw(st.integers(1_000, 60_000))
        life.append(e.CallQueued(since, call, queue, since, 0))
        if draw(st.booleans()):
            life.append(
                e.OfferEnded(at, call, "o", queue, "1001", draw(st.sampled_from(["expired", "busy"])))
            )
        if draw(st.booleans()):
            return [*life, *draw(talk(call, queue, at, at - since))]
        life.append(e.QueueLeft(at, call, queue, draw(st.sampled_from(GIVEN_UP)), at - since))
    return [*life, e.CallEnded(at + draw(step), call, e.EndedBy.CALLER, "normal")]


@st.composite
def talk(draw: st.DrawFn, call: str, queue: str, at: int, wait_ms: int) -> list[e.DomainEvent]:
    """The call is answered after this wait, and perhaps the caller says how it was."""
    over = at + draw(st.integers(1, HOUR_MS))
    life: list[e.DomainEvent] = [
        e.OfferEnded(at, call, "o", queue, "1001", "accepted"),
        e.QueueLeft(at, call, queue, Q.ANSWERED, wait_ms),
        e.AgentConnected(at, call, "1001", "a", queue),
        e.AgentReleased(over, call, "1001", queue, over - at, 0),
    ]
    if draw(st.booleans()):
        life.append(e.SurveyOffered(over, call, "f", "rate", queue, ["1001"]))
        if draw(st.booleans()):
            over += draw(st.integers(1, HOUR_MS))
            life.append(e.SurveyAnswered(over, call, "q", 5, draw(st.booleans()), counts=True))
    return [*life, e.CallEnded(over + 1, call, e.EndedBy.CALLER, "normal")]


@st.composite
def promise(draw: st.DrawFn, call: str) -> list[e.DomainEvent]:
    """A call-back that is promised, waits without a caller, and reaches the caller or does not."""
    at, queue = MIDNIGHT + draw(st.integers(-HOUR_MS, HOUR_MS)), draw(st.sampled_from(QUEUES))
    over = at + draw(st.integers(1, HOUR_MS))
    life: list[e.DomainEvent] = [
        e.CallBackPromised(at, call, "first", "2", "", "t", "1", "zh", "f", queue, at, 0, over),
        e.CallQueued(at, call, queue, at, 0, virtual=True),
    ]
    if draw(st.booleans()):
        life.append(e.AgentConnected(over, call, "1001", "a", queue))
    return [*life, e.CallEnded(over + 1, call, e.EndedBy.SYSTEM, draw(st.sampled_from(e.CallBackEnd)))]


@st.composite
def dial_out(draw: st.DrawFn, call: str) -> list[e.DomainEvent]:
    """A call that an agent makes."""
    at = MIDNIGHT + draw(st.integers(-HOUR_MS, HOUR_MS))
    over = at + draw(st.integers(2, HOUR_MS))
    life: list[e.DomainEvent] = [e.CallDialledOut(at, call, "1001", "a", "2", "1", "t", "general", "zh")]
    if draw(st.booleans()):
        life.append(e.AgentConnected(over - 1, call, "1001", "a", "general"))
        life.append(e.AgentReleased(over, call, "1001", "general", 1, 0))
    return [*life, e.CallEnded(over, call, e.EndedBy.CALLER, "normal")]


@st.composite
def days(draw: st.DrawFn) -> list[e.DomainEvent]:
    """What happens around midnight, with thresholds that change in between, up to any moment."""
    kinds = st.sampled_from([caller, caller, caller, promise, dial_out])
    lives = [draw(draw(kinds)(f"c{number}")) for number in range(draw(st.integers(1, 8)))]
    changed = MIDNIGHT + draw(st.integers(-HOUR_MS, HOUR_MS))
    lives.append([e.KpiPolicyInForce(changed, {"general": 5_000, TOTAL: 30_000}, ZONE)])
    until = MIDNIGHT + draw(st.integers(-HOUR_MS, 6 * HOUR_MS))
    return sorted((event for life in lives for event in life if event.at <= until), key=lambda one: one.at)


def check_lists(events: Sequence[e.DomainEvent], now: int) -> int:
    """Every number that counts calls is the sum of how often it counts each; the answer is how many were
    not 0."""
    board, lives = KpiBoard(POLICY), dict[str, list[e.DomainEvent]]()
    for event in events:
        board.apply(event)
        call_id = getattr(event, "call_id", None)
        if call_id is not None:
            lives.setdefault(call_id, [])
    for call_id, life in lives.items():
        life.extend(
            event
            for event in events
            if getattr(event, "call_id", None) == call_id or isinstance(event, e.KpiPolicyInForce)
        )
    told = 0
    for scope in (TOTAL, *QUEUES):
        for figure in figures_in(board, scope, now):
            for part in countable(figure):
                asked = FigurePart(scope, figure.key, part)
                listed = sum(times_counted(POLICY, life, asked, now) for life in lives.values())
                assert listed == number_of(figure, part), asked
                told += listed > 0
    return told


@given(days(), st.integers(0, 30 * HOUR_MS))
def test_a_list_is_as_long_as_its_figure(events: list[e.DomainEvent], later_ms: int) -> None:
    """Of every queue and the whole, above and below the line, before and after midnight."""
    check_lists(events, (events[-1].at if events else MIDNIGHT) + later_ms)


def test_times_and_averages_count_no_calls_above_the_line() -> None:
    """Of an average only what it is divided by can be listed; of shares of time nothing."""
    figures = {figure.key: countable(figure) for figure in figures_in(KpiBoard(POLICY), TOTAL, MIDNIGHT)}
    assert figures["offered"] == (Term.VALUE,)
    assert figures["asa_ms"] == (Term.DENOMINATOR,)
    assert figures["service_level"] == (Term.NUMERATOR, Term.DENOMINATOR)
    assert figures["occupancy"] == figures["longest_wait_ms"] == ()
