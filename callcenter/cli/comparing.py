"""`callcenter whatif`: a past period by other settings or with other agents."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from acd.model import AcdConfig
from callcenter.cli.estimates_table import print_change, write_json
from callcenter.cli.failure import Failure
from callcenter.cli.past import past_calls, read_past
from callcenter.cli.replications import run_study
from callcenter.cli.simulating import read_scenario_at
from callcenter.cli.wall_clock import instant, midnight_before
from callcenter.domain.events import QueueOutcome
from callcenter.places import Places
from callcenter.recorded_calls import RecordedCall, RecordedCalls, requests
from callcenter.settings import Settings, load_settings
from callcenter.settings.routing import acd_config
from simulation.durations import Empirical
from simulation.measures import Measure
from simulation.plan import Plan, Roster, Span
from simulation.scenario import Scenario, Surroundings, thresholds_of
from simulation.whatif import change, past_plan, with_agents

_REPLICATIONS = 20


@dataclass(frozen=True, slots=True)
class Changed:
    """What is tried: other settings (their directory), so many agents, or the queues and agents of a scenario
    (its file)."""

    settings: Path | None = None
    agents: int | None = None
    scenario: Path | None = None


async def simulate_change(
    settings: Settings,
    places: Places,
    begin: str,
    end: str,
    changed: Changed,
    seed: int | None,
    replications: int | None,
    *,
    as_json: bool,
) -> None:
    """Print what a past period would have been, beside the same simulated as it was staffed."""
    if changed.agents is not None and changed.scenario is not None:
        raise Failure("--agents and --scenario both change the agents -> give one of them")
    if changed == Changed():
        raise Failure("nothing is changed -> give --config, --agents or --scenario")
    since, until = instant(begin, "--from", settings), instant(end, "--to", settings)
    if since >= until:
        raise Failure("--to must be after --from -> exchange them")
    past = await read_past(settings, places, since, until)
    calls = list(past_calls(requests(past.calls)))
    ring = Empirical(values_sec=tuple(ms / 1000 for ms in past.rings_ms) or (0,))

    def plan_of(chosen: Settings) -> Plan:
        config = acd_config(chosen)
        roster = _roster(past, config, settings.agents, since, until)
        return past_plan(calls, config, roster, thresholds_of(chosen.queues), ring, since, until)

    before = plan_of(settings)
    after = before
    if changed.settings is not None:
        after = plan_of(load_settings(changed.settings, (), os.environ))
    if changed.agents is not None:
        after = with_agents(after, changed.agents)
    if changed.scenario is not None:
        after = _staffed_as(
            after, read_scenario_at(changed.scenario, Surroundings(after.config)), since, settings
        )
    seed = 1 if seed is None else seed
    count = _REPLICATIONS if replications is None else replications
    both = change(run_study(before, seed, count, "as it was"), run_study(after, seed, count, "changed"))
    recorded = _recorded(past.calls, settings)
    if as_json:
        write_json({"from": since, "to": until, "recorded": recorded, **both.to_dict()})
    else:
        print_change(f"{begin} to {end}", recorded, both)


def _roster(past: RecordedCalls, config: AcdConfig, known: Container[str], since: int, until: int) -> Roster:
    """Agents work when they worked, and those who did not come are not there; an agent who was not ``known``
    then works all the time. Who was still there at the end stays until the last caller is served."""
    attendance = past.attendance(since, until)
    return Roster(
        {
            agent_id: tuple(
                (first - since, None if last == until else last - since)
                for first, last in attendance.get(agent_id, ())
            )
            for agent_id in config.agents
            if agent_id in known
        }
    )


def _staffed_as(plan: Plan, scenario: Scenario, since: int, settings: Settings) -> Plan:
    """The plan with the queues and agents of the scenario, whose times of day are those of the centre. Calls
    of queues that it lacks are left out."""
    shown = scenario.model_copy(update={"begins": 0, "hours": (plan.end_ms / 3_600_000) + 48})
    staffed = shown.plan(Surroundings(plan.config))
    off_ms = since - midnight_before(since, settings)

    def counted_from_since(by_name: Mapping[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
        return {
            name: tuple((first - off_ms, None if last is None else last - off_ms) for first, last in spans)
            for name, spans in by_name.items()
        }

    roster = replace(staffed.roster, shifts=counted_from_since(staffed.roster.shifts))
    return replace(
        plan,
        config=staffed.config,
        sources=tuple(source for source in plan.sources if source.queue in staffed.config.queues),
        opening=counted_from_since(staffed.opening),
        thresholds=plan.thresholds if scenario.queues is None else staffed.thresholds,
        roster=plan.roster if scenario.agents is None else roster,
    )


def _recorded(calls: list[RecordedCall], settings: Settings) -> dict[str, float | None]:
    """The figures of what really was, as far as the journal tells them, defined as the simulation's."""
    limits = thresholds_of(settings.queues)
    ended = [call for call in calls if call.outcome is not None]
    answered = [call for call in ended if call.outcome is QueueOutcome.ANSWERED]
    in_time = [
        call for call in answered if call.queue in limits and call.wait_ms <= limits[call.queue].answer_ms
    ]
    abandoned = sum(call.outcome is QueueOutcome.ABANDONED for call in ended)
    short = sum(call.outcome is QueueOutcome.SHORT_ABANDONED for call in ended)
    handled = [call.handle_ms for call in answered if call.handle_ms is not None]
    figures: dict[Measure, float | None] = {
        Measure.OFFERED: float(len(calls)),
        Measure.ANSWERED: float(len(answered)),
        Measure.ABANDONED: float(abandoned),
        Measure.SHORT_ABANDONED: float(short),
        Measure.SERVICE_LEVEL: _ratio(len(in_time), len(answered)),
        Measure.NEGATIVE: _ratio(len(in_time), len(calls)),
        Measure.ABANDONMENT: _ratio(abandoned, len(calls) - short),
        Measure.ASA: _ratio(sum(call.wait_ms for call in answered), len(answered) * 1000),
        Measure.MEAN_WAIT: _ratio(sum(call.wait_ms for call in ended), len(ended) * 1000),
        Measure.AHT: _ratio(sum(handled), len(handled) * 1000),
    }
    return {measure.value: figure for measure, figure in figures.items()}


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None
