"""What is drawn: durations, arrivals, pauses; and what replications say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from acd import events as ev
from acd.model import AcdConfig, AgentConfig
from simulation.arrivals import DAY_MS, Listed, Profile, Recorded, Steady
from simulation.calls import PastCalls, Purpose, Throws
from simulation.confidence import estimate, estimate_controlled, student_t
from simulation.durations import NEVER_MS, Constant, Empirical, Exponential, LogNormal, Never
from simulation.plan import Plan, Roster, agent_facts

MANY = 200_000


def _dice() -> np.random.Generator:
    return np.random.default_rng(7)


def test_durations_have_the_moments_that_are_asked_for() -> None:
    """Mean and spread, within four standard errors."""
    exponential = Exponential(mean_sec=180).draw(_dice(), MANY) / 1000
    assert exponential.mean() == pytest.approx(180, abs=4 * 180 / MANY**0.5)
    assert exponential.std() == pytest.approx(180, rel=0.02)
    lognormal = LogNormal(mean_sec=200, cv=0.8).draw(_dice(), MANY) / 1000
    assert lognormal.mean() == pytest.approx(200, abs=4 * 160 / MANY**0.5)
    assert lognormal.std() == pytest.approx(160, rel=0.03)
    empirical = Empirical(values_sec=(1, 2.5)).draw(_dice(), MANY)
    assert set(empirical.tolist()) == {1000, 2500}
    assert empirical.mean() == pytest.approx(1750, rel=0.01)
    assert Constant(sec=2).draw(_dice(), 3).tolist() == [2000] * 3
    assert Never().draw(_dice(), 1).tolist() == [NEVER_MS]


def test_poisson_arrivals() -> None:
    """Mean and variance of the number are equal, and the gaps are exponential."""
    counts = [
        len(Steady(per_hour=60).draw(np.random.default_rng(seed), 0, 3_600_000)) for seed in range(2000)
    ]
    assert np.mean(counts) == pytest.approx(60, abs=4 * (60 / 2000) ** 0.5)
    assert np.var(counts) == pytest.approx(60, rel=0.15)
    gaps = np.diff(Steady(per_hour=3600).draw(_dice(), 0, DAY_MS))
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.02)


def test_profile_follows_the_day_and_repeats() -> None:
    """Nobody comes where nobody is expected; the second day is like the first."""
    profile = Profile(interval_min=60, calls=(0, 500, 0, 2000))
    at = profile.draw(_dice(), 0, 2 * DAY_MS)
    hours = np.unique(at // 3_600_000, return_counts=True)
    assert hours[0].tolist() == [1, 3, 25, 27]
    assert hours[1] == pytest.approx([500, 2000, 500, 2000], rel=0.2)
    assert (np.diff(at) >= 0).all()
    half = profile.draw(_dice(), 3_600_000 + 1_800_000, 4 * 3_600_000)
    assert half[0] >= 5_400_000
    assert len(half) == pytest.approx(2250, rel=0.1)
    with pytest.raises(ValidationError, match="25 intervals of 60 min are more than a day"):
        Profile(interval_min=60, calls=(1,) * 25)


def test_listed_arrivals_are_those_of_the_span() -> None:
    """Sorted, in milliseconds."""
    assert Listed(at_sec=(5, 1.25, 9)).draw(_dice(), 1000, 9000).tolist() == [1250, 5000]
    with pytest.raises(ValueError, match="from a to b are yet to be read"):
        Recorded(since="a", until="b").draw(_dice(), 0, 1)


def test_dice_depend_on_what_they_are_thrown_for() -> None:
    """Equal for equal purposes, else independent."""
    throws = Throws(seed=1, replication=2, source=3)
    first = throws.dice(Purpose.TALK).integers(1 << 60)
    assert throws.dice(Purpose.TALK).integers(1 << 60) == first
    others = (Throws(1, 2, 4), Throws(1, 3, 3), Throws(2, 2, 3))
    assert all(other.dice(Purpose.TALK).integers(1 << 60) != first for other in others)
    assert throws.dice(Purpose.PATIENCE).integers(1 << 60) != first


def test_past_calls_keep_what_is_known() -> None:
    """A known talk or wrap-up stays, an unknown one is one of those seen; nobody is less patient than they
    were."""
    calls = PastCalls(
        queue="q",
        at_ms=np.array([10, 20, 30]),
        talk_ms=np.array([5000, -1, -1]),
        wrap_up_ms=np.array([300, 200, -1]),
        waited_ms=np.array([100, 900, 700]),
        patience_ms=np.array([-1, 900, -1]),
        talks_ms=np.array([5000, 7000]),
        wrap_ups_ms=np.array([300, 400]),
        patience_mean_ms=400.0,
    )
    drawn = calls.draw(Throws(1, 0, 0), 15, 100)
    assert drawn.at_ms.tolist() == [20, 30]
    assert set(drawn.talk_ms.tolist()) <= {5000, 7000}
    assert drawn.wrap_up_ms is not None
    assert drawn.wrap_up_ms[0] == 200
    assert drawn.wrap_up_ms[1] in (300, 400)
    assert drawn.patience_ms[0] == 900
    assert 700 <= drawn.patience_ms[1] < NEVER_MS


def _facts(roster: Roster, end_ms: int) -> list[tuple[int, ev.RouterEvent]]:
    config = AcdConfig("v", {}, {"a": AgentConfig("a")})
    return agent_facts(Plan(config, (), end_ms=end_ms, roster=roster), Throws(1, 0, 0))


def test_shifts_are_log_ins_and_log_outs() -> None:
    """Each shift has both; a shift that began before is under way at the beginning."""
    facts = _facts(Roster(shifts={"a": ((-500, 1000), (2000, 3000))}), 5000)
    assert [(at, type(fact).__name__) for at, fact in facts] == [
        (0, "PhoneReachable"),
        (0, "AgentLoggedIn"), (0, "AgentReady"), (1000, "AgentLoggedOut"),
        (2000, "AgentLoggedIn"), (2000, "AgentReady"), (3000, "AgentLoggedOut"),
    ]  # fmt: skip


def test_shrinkage_is_the_share_of_pauses() -> None:
    """Over a long shift the pauses make up the share that was asked for."""
    end_ms = 2000 * DAY_MS
    paused_since: int | None = None
    paused_ms = 0
    for at, fact in _facts(Roster(shrinkage={"a": 0.2}), end_ms):
        if isinstance(fact, ev.AgentPaused):
            paused_since = at
        elif isinstance(fact, ev.AgentReady) and paused_since is not None:
            paused_ms, paused_since = paused_ms + at - paused_since, None
    assert paused_ms / end_ms == pytest.approx(0.2, rel=0.02)


@pytest.mark.parametrize(
    ("confidence", "freedom", "expected"),
    [
        (0.95, 1, 12.7062), (0.95, 2, 4.3027), (0.95, 9, 2.2622), (0.95, 30, 2.0423),
        (0.99, 3, 5.8409), (0.99, 9, 3.2498), (0.99, 19, 2.8609), (0.99, 120, 2.6174),
    ],
)  # fmt: skip
def test_student_t_of_the_tables(confidence: float, freedom: int, expected: float) -> None:
    """To the four digits that tables print."""
    assert student_t(confidence, freedom) == pytest.approx(expected, abs=5e-5)


def test_estimate() -> None:
    """A worked example, and what cannot be estimated."""
    found = estimate([1.0, 2.0, 3.0])
    assert found.mean == 2.0
    assert found.ci95 == pytest.approx((2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5), abs=1e-5)
    assert found.to_dict()["ci99"] == list(found.ci99 or ())
    assert estimate([5.0]).to_dict() == {"mean": 5.0, "ci95": None, "ci99": None}
    with pytest.raises(ValueError, match="nothing to estimate from"):
        estimate([])


def test_controls_take_off_what_chance_did() -> None:
    """What is a straight line of the control is known exactly; what has nothing to do with it stays."""
    controls = [0.2, -0.1, 0.4, 0.0, -0.2]
    line = estimate_controlled([7 + 3 * control for control in controls], controls)
    assert line.mean == pytest.approx(7)
    assert line.ci99 == pytest.approx((7, 7))
    assert estimate_controlled([1.0, 2.0, 3.0, 4.0], [0.0] * 4) == estimate([1.0, 2.0, 3.0, 4.0])
    assert estimate_controlled([1.0, 2.0, 3.0], [1.0, -1.0, 0.5]) == estimate([1.0, 2.0, 3.0])


def test_controlled_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of a thousand 95 % intervals about fifty miss."""
    dice, missed = np.random.default_rng(3), 0
    for _ in range(1000):
        controls = dice.normal(0, 1, 12)
        found = estimate_controlled((5 + 2 * controls + dice.normal(0, 1, 12)).tolist(), controls.tolist())
        assert found.ci95 is not None
        missed += not found.ci95[0] <= 5 <= found.ci95[1]
    assert 30 <= missed <= 70


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_intervals_enclose_each_other(values: list[float]) -> None:
    """The mean lies in the 95 % interval, and that in the 99 % one."""
    found = estimate(values)
    assert found.ci95 is not None
    assert found.ci99 is not None
    assert found.ci99[0] <= found.ci95[0] <= found.mean <= found.ci95[1] <= found.ci99[1]
