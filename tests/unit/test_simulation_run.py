"""The production Router in virtual time: counts, waits, theory, and the same result for the same seed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.lanes import IndexedMatching
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    SkillRequirement,
)
from simulation.arrivals import Listed, Steady
from simulation.calls import CallSource, MadeUpCalls
from simulation.durations import Constant, Duration, Exponential, Never, Patience
from simulation.measures import Measure, replicate
from simulation.one_queue import one_queue
from simulation.plan import Plan, Roster, Thresholds
from simulation.run import run
from simulation.study import differences, estimates, study

HOUR_MS = 3_600_000


def _calls(
    *at_sec: float,
    queue: str = "q",
    talk: float = 100,
    patience: Patience | None = None,
    wrap_up: Duration | None = None,
) -> MadeUpCalls:
    return MadeUpCalls(
        queue=queue,
        arrivals=Listed(at_sec=at_sec),
        talk=Constant(sec=talk),
        patience=patience or Never(),
        wrap_up=wrap_up,
    )


def _plan(*sources: CallSource, agents: int = 1, **queue: object) -> Plan:
    config = AcdConfig(
        "v",
        {"q": QueueConfig("q", **({"wrap_up_sec": 0} | queue))},  # type: ignore[arg-type]
        {f"a{number}": AgentConfig(f"a{number}") for number in range(agents)},
    )
    return Plan(config, sources, end_ms=HOUR_MS)


def test_one_agent_serves_one_after_the_other() -> None:
    """Two callers at once, talks of 100 s, wrap-up of 20 s: the second waits 120 s, not 100."""
    found = replicate(_plan(_calls(10, 10), wrap_up_sec=20), 1, 0).total
    assert found[Measure.OFFERED] == found[Measure.ANSWERED] == 2
    assert found[Measure.WAIT_PROBABILITY] == 0.5
    assert found[Measure.SERVICE_LEVEL] == 0.5
    assert (found[Measure.ASA], found[Measure.WAIT_P50], found[Measure.WAIT_P99]) == (60, 0, 120)
    assert found[Measure.AHT] == 120
    assert found[Measure.OCCUPANCY] == pytest.approx(240 / 3600)


def test_wrap_up_may_end_sooner_but_never_later_than_the_queue_allows() -> None:
    """5 s of the 20 s are used; of 50 s wanted, 20 s are had."""
    for wanted, used in ((5, 5), (50, 20)):
        calls = _calls(10, 10, wrap_up=Constant(sec=wanted))
        assert replicate(_plan(calls, wrap_up_sec=20), 1, 0).total[Measure.WAIT_P99] == 100 + used


def test_callers_hang_up_when_their_patience_ends() -> None:
    """30 s of patience for a wait of 100 s; a short abandon is not counted as one."""
    plan = _plan(_calls(10, 10, patience=Constant(sec=30)))
    found = replicate(plan, 1, 0).total
    assert (found[Measure.ABANDONED], found[Measure.ABANDONMENT]) == (1, 0.5)
    assert found[Measure.MEAN_WAIT] == 15
    assert found[Measure.SERVICE_LEVEL] == 1.0
    assert found[Measure.NEGATIVE] == found[Measure.POSITIVE] == found[Measure.LEFT_OUT] == 0.5
    short = replace(plan, thresholds={"q": Thresholds(answer_ms=40_000, short_abandon_ms=31_000)})
    found = replicate(short, 1, 0).total
    assert (found[Measure.ABANDONED], found[Measure.SHORT_ABANDONED], found[Measure.ABANDONMENT]) == (0, 1, 0)
    assert (found[Measure.NEGATIVE], found[Measure.LEFT_OUT], found[Measure.POSITIVE]) == (0.5, 1, 1)


def test_ringing_counts_as_waiting() -> None:
    """A phone that rings 3 s makes a wait of 3 s for a call that found an agent at once."""
    found = replicate(replace(_plan(_calls(10)), ring=Constant(sec=3)), 1, 0).total
    assert (found[Measure.ASA], found[Measure.WAIT_PROBABILITY]) == (3, 0)


def test_a_phone_that_rings_out_goes_to_the_next() -> None:
    """Nobody answers within the queue's ring timeout: the Router tries on, until the caller leaves."""
    plan = replace(
        _plan(_calls(10, patience=Constant(sec=60)), agents=2, ring_timeout_sec=10), ring=Constant(sec=30)
    )
    found = replicate(plan, 1, 0).total
    assert (found[Measure.ANSWERED], found[Measure.ABANDONED]) == (0, 1)


