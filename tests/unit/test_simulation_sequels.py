"""What follows from a call: callers call again, agents send calls on; and queues that open and close."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from acd.lanes import IndexedMatching
from acd.model import AcdConfig, AgentConfig, OverflowKind, OverflowReason, OverflowTarget, QueueConfig
from simulation.arrivals import Listed, Steady
from simulation.callers import Callers
from simulation.calls import MadeUpCalls
from simulation.durations import Constant, Exponential, Never, Patience
from simulation.measures import Figures, Measure, replicate
from simulation.plan import Plan, Roster, Span
from simulation.run import run
from simulation.sequels import Again, CallingAgain, Transfer

HOUR_MS = 3_600_000
ALL = 1 - 1e-12
"""The share that is everybody."""


def _config(agents: int, **queues: QueueConfig) -> AcdConfig:
    people = {f"a{number}": AgentConfig(f"a{number}") for number in range(agents)}
    return AcdConfig("v", queues or {"q": QueueConfig("q", wrap_up_sec=0)}, people)


def _calls(
    *at_sec: float,
    patience: Patience | None = None,
    again: CallingAgain | None = None,
    transfers: tuple[Transfer, ...] = (),
    talk: float = 100,
) -> MadeUpCalls:
    return MadeUpCalls(
        queue="q",
        arrivals=Listed(at_sec=at_sec),
        talk=Constant(sec=talk),
        patience=patience or Never(),
        again=again or CallingAgain(),
        transfers=transfers,
    )


def _after(sec: float, share: float = ALL) -> Again:
    return Again(share=share, after=Constant(sec=sec))


def _counts(figures: Figures, *measures: Measure) -> list[float | None]:
    return [figures[measure] for measure in measures]


# --- callers who call again -----------------------------------------------------------------------------


def test_who_hung_up_calls_again() -> None:
    """The second caller gives up at 40 s, comes again at 90 s, and the first talk ends at 110 s."""
    calls = _calls(10, 10, patience=Constant(sec=30), again=CallingAgain(abandoned=_after(50)))
    found = replicate(Plan(_config(1), (calls,), end_ms=HOUR_MS), 1, 0).total
    assert _counts(
        found, Measure.OFFERED, Measure.ANSWERED, Measure.ABANDONED, Measure.REPEATED, Measure.TRANSFERRED
    ) == [3, 2, 1, 1, 0]
    assert found[Measure.WAIT_P99] == 20


def test_who_was_served_calls_again_for_something_else() -> None:
    """Until the end, after which nobody calls."""
    calls = _calls(0, again=CallingAgain(answered=_after(900)))
    seen = run(Plan(_config(1), (calls,), end_ms=HOUR_MS), 1, 0)
    assert len(seen.queue) == 4
    assert seen.handle_ms.tolist() == [100_000] * 4


def test_as_many_call_again_as_the_share_says() -> None:
    """Nobody ever answers: a caller calls 1/(1 - share) times, the mean of a geometric number."""
    again = CallingAgain(abandoned=_after(60, share=0.6))
    calls = _calls(*range(4000), patience=Exponential(mean_sec=60), again=again)
    plan = Plan(_config(1), (calls,), end_ms=100 * HOUR_MS, roster=Roster(shifts={"a0": ()}))
    found = replicate(plan, 1, 0).total
    offered, repeated = _counts(found, Measure.OFFERED, Measure.REPEATED)
    assert offered == pytest.approx(4000 / (1 - 0.6), rel=0.04)
    assert offered - 4000 == repeated


def test_callers_do_the_same_whatever_happens_to_others() -> None:
    """Each has dice of their own: what follows does not depend on who was asked before."""
    again = CallingAgain(abandoned=Again(share=0.5, after=Exponential(mean_sec=60)))
    calls = _calls(*range(50), patience=Exponential(mean_sec=60), again=again)
    plan = Plan(_config(1), (calls,), end_ms=HOUR_MS)

    def follow(order: list[int]) -> dict[int, tuple[int, int] | None]:
        callers, found = Callers(plan, 1, 0), {}
        for call in order:
            number = callers.calls_again(call, has_abandoned=True, now=callers.at[call])
            found[call] = None if number is None else (callers.at[number], callers.patience[number])
        return found

    forwards = follow(list(range(50)))
    assert forwards == follow(list(range(50))[::-1])
    assert None in forwards.values()
    assert len(set(forwards.values())) > 10


def test_who_calls_again_gets_the_agent_of_the_last_talk() -> None:
    """Where the queue prefers that one; else whoever has been idle longest, which is always another."""
    calls = _calls(*range(0, 1500, 500), again=CallingAgain(answered=_after(60)), talk=10)
    config = _config(5)
    for prefers, most in ((frozenset({"q"}), 3), (frozenset[str](), 5)):
        plan = Plan(config, (calls,), end_ms=400_000 + 1_100_000, last_agent_queues=prefers)
        (agents,) = run(plan, 1, 0).served_by.values()
        assert len(agents) == most


# --- transfers ------------------------------------------------------------------------------------------


def test_a_call_that_is_sent_on_waits_anew_and_has_a_handle_time_of_its_own() -> None:
    """Two callers for two agents, whose talks end at 110 and 120 s; the one agent of the second queue talks
    to each for 300 s more."""
    queues = {"q": QueueConfig("q", wrap_up_sec=20), "second": QueueConfig("second", wrap_up_sec=30)}
    people = {name: AgentConfig(name, queues=("q",)) for name in ("a", "b")}
    config = AcdConfig("v", queues, {**people, "c": AgentConfig("c", queues=("second",))})
    onward = Transfer(queue="second", share=1, talk=Constant(sec=300), wrap_up=Constant(sec=10))
    plan = Plan(config, (_calls(10, 20, transfers=(onward,)),), end_ms=HOUR_MS)
    found = replicate(plan, 1, 0)
    assert _counts(found.queues["q"], Measure.OFFERED, Measure.TRANSFERRED, Measure.AHT) == [2, 0, 120]
    second = found.queues["second"]
    assert _counts(second, Measure.OFFERED, Measure.ANSWERED, Measure.TRANSFERRED, Measure.AHT) == [
        2,
        2,
        2,
        310,
    ]
    assert (second[Measure.WAIT_P50], second[Measure.WAIT_P99]) == (0, 300)


def test_shares_choose_among_several_queues() -> None:
    """Four in ten calls here, three in ten there, the others nowhere; and nobody is sent on twice."""
    queues = {name: QueueConfig(name, wrap_up_sec=0) for name in ("q", "x", "y")}
    transfers = (
        Transfer(queue="x", share=0.4, talk=Constant(sec=1)),
        Transfer(queue="y", share=0.3, talk=Constant(sec=1)),
    )
    plan = Plan(_config(30, **queues), (_calls(*range(3000), transfers=transfers, talk=5),), end_ms=HOUR_MS)
    found = replicate(plan, 1, 0)
    assert found.queues["q"][Measure.OFFERED] == 3000
    assert found.queues["x"][Measure.OFFERED] == pytest.approx(1200, rel=0.06)
    assert found.queues["y"][Measure.OFFERED] == pytest.approx(900, rel=0.06)


# --- opening hours --------------------------------------------------------------------------------------


def _closing(*spans: Span, to: OverflowTarget | None = None) -> Plan:
    """A call every 100 s from 0 on for an agent who needs 150 s for each."""
    overflow = {} if to is None else {OverflowReason.CLOSED: to}
    queues = {"q": QueueConfig("q", wrap_up_sec=0, overflow=overflow), "night": QueueConfig("night")}
    return Plan(
        _config(1, **queues),
        (_calls(*range(0, 1000, 100), talk=150),),
        end_ms=1_000_000,
        opening={"q": spans},
    )


def test_a_closed_queue_sends_new_and_waiting_calls_away() -> None:
    """Open from 150 s to 450 s: of the calls that come then (at 200, 300, 400 s) the agent gets two, and the
    one that waits at the end goes away with those that come outside."""
    found = replicate(_closing((150_000, 450_000)), 1, 0).queues["q"]
    assert _counts(found, Measure.OFFERED, Measure.ANSWERED, Measure.OVERFLOWED) == [10, 2, 8]
    seen = run(_closing((150_000, 450_000)), 1, 0)
    assert sorted(seen.wait_ms[seen.outcome > 2].tolist()) == [0] * 7 + [50_000]


def test_the_rule_for_closed_says_where_to() -> None:
    """Into another queue, where they are answered: the first of them keeps the agent beyond 150 s."""
    plan = _closing((150_000, 450_000), to=OverflowTarget(OverflowKind.QUEUE, "night"))
    found = replicate(plan, 1, 0)
    assert found.queues["night"][Measure.ANSWERED] == found.queues["q"][Measure.OVERFLOWED] == 9


@pytest.mark.parametrize(
    "spans",
    [
        ((-500_000, None),),
        ((0, 250_000), (250_000, None)),
        ((250_000, 900_000), (-5, 300_000), (800_000, 90_000_000)),
    ],
)
def test_hours_that_touch_do_not_close_in_between(spans: tuple[Span, ...]) -> None:
    """Everybody is served."""
    assert replicate(_closing(*spans), 1, 0).queues["q"][Measure.ANSWERED] == 10


# --- all of it ------------------------------------------------------------------------------------------


@hypothesis_settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), agents=st.integers(1, 8))
def test_identity_and_the_choices_of_production_with_sequels(seed: int, agents: int) -> None:
    """offered = sum of outcomes + still waiting; equal for equal seeds, and with the explaining matching."""
    closed = {OverflowReason.CLOSED: OverflowTarget(OverflowKind.QUEUE, "q")}
    queues = {"q": QueueConfig("q", wrap_up_sec=15), "second": QueueConfig("second", overflow=closed)}
    again = CallingAgain(
        abandoned=Again(share=0.7, after=Exponential(mean_sec=90)),
        answered=Again(share=0.3, after=Exponential(mean_sec=300)),
    )
    onward = Transfer(queue="second", share=0.4, talk=Exponential(mean_sec=60))
    calls = MadeUpCalls(
        "q",
        Steady(per_hour=90),
        Exponential(mean_sec=90),
        Exponential(mean_sec=60),
        again=again,
        transfers=(onward,),
    )
    plan = Plan(
        _config(agents, **queues),
        (calls,),
        end_ms=HOUR_MS,
        ring=Exponential(mean_sec=4),
        opening={"second": ((600_000, 2_400_000),)},
        last_agent_queues=frozenset({"q"}),
    )
    found = replicate(plan, seed, 0)
    for figures in (found.total, *found.queues.values()):
        assert figures[Measure.OFFERED] == sum(
            figures[outcome] or 0
            for outcome in (
                *(Measure.ANSWERED, Measure.ABANDONED, Measure.SHORT_ABANDONED),
                *(Measure.OVERFLOWED, Measure.WAITING),
            )
        )
    assert replicate(plan, seed, 0) == found
    with patch("simulation.run.UnexplainedMatching", IndexedMatching):
        assert replicate(plan, seed, 0) == found
