"""Erlang B, C and A against published and independently computed values."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from simulation.erlang import erlang_a, erlang_b, erlang_c, log_series, steady_state
from simulation.staffing import Demand, staff_for

TABLE = Path(__file__).parents[1] / "data" / "erlang_c_pyworkforce.tsv"
ROWS = [
    tuple(map(float, line.split("\t")))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_erlang_b_and_c_of_the_catalogue() -> None:
    """The worked example of the KPI catalogue: 10 erlangs, 14 agents, AHT 180 s, 20 s."""
    assert erlang_b(10, 14) == pytest.approx(0.056819, abs=1e-6)
    found = erlang_c(10, 14, 180, 20)
    assert found.wait_probability == pytest.approx(0.174132, abs=1e-6)
    assert found.service_level == pytest.approx(0.888350, abs=1e-6)
    assert found.asa_s == pytest.approx(7.836, abs=1e-3)
    assert found.occupancy == pytest.approx(10 / 14)


@pytest.mark.parametrize(
    ("calls_per_min", "agents", "waits", "abandons", "wait_s"),
    [(10, 30, 0.476573, 0.079919, 9.590), (100, 300, 0.457978, 0.025351, 3.042)],
)
def test_erlang_a_of_the_catalogue(
    calls_per_min: float, agents: int, waits: float, abandons: float, wait_s: float
) -> None:
    """The two examples of the KPI catalogue: AHT 180 s, mean patience 120 s."""
    found = erlang_a(calls_per_min * 3, agents, 180, 20, 120)
    assert found.wait_probability == pytest.approx(waits, abs=1e-6)
    assert found.abandonment == pytest.approx(abandons, abs=1e-6)
    assert found.mean_wait_s == pytest.approx(wait_s, abs=1e-3)


@pytest.mark.parametrize(("handle_s", "level", "calls"), [
    (180, 0.80, 235), (240, 0.80, 174),
])  # fmt: skip
def test_what_fifteen_agents_carry(handle_s: float, level: float, calls: int) -> None:
    """15 agents carry so many calls per hour within 20 s, and not one more."""
    demand = Demand(handle_s, target_s=20, level=level)
    assert staff_for(calls, demand).agents == 15
    assert staff_for(calls + 1, demand).agents == 16


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]:g} of {row[1]:g} min, {row[4]:.0%}")
def test_erlang_c_equals_pyworkforce(row: tuple[float, ...]) -> None:
    """Agents needed, service level, occupancy and probability of waiting are those of pyworkforce."""
    transactions, aht_min, interval_min, target_s, level, positions, in_time, occupancy, waits = row
    load = transactions / interval_min * aht_min
    found = erlang_c(load, int(positions), aht_min * 60, target_s)
    assert found.service_level == pytest.approx(in_time, abs=1e-6)
    assert found.occupancy == pytest.approx(occupancy, abs=1e-6)
    assert found.wait_probability == pytest.approx(waits, abs=1e-6)
    staff = staff_for(transactions * 60 / interval_min, Demand(aht_min * 60, target_s, level))
    assert staff.agents == positions


def _by_the_chain(load: float, agents: int, handle_s: float, patience_s: float) -> dict[str, float]:
    """Erlang A out of the balance equations of its birth-death chain, state by state."""
    weights = [1.0]
    for state in range(1, 5 * agents + 2000):
        leaving = min(state, agents) / handle_s + max(0, state - agents) / patience_s
        weights.append(weights[-1] * load / handle_s / leaving)
    whole = math.fsum(weights)
    chances = [weight / whole for weight in weights]
    queue = math.fsum(max(0, state - agents) * chance for state, chance in enumerate(chances))
    served = waited = 0.0
    for state in range(agents, len(chances) - 1):
        place = state - agents + 1
        rates = [agents / handle_s + index / patience_s for index in range(1, place + 1)]
        is_served = agents / handle_s / rates[-1] if place < 400 else 0.0
        served += chances[state] * is_served
        waited += chances[state] * is_served * (math.fsum(1 / rate for rate in rates) if is_served else 0)
    waits = math.fsum(chances[agents:])
    return {
        "wait_probability": waits,
        "abandonment": queue / patience_s / (load / handle_s),
        "asa_s": waited / (1 - waits + served),
    }


@pytest.mark.parametrize("case", [(3, 3, 180, 60), (8, 10, 240, 30), (20, 12, 180, 120)])
def test_erlang_a_equals_its_markov_chain(case: tuple[float, int, float, float]) -> None:
    """The closed form and the chain solved by itself agree."""
    load, agents, handle_s, patience_s = case
    found = erlang_a(load, agents, handle_s, 20, patience_s)
    for name, value in _by_the_chain(load, agents, handle_s, patience_s).items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-6), name


def test_service_level_of_erlang_a_by_integration() -> None:
    """Answered and abandoned within the target: the density of the wait integrated numerically."""
    load, agents, handle_s, target_s, patience_s = 30.0, 30, 180.0, 20.0, 120.0
    found = erlang_a(load, agents, handle_s, target_s, patience_s)
    arrive, serve, leave = load / handle_s, agents / handle_s, 1 / patience_s

    def density(v: float) -> float:
        return math.exp(arrive * (1 - math.exp(-leave * v)) / leave - serve * v)

    step = 0.002
    middles = [(index + 0.5) * step for index in range(int(3000 / step) // 2)]
    whole = math.fsum(density(v) for v in middles) * step
    early = [v for v in middles if v < target_s]
    served = math.fsum(math.exp(-leave * v) * density(v) for v in early) * step / whole
    lost = math.fsum((1 - math.exp(-leave * v)) * density(v) for v in early) * step / whole
    later = math.fsum(density(v) for v in middles if v >= target_s) * step / whole
    lost += (1 - math.exp(-leave * target_s)) * later
    waits = found.wait_probability
    in_time = 1 - waits + waits * served
    assert found.service_level_abandons_negative == pytest.approx(in_time, abs=1e-6)
    assert found.service_level_abandons_positive == pytest.approx(in_time + waits * lost, abs=1e-6)
    assert found.service_level == pytest.approx(in_time / (1 - found.abandonment), abs=1e-6)
    assert found.service_level_abandons_left_out == pytest.approx(in_time / (1 - waits * lost), abs=1e-6)


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    """The more patient the callers, the nearer to Erlang C."""
    patient, endless = steady_state(10, 14, 180, 20, 1e9), steady_state(10, 14, 180, 20)
    for name in ("wait_probability", "service_level", "asa_s", "occupancy"):
        assert getattr(patient, name) == pytest.approx(getattr(endless, name), rel=1e-6)


def test_no_steady_state_without_enough_agents() -> None:
    """Erlang C with as much load as agents: everybody waits for ever, and JSON knows no infinity."""
    found = erlang_c(14, 14, 180, 20)
    assert (found.wait_probability, found.service_level, found.asa_s) == (1.0, 0.0, math.inf)
    assert found.to_dict()["asa_s"] is None


@pytest.mark.parametrize("case", [(10_000, 1), (0.001, 600), (5_000, 5_200), (1e-9, 1), (3_000, 2_000)])
def test_extremes_stay_probabilities(case: tuple[float, int]) -> None:
    """Neither overflow nor nonsense, however large or small."""
    found = erlang_a(case[0], case[1], 180, 20, 120)
    for name, value in found.to_dict().items():
        assert value is not None, name
        assert value >= -1e-12, name
        assert name.endswith("_s") or value <= 1 + 1e-12, name
    assert log_series(1.0, 5_000.0) == pytest.approx(5_000 - math.log(5_000), abs=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: erlang_b(-1, 3),
        lambda: erlang_b(1, -3),
        lambda: erlang_c(1, 3, 0, 20),
        lambda: erlang_a(1, 3, 180, 20, 0),
        lambda: erlang_a(1, 0, 180, 20, 60),
    ],
)
def test_impossible_figures_are_refused(call) -> None:  # type: ignore[no-untyped-def]
    """With what is wrong with them."""
    with pytest.raises(ValueError, match="must be"):
        call()