def test_a_paused_agent_of_many_missed_offers_comes_back() -> None:
    """After three misses the Router pauses the agent, who is ready again after a pause."""
    plan = _plan(_calls(10, patience=Constant(sec=3000)), ring_timeout_sec=10, unanswered_limit=3)
    seen = run(replace(plan, ring=Constant(sec=30), roster=Roster(pause_ms=60_000)), 1, 0)
    assert seen.events > 30


def test_calls_of_many_ringing_phones_are_answered_once() -> None:
    """With several phones ringing for one call the first to answer has it, in less than half the time."""
    calls = MadeUpCalls("q", Steady(per_hour=60), Exponential(mean_sec=30), Never())
    asa = []
    for strategy in ("longest_idle", "ring_all"):
        plan = _plan(calls, agents=5, strategy=strategy)
        found = replicate(replace(plan, ring=Exponential(mean_sec=4)), 1, 0).total
        assert found[Measure.ANSWERED] == found[Measure.OFFERED]
        asa.append(found[Measure.ASA] or 0.0)
    assert asa[1] < asa[0] / 2


def test_overflow_into_another_queue_keeps_the_wait() -> None:
    """After 30 s the call goes on to another queue; the identity holds in both, and it was handled in the one
    in which it was answered."""
    overflow = {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.QUEUE, "rest")}
    config = AcdConfig(
        "v",
        {
            "q": QueueConfig("q", (SkillRequirement("rare"),), max_wait_sec=30, overflow=overflow),
            "rest": QueueConfig("rest", wrap_up_sec=0),
        },
        {"a": AgentConfig("a")},
    )
    found = replicate(Plan(config, (_calls(10),), end_ms=HOUR_MS), 1, 0)
    assert (found.queues["q"][Measure.OVERFLOWED], found.queues["rest"][Measure.ANSWERED]) == (1, 1)
    assert found.queues["rest"][Measure.ASA] == 30
    assert (found.queues["q"][Measure.AHT], found.queues["rest"][Measure.AHT]) == (None, 100)
    assert found.total[Measure.OFFERED] == 2


def test_nobody_there_leaves_calls_waiting() -> None:
    """Callers without end to their patience still wait when the day after is over."""
    plan = replace(_plan(_calls(10, 20)), roster=Roster(shifts={"a0": ()}))
    found = replicate(plan, 1, 0).total
    assert (found[Measure.WAITING], found[Measure.ANSWERED], found[Measure.OCCUPANCY]) == (2, 0, None)


def test_warm_up_is_not_measured() -> None:
    """Calls before it are served, but counted nowhere."""
    plan = replace(_plan(_calls(10, 20, 2000)), measured_from_ms=1_800_000)
    found = replicate(plan, 1, 0).total
    assert found[Measure.OFFERED] == 1
    assert found[Measure.OCCUPANCY] == pytest.approx(100 / 1800)


def test_no_calls_have_no_ratios() -> None:
    """Nothing is divided by nothing."""
    found = study(_plan(_calls()), 1, 2)
    assert found.total["asa_s"] is None
    assert found.to_dict()["total"]["service_level"] is None
    assert found.to_dict()["total"]["offered"]["mean"] == 0


@pytest.mark.parametrize(
    "case",
    [
        "load=2,agents=3,aht=120,target=20",
        "load=10,agents=14,aht=180,target=20",
        "load=30,agents=30,aht=180,target=20,patience=120",
        "load=15,agents=12,aht=120,target=20,patience=90",
    ],
)
def test_agrees_with_theory(case: str) -> None:
    """Within 1 % of Erlang, or theory in the 99 % interval; `make bench` has all cases with longer runs."""
    queue = one_queue(case)
    hours = 700 * queue.aht_s / queue.load / 3600
    found = queue.estimates(study(queue.plan(hours), 1, 12).replications, hours)
    for measure in (
        Measure.WAIT_PROBABILITY,
        Measure.SERVICE_LEVEL,
        Measure.NEGATIVE,
        Measure.LEFT_OUT,
        Measure.POSITIVE,
        Measure.ASA,
        Measure.MEAN_WAIT,
        Measure.ABANDONMENT,
        Measure.OCCUPANCY,
    ):
        theory, seen = queue.theory().to_dict()[measure], found[measure]
        assert theory is not None
        assert seen is not None
        assert seen.ci99 is not None
        is_inside = seen.ci99[0] - 1e-12 <= theory <= seen.ci99[1] + 1e-12
        assert is_inside or math.isclose(seen.mean, theory, rel_tol=0.01), measure


