"""`callcenter whatif`: a past period by other settings or with other agents."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from callcenter.cli.estimates_table import print_change, write_json
from callcenter.cli.failure import Failure
from callcenter.cli.past import read_past
from callcenter.cli.replications import run_study
from callcenter.cli.simulating import read_scenario_at
from callcenter.cli.wall_clock import instant, midnight_before
from callcenter.places import Places
from callcenter.planning.arrangement import Arrangement, arranged
from callcenter.planning.past import recorded_figures
from callcenter.planning.what_if import Period
from callcenter.settings import Settings, load_settings
from simulation.plan import Plan, Span
from simulation.scenario import Scenario, Surroundings, thresholds_of
from simulation.whatif import change, with_agents

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
    period = Period(past, since, until, frozenset(settings.agents))
    before = period.plan(_arranged(settings))
    after = before
    if changed.settings is not None:
        after = period.plan(_arranged(load_settings(changed.settings, (), os.environ)))
    if changed.agents is not None:
        after = with_agents(after, changed.agents)
    if changed.scenario is not None:
        after = _staffed_as(
            after, read_scenario_at(changed.scenario, Surroundings(after.config)), since, settings
        )
    seed = 1 if seed is None else seed
    count = _REPLICATIONS if replications is None else replications
    both = change(run_study(before, seed, count, "as it was"), run_study(after, seed, count, "changed"))
    recorded = recorded_figures(past.calls, thresholds_of(settings.queues))
    if as_json:
        write_json({"from": since, "to": until, "recorded": recorded, **both.to_dict()})
    else:
        print_change(f"{begin} to {end}", recorded, both)


def _arranged(settings: Settings) -> Arrangement:
    return arranged(settings.queues, settings.agents, settings.routing)


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
