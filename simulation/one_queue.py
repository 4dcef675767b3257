"""One queue with equal agents, in the words of Erlang's formulas: ``load=10,agents=14,aht=180,target=20``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acd.model import AcdConfig, AgentConfig, QueueConfig
from located_yaml import did_you_mean
from simulation.arrivals import Steady
from simulation.calls import MadeUpCalls
from simulation.confidence import Estimate, estimate, estimate_controlled
from simulation.durations import Exponential, Never, Patience
from simulation.erlang import SteadyState, steady_state
from simulation.measures import Measure, Replication
from simulation.plan import Plan, Thresholds
from simulation.study import Estimates

QUEUE = "calls"
_KNOWN = ("load", "agents", "aht", "target", "patience")
_CALLS_WANTED, _MOST_CALLS = 10_000, 30_000
_MEMORIES_WANTED = 20
_HOUR_MS = 3_600_000
_WARM_UP_SHARE = 0.1
_MOST_AGENTS = 10_000
_CORRECTED = frozenset(
    {
        Measure.WAIT_PROBABILITY,
        Measure.SERVICE_LEVEL,
        Measure.NEGATIVE,
        Measure.LEFT_OUT,
        Measure.POSITIVE,
        Measure.ABANDONMENT,
        Measure.ASA,
        Measure.MEAN_WAIT,
        Measure.OCCUPANCY,
    }
)
"""What the load that really came explains a part of. Not counts: they tell what was simulated, and a
corrected one would be of calls that never were. Not the handle time: the control is made of it, so that it
would only be told what was put in. Not percentiles: in most runs of a quiet queue they are 0, and a straight
line through those leads below it."""


@dataclass(frozen=True, slots=True)
class OneQueue:
    """``load`` in erlangs (calls per second times ``aht_s``), times in seconds; ``patience_s`` None: nobody
    leaves."""

    load: float
    agents: int
    aht_s: float
    target_s: float = 20.0
    patience_s: float | None = None

    def theory(self) -> SteadyState:
        """What Erlang C says, or with a patience Erlang A."""
        return steady_state(self.load, self.agents, self.aht_s, self.target_s, self.patience_s)

    def sensible_hours(self) -> float:
        """Long enough for a narrow answer in twenty replications: 10,000 calls, or 20 times as long as the
        queue remembers (its relaxation time, about s/(n (1 - sqrt(r))^2) of M/M/n; J. W. Cohen, The Single
        Server Queue, 1982; patience shortens it) but then at most 30,000 calls."""
        spare = (1 - math.sqrt(min(self.load / self.agents, 0.999))) ** 2 * self.agents
        memory_s = self.aht_s / spare
        if self.patience_s is not None:
            memory_s = min(memory_s, self.patience_s + self.aht_s)
        call_s = self.aht_s / self.load
        return max(_CALLS_WANTED * call_s, min(_MEMORIES_WANTED * memory_s, _MOST_CALLS * call_s)) / 3600

    def estimates(self, replications: Sequence[Replication], hours: float) -> Estimates:
        """The figures of runs with so many measured hours. Rates, mean waits and occupancy have the load that
        really came as control: half of what differs in them between replications is only that more work came
        in one than in another. Counts, percentiles and the handle time are plain means."""
        expected = self.load * hours * 3600
        controls = [
            (run.total[Measure.OFFERED] or 0) * (run.total[Measure.AHT] or self.aht_s) / expected - 1
            for run in replications
        ]
        found: dict[str, Estimate | None] = {}
        for measure in Measure:
            values = [value for run in replications if (value := run.total[measure]) is not None]
            if measure in _CORRECTED and len(values) == len(replications):
                found[measure.value] = estimate_controlled(values, controls)
            else:
                found[measure.value] = estimate(values) if values else None
        return found

    def plan(self, hours: float | None = None) -> Plan:
        """The same as a simulation of so many measured hours, after a tenth of that and at least 20 handle
        times of warm-up. Every call is answered by the agent who has been idle longest, first come first
        served, at once and without wrap-up."""
        length_ms = round((self.sensible_hours() if hours is None else hours) * _HOUR_MS)
        warm_up_ms = round(max(length_ms * _WARM_UP_SHARE, 20_000 * self.aht_s))
        width = len(str(self.agents))
        names = [f"agent-{number:0{width}}" for number in range(1, self.agents + 1)]
        config = AcdConfig(
            version="one queue",
            queues={QUEUE: QueueConfig(QUEUE, wrap_up_sec=0)},
            agents={name: AgentConfig(name) for name in names},
        )
        patience: Patience = Never() if self.patience_s is None else Exponential(mean_sec=self.patience_s)
        calls = MadeUpCalls(
            queue=QUEUE,
            arrivals=Steady(per_hour=self.load / self.aht_s * 3600),
            talk=Exponential(mean_sec=self.aht_s),
            patience=patience,
        )
        return Plan(
            config,
            (calls,),
            end_ms=warm_up_ms + length_ms,
            measured_from_ms=warm_up_ms,
            usual_threshold=Thresholds(answer_ms=round(self.target_s * 1000)),
        )


def one_queue(text: str) -> OneQueue:
    """Reads ``load=10,agents=14,aht=180,target=20[,patience=120]``. ValueError naming every mistake."""
    mistakes: list[str] = []
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in _KNOWN:
            near = did_you_mean(name, _KNOWN) or f"; there are: {', '.join(_KNOWN)}"
            mistakes.append(f"unknown '{name}'{near}")
        elif name in given:
            mistakes.append(f"{name} is given twice")
        else:
            given[name] = _number(name, value, mistakes)
    mistakes += [f"{name} is missing" for name in _KNOWN[:3] if name not in given]
    mistakes += _out_of_bounds(given)
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return OneQueue(
        given["load"], int(given["agents"]), given["aht"], given.get("target", 20.0), given.get("patience")
    )


def _number(name: str, value: str, mistakes: list[str]) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        mistakes.append(f"{name} is '{value}', must be a number")
    return number


def _out_of_bounds(given: Mapping[str, float]) -> list[str]:
    """NaN is told already, and no comparison with it holds."""
    found = [
        f"{name} is {value:g}, must be above 0"
        for name, value in given.items()
        if value <= 0 and name != "target"
    ]
    if given.get("target", 0) < 0:
        found.append(f"target is {given['target']:g}, must be at least 0")
    if 0 < given.get("aht", 1) < 1:
        found.append(f"aht is {given['aht']:g}, must be at least 1 (seconds)")
    agents = given.get("agents", 1)
    if agents > _MOST_AGENTS or (math.isfinite(agents) and agents != int(agents)):
        found.append(f"agents is {agents:g}, must be a whole number up to {_MOST_AGENTS:,}")
    return found