def test_only_what_the_load_explains_is_corrected_by_it() -> None:
    """Counts, percentiles and the handle time are the means of what was simulated, and counts add up."""
    queue = one_queue("load=15,agents=12,aht=120,target=20,patience=90")
    runs = study(queue.plan(2), 1, 5).replications
    found, plain = queue.estimates(runs, 2), estimates([each.total for each in runs])
    corrected = {measure for measure in Measure if found[measure] != plain[measure]}
    assert corrected == {
        *(Measure.WAIT_PROBABILITY, Measure.SERVICE_LEVEL, Measure.NEGATIVE, Measure.LEFT_OUT),
        *(Measure.POSITIVE, Measure.ABANDONMENT, Measure.ASA, Measure.MEAN_WAIT, Measure.OCCUPANCY),
    }
    offered = found[Measure.OFFERED]
    assert offered is not None
    assert offered.mean == sum(each.total[Measure.OFFERED] or 0 for each in runs) / 5


def _busy(seed: int, agents: int) -> Plan:
    """A small centre with two skills, impatience, ringing, wrap-up, pauses and overflow."""
    overflow = {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.QUEUE, "all")}
    config = AcdConfig(
        "v",
        {
            "all": QueueConfig("all", wrap_up_sec=15, strategy="least_occupied"),
            "rare": QueueConfig(
                "rare", (SkillRequirement("rare", 3),), priority=1, max_wait_sec=40, overflow=overflow
            ),
        },
        {f"a{n}": AgentConfig(f"a{n}", {"rare": n % 5 + 1} if n % 2 else {}) for n in range(agents)},
    )
    sources = tuple(
        MadeUpCalls(
            queue, Steady(per_hour=40 + seed % 50), Exponential(mean_sec=90), Exponential(mean_sec=60)
        )
        for queue in config.queues
    )
    roster = Roster(shrinkage=dict.fromkeys(config.agents, 0.1))
    return Plan(config, sources, end_ms=HOUR_MS, roster=roster, ring=Exponential(mean_sec=4))


def test_same_seed_same_result_byte_for_byte() -> None:
    """And another seed another."""
    first, again, other = (json.dumps(study(_busy(1, 4), seed, 3).to_dict()) for seed in (5, 5, 6))
    assert first == again
    assert first != other


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), agents=st.integers(1, 8))
def test_identity_and_the_choices_of_production(seed: int, agents: int) -> None:
    """offered = sum of outcomes + still waiting; and with the explaining matching all goes the same way."""
    plan = _busy(seed, agents)
    found = replicate(plan, seed, 0)
    outcomes = (
        Measure.ANSWERED,
        Measure.ABANDONED,
        Measure.SHORT_ABANDONED,
        Measure.OVERFLOWED,
        Measure.WAITING,
    )
    for figures in (found.total, *found.queues.values()):
        assert figures[Measure.OFFERED] == sum(figures[outcome] or 0 for outcome in outcomes)
    with patch("simulation.run.UnexplainedMatching", IndexedMatching):
        assert replicate(plan, seed, 0) == found


def test_differences_are_known_from_the_same_callers() -> None:
    """One agent more: the same calls are offered in every replication, and the difference is narrower than
    what either side is known by."""
    before, after = (study(_busy(1, agents), 3, 6) for agents in (3, 4))
    found = differences(*([each.total for each in side.replications] for side in (before, after)))
    asa, was = found["asa_s"], before.total["asa_s"]
    assert asa is not None
    assert was is not None
    assert asa.mean < 0
    assert before.replications[0].calls > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("load=10,agnts=14,aht=180", "unknown 'agnts'; did you mean 'agents'\\?; agents is missing"),
        (
            "load=x,agents=2.5,aht=0",
            "load is 'x', must be a number; aht is 0, must be above 0; agents is 2.5",
        ),
        ("load=1,load=2,agents=1,aht=0.2,target=-1", "load is given twice; target is -1.*; aht is 0.2"),
        ("load=1,agents=99999,aht=60,patience=0", "patience is 0, must be above 0; agents is 99999"),
        ("", "unknown ''"),
    ],
)
def test_mistakes_in_the_short_form(text: str, told: str) -> None:
    """All of them at once."""
    with pytest.raises(ValueError, match=told):
        one_queue(text)


def test_short_form() -> None:
    """A target that is not given is 20 s; longer runs where the queue remembers longer."""
    queue = one_queue(" load=10 , agents=14, aht=180")
    assert (queue.load, queue.agents, queue.aht_s, queue.target_s, queue.patience_s) == (
        10,
        14,
        180,
        20,
        None,
    )
    assert one_queue("load=13.9,agents=14,aht=180").sensible_hours() > queue.sensible_hours()
