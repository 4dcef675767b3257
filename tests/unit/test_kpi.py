"""Every figure of the catalogue against a day that was worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit, queue_figures, total_figures

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = KpiPolicy({"general": 20_000, TOTAL: 15_000}, "Asia/Shanghai")
NINE = int(datetime(2026, 3, 2, 9, tzinfo=SHANGHAI).timestamp() * 1000)
MIDNIGHT = int(datetime(2026, 3, 3, tzinfo=SHANGHAI).timestamp() * 1000)


def arrived(at: int, call_id: str) -> e.CallArrived:
    return e.CallArrived(at, call_id, f"leg-{call_id}", "city", "12345", "", "", "", False, "zh", "line")


def presence(at: int, agent_id: str, what: str) -> e.PresenceChanged:
    return e.PresenceChanged(at, agent_id, what, "")


def waits(
    at: int, call_id: str, queue: str, wait_ms: int, outcome: Q, *, queued_at: int | None = None
) -> list[e.DomainEvent]:
    """The call waits so long in the queue and leaves it so."""
    since = at if queued_at is None else queued_at
    left_at = since + wait_ms
    return [
        e.CallQueued(at, call_id, queue, since, 0),
        e.QueueLeft(left_at, call_id, queue, outcome, wait_ms),
    ]


def ended(at: int, call_id: str) -> e.CallEnded:
    return e.CallEnded(at, call_id, e.EndedBy.CALLER, "normal")


def made_of(events: Sequence[e.DomainEvent]) -> KpiBoard:
    board = KpiBoard(POLICY)
    for event in events:
        board.apply(event)
        assert board.identity_ok
    assert board.broken is None
    return board


def values(figures: Sequence[KpiFigure]) -> dict[str, float | None]:
    return {figure.key: figure.value for figure in figures}


def the_day() -> list[e.DomainEvent]:
    """Ten calls: two only hear the IVR; eight ask for a human.

    Queue general (T = 20 s): a answered after 10 s, b after 20 s, c after 30 s; d abandoned after 12 s,
    e abandoned after 40 s, f short abandoned after 3 s, g overflowed to vip after 60 s.
    Queue vip (T = 15 s): g (waiting since general) answered after 70 s in all, h still waits.
    """
    day: list[e.DomainEvent] = [arrived(NINE, call) for call in "abcdefghij"]
    for call, wait_ms in (("a", 10_000), ("b", 20_000), ("c", 30_000)):
        day += waits(NINE, call, "general", wait_ms, Q.ANSWERED)
    day += waits(NINE, "d", "general", 12_000, Q.ABANDONED)
    day += waits(NINE, "e", "general", 40_000, Q.ABANDONED)
    day += waits(NINE, "f", "general", 3_000, Q.SHORT_ABANDONED)
    day += waits(NINE, "g", "general", 60_000, Q.OVERFLOW_TIMEOUT)
    day += waits(NINE + 60_000, "g", "vip", 70_000, Q.ANSWERED, queued_at=NINE)
    day += [e.CallQueued(NINE + 65_000, "h", "vip", NINE + 65_000, 0)]
    for call in "defij":
        day.append(ended(NINE + 90_000, call))
    for offer, end in enumerate(["accepted"] * 3 + ["expired", "declined", "busy", "unreachable", "revoked"]):
        day.append(e.OfferEnded(NINE, "a", f"a.o{offer}", "general", "1001", end))
    day.append(e.AgentReleased(NINE + 100_000, "a", "1001", "general", talk_ms=60_000, hold_ms=10_000))
    day.append(e.AgentReleased(NINE + 100_000, "b", "1002", "general", talk_ms=30_000, hold_ms=0))
    day.append(e.WrapUpEnded(NINE + 120_000, "a", "1001", "general", wrap_up_ms=20_000))
    return day


def test_the_figures_of_a_queue() -> None:
    """Service levels, waits, handling and answered offers of one queue."""
    figures = values(queue_figures(made_of(the_day()).queues["general"], NINE + 100_000))
    assert figures == {
        "offered": 7,
        "answered": 3,
        "abandoned": 2,
        "short_abandoned": 1,
        "overflowed": 1,
        "key_exits": 0,
        "waiting": 0,
        "call_backs_promised": 0,
        "call_backs_owed": 0,
        "surveys_offered": 0,
        "surveys_rated": 0,
        "longest_wait_ms": 0,
        "service_level": 2 / 3,
        "service_level_abandons_negative": 2 / 7,
        "service_level_abandons_left_out": 2 / (7 - 2),
        "service_level_abandons_positive": (2 + 2) / 7,
        "abandonment_rate": 2 / 6,
        "asa_ms": 20_000,
        "aht_ms": (60_000 + 10_000 + 20_000 + 30_000) / 2,
        "agent_answer_rate": 3 / 7,
        "call_backs_reached": None,
        "satisfaction_rate": None,
        "participation_rate": None,
    }


def promised(at: int, call_id: str) -> list[e.DomainEvent]:
    """The caller of the call asks to be called back, hangs up, and waits in line as a promise."""
    back = f"{call_id}.b1"
    return [
        *waits(at, call_id, "general", 10_000, Q.CALLBACK_REQUESTED),
        e.CallBackPromised(
            at + 10_000, back, call_id, "1", "", "city", "12345", "zh", "line", "general", at, 0, at + 1
        ),
        e.CallQueued(at + 10_000, back, "general", at, 0, virtual=True),
        ended(at + 12_000, call_id),
    ]


def test_call_backs_count_by_themselves() -> None:
    """A promise is an outcome of the caller's wait, neither abandoned nor lost, and no second call in the
    queue. Of four one is reached, one never, one called again first, one is still owed."""
    day = [arrived(NINE, call) for call in "abcd"]
    events: list[e.DomainEvent] = [*day]
    for call in "abcd":
        events += promised(NINE, call)
    events += [
        e.QueueLeft(NINE + 60_000, "a.b1", "general", Q.ANSWERED, 60_000),
        e.CallBackDialled(NINE + 60_000, "a.b1", "k-1", "1001", "a-1", "general"),
        e.AgentConnected(NINE + 70_000, "a.b1", "1001", "a-1", "general"),
        e.CallEnded(NINE + 90_000, "a.b1", e.EndedBy.CALLER, "normal"),
        e.CallEnded(NINE + 90_000, "b.b1", e.EndedBy.SYSTEM, "unreached"),
        e.QueueLeft(NINE + 95_000, "c.b1", "general", Q.TRANSFERRED, 95_000),
        e.CallEnded(NINE + 95_000, "c.b1", e.EndedBy.SYSTEM, "called_again"),
    ]
    board = made_of(events)
    figures = values(queue_figures(board.queues["general"], NINE + 100_000))
    assert (figures["offered"], figures["answered"], figures["abandoned"], figures["waiting"]) == (4, 0, 0, 0)
    assert (figures["call_backs_promised"], figures["call_backs_owed"]) == (4, 1)
    assert figures["call_backs_reached"] == 1 / 2
    assert (board.requests.asked, board.requests.lost) == (4, 0)
    assert KpiBoard.from_dict(POLICY, orjson.loads(orjson.dumps(board.to_dict()))) == board
    board.apply(presence(MIDNIGHT, "1001", "ready"))
    assert (board.total.call_backs.promised, len(board.total.call_backs.owed)) == (1, 1)
    assert board.identity_ok


def surveyed(at: int, call_id: str, queue: str = "general") -> list[e.DomainEvent]:
    """The call comes and its caller is asked how it was."""
    return [arrived(at, call_id), e.SurveyOffered(at + 1, call_id, "line", "rate", queue, ["1001"])]


def rated(at: int, call_id: str, *, satisfied: bool, counts: bool = True) -> e.SurveyAnswered:
    return e.SurveyAnswered(at, call_id, "service", 5, satisfied, counts)


def test_satisfaction_and_participation() -> None:
    """Who hangs up did not take part, who is still asked is left out, and a second question changes nothing;
    a call that was in no queue counts in the whole. At midnight those still asked go on."""
    day = [event for call in "abcd" for event in surveyed(NINE, call)] + surveyed(NINE, "x", queue="")
    day += [rated(NINE + 10, "a", satisfied=True), rated(NINE + 11, "a", satisfied=False, counts=False)]
    day += [rated(NINE + 12, "b", satisfied=False), rated(NINE + 13, "x", satisfied=True)]
    day += [ended(NINE + 20, "b"), ended(NINE + 21, "c")]
    board = made_of(day)
    general, whole = (
        values(f) for f in (queue_figures(board.queues["general"], NINE), total_figures(board, NINE))
    )
    assert (general["satisfaction_rate"], general["participation_rate"]) == (1 / 2, 2 / 3)
    assert (whole["satisfaction_rate"], whole["participation_rate"]) == (2 / 3, 3 / 4)
    assert whole["surveys_offered"] == 5
    again = KpiBoard.from_dict(POLICY, orjson.loads(orjson.dumps(board.to_dict())))
    for late in (rated(MIDNIGHT + 1, "d", satisfied=True), ended(MIDNIGHT + 2, "d")):
        again.apply(late)
    assert again.identity_ok
    assert values(total_figures(again, MIDNIGHT))["participation_rate"] == 1


def test_the_figures_of_the_whole() -> None:
    """A call counts once as a request, however many queues it went through; each queue has its threshold."""
    figures = values(total_figures(made_of(the_day()), NINE + 100_000))
    assert figures["offered"] == 9
    assert figures["waiting"] == 1
    assert figures["longest_wait_ms"] == 35_000
    assert figures["service_level"] == 2 / 4
    assert (figures["calls_in"], figures["human_requests"]) == (10, 8)
    assert figures["connect_rate"] == 4 / 8
    assert figures["connect_rate_of_all"] == 4 / 10
    assert figures["connected_within_15"] == 1 / 8
    assert figures["connected_within_20"] == 2 / 8
    assert figures["connected_within_30"] == 3 / 8
    assert figures["answer_rate_20"] == 2 / 4
    assert figures["loss_rate"] == 3 / 10


def test_the_time_of_agents() -> None:
    """Occupancy and utilisation from what agents did, the running span included."""
    day = [
        presence(NINE, "1001", "not_ready"),
        presence(NINE + 10_000, "1001", "ready"),
        presence(NINE + 40_000, "1001", "offered"),
        presence(NINE + 50_000, "1001", "on_call"),
        presence(NINE + 80_000, "1001", "wrap_up"),
        presence(NINE + 90_000, "1001", "logged_out"),
        presence(NINE, "1002", "on_call"),
    ]
    figures = values(total_figures(made_of(day), NINE + 100_000))
    working = 30_000 + 10_000 + 100_000
    available = 30_000 + 10_000
    assert figures["occupancy"] == working / (working + available)
    assert figures["utilisation"] == (working + available) / (working + available + 10_000)


def test_nothing_to_divide_by() -> None:
    """Before the first call a ratio has no value, a count is nought, and every figure tells its formula."""
    figures = total_figures(made_of([]), NINE)
    for figure in figures:
        assert figure.value == (0.0 if figure.denominator is None else None), figure.key
        assert figure.formula
        assert figure.target is None
    assert {figure.unit for figure in figures} == set(KpiUnit)
    assert len({figure.key for figure in figures}) == len(figures)


def test_a_call_back_in_a_queue_is_one_request() -> None:
    """Answered, transferred, abandoned there: one request, answered; not lost."""
    board = made_of(
        [
            arrived(NINE, "a"),
            *waits(NINE, "a", "general", 1000, Q.ANSWERED),
            *waits(NINE + 50_000, "a", "vip", 9000, Q.ABANDONED),
            ended(NINE + 59_000, "a"),
        ]
    )
    assert (board.requests.asked, board.requests.answered, board.requests.lost) == (1, 1, 0)
    assert board.total.offered == 2
    assert board.calls == {}


def test_midnight() -> None:
    """Counts begin anew; who waits is offered again, who only talks is not asked for again."""
    board = made_of(
        [
            *the_day(),
            arrived(MIDNIGHT - 5000, "k"),
            presence(MIDNIGHT - 60_000, "1001", "on_call"),
            presence(MIDNIGHT + 30_000, "1002", "ready"),
        ]
    )
    assert board.day == "2026-03-03"
    assert (board.total.offered, board.total.outcomes, board.total.talk_ms) == (1, {}, 0)
    assert (board.requests.calls_in, board.requests.asked, board.requests.answered) == (2, 1, 0)
    assert board.agent_time(MIDNIGHT + 60_000) == {"on_call": 60_000, "ready": 30_000}
    board.apply(e.QueueLeft(MIDNIGHT + 40_000, "h", "vip", Q.ANSWERED, 5_000))
    board.apply(ended(MIDNIGHT + 50_000, "a"))
    figures = values(total_figures(board, MIDNIGHT + 60_000))
    assert figures["connect_rate"] == 1.0
    assert figures["loss_rate"] == 0.0
    assert board.broken is None


def test_an_agents_own_day() -> None:
    """Each agent's talks, by the same events as everybody's; after midnight anew, and kept with the board."""
    board = made_of(
        [
            presence(NINE, "1001", "on_call"),
            presence(NINE, "1002", "on_call"),
            e.AgentReleased(NINE + 60_000, "a", "1001", "general", 50_000, 10_000),
            e.AgentReleased(NINE + 60_000, "b", "1002", "vip", 60_000, 0),
            e.AgentReleased(NINE + 90_000, "c", "1001", "vip", 20_000, 0),
            e.WrapUpEnded(NINE + 99_000, "c", "1001", "vip", 9_000),
        ]
    )
    own = KpiBoard.from_dict(board.policy, board.to_dict()).agents["1001"]
    assert (own.handled, own.talk_ms, own.hold_ms, own.wrap_up_ms) == (2, 70_000, 10_000, 9_000)
    assert sum(agent.talk_ms for agent in board.agents.values()) == board.total.talk_ms
    assert board.seen_at(MIDNIGHT + 1).agents["1001"].handled == 0


def test_who_looks_after_midnight_sees_the_new_day() -> None:
    """Also before anything has happened in it; and looking changes nothing."""
    board = made_of([*the_day(), presence(MIDNIGHT - 60_000, "1001", "on_call")])
    before = board.to_dict()
    assert board.seen_at(MIDNIGHT - 1) is board
    seen = board.seen_at(MIDNIGHT + 60_000)
    assert seen.day == "2026-03-03"
    assert (seen.total.offered, seen.total.outcomes) == (1, {})
    assert seen.agent_time(MIDNIGHT + 60_000) == {"on_call": 60_000}
    assert board.to_dict() == before


def test_an_event_out_of_yesterday_does_not_turn_the_day_back() -> None:
    """A caller who stood in line over midnight arrived yesterday and counts today."""
    board = made_of(
        [
            arrived(MIDNIGHT + 10, "a"),
            arrived(MIDNIGHT - 10, "b"),
            arrived(MIDNIGHT + 20, "c"),
        ]
    )
    assert (board.day, board.requests.calls_in) == ("2026-03-03", 3)


def test_a_broken_identity_is_named() -> None:
    """The first event that does not add up is remembered, and no later one hides it."""
    board = KpiBoard(POLICY)
    board.apply(e.QueueLeft(NINE, "never-queued", "general", Q.ANSWERED, 0))
    board.apply(arrived(NINE + 1, "a"))
    assert not board.identity_ok
    assert board.broken == f"QueueLeft at {NINE}"


@pytest.mark.parametrize("upto", range(0, 40, 3))
def test_a_board_can_be_written_and_read_at_any_time(upto: int) -> None:
    """A board out of its dict goes on exactly as the one it was made of, byte for byte."""
    day = [*the_day(), presence(MIDNIGHT - 9, "1001", "ready"), arrived(MIDNIGHT + 5, "z")]
    whole = made_of(day)
    kept = orjson.dumps(made_of(day[:upto]).to_dict())
    board = KpiBoard.from_dict(POLICY, orjson.loads(kept))
    assert orjson.dumps(board.to_dict()) == kept
    for event in day[upto:]:
        board.apply(event)
    assert board == whole
    assert orjson.dumps(board.to_dict()) == orjson.dumps(whole.to_dict())


def in_force(at: int, seconds: int, time_zone: str = "Asia/Shanghai") -> e.KpiPolicyInForce:
    return e.KpiPolicyInForce(at, {TOTAL: 15_000, "general": seconds * 1000}, time_zone)


def waited(at: int, call_id: str, wait_ms: int) -> list[e.DomainEvent]:
    """A call that is answered after so long."""
    return [
        arrived(at, call_id),
        e.CallQueued(at, call_id, "general", at, 0),
        e.QueueLeft(at + wait_ms, call_id, "general", Q.ANSWERED, wait_ms),
    ]


def test_each_call_is_measured_by_what_was_in_force_then() -> None:
    """Three times the same wait under three thresholds, whatever the board began with; a snapshot in between
    keeps what was in force."""
    day = [
        *(in_force(NINE, 20), *waited(NINE + 1, "a", 25_000)),
        *(in_force(NINE + 60_000, 30), *waited(NINE + 60_001, "b", 25_000)),
        *(in_force(NINE + 120_000, 10), *waited(NINE + 120_001, "c", 25_000)),
    ]
    whole = made_of(day)
    assert (whole.queues["general"].outcome(Q.ANSWERED), whole.queues["general"].answered_in_time) == (3, 1)
    other = KpiPolicy({TOTAL: 1}, "America/New_York")
    for upto in range(len(day) + 1):
        board = KpiBoard(other)
        for event in day[:upto]:
            board.apply(event)
        board = KpiBoard.from_dict(POLICY, orjson.loads(orjson.dumps(board.to_dict())))
        for event in day[upto:]:
            board.apply(event)
        if upto:  # else it began with the other policy of the test
            assert orjson.dumps(board.to_dict()) == orjson.dumps(whole.to_dict())


def test_a_day_begins_by_the_time_zone_in_force() -> None:
    """Also by that of the very first event, not by that of whoever rebuilds the board."""
    board = KpiBoard(KpiPolicy({}, "America/New_York"))
    board.apply(in_force(MIDNIGHT + 1, 20))
    assert board.day == made_of([arrived(MIDNIGHT + 1, "a")]).day == "2026-03-03"


def test_a_journal_without_thresholds_is_measured_by_those_given() -> None:
    """So it was before they were journaled; nor has a board that was kept then a policy of its own."""
    board = made_of(waited(NINE, "a", 20_000))
    assert board.queues["general"].answered_in_time == 1
    kept = board.to_dict()
    del kept["policy"]
    assert KpiBoard.from_dict(POLICY, kept) == board
