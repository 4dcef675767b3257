"""`callcenter simulate`: the production Router in virtual time."""

from __future__ import annotations

from pathlib import Path

from callcenter.cli.estimates_table import print_beside_theory, print_study, write_json
from callcenter.cli.failure import Failure
from callcenter.cli.past import read_past
from callcenter.cli.replications import run_study
from callcenter.cli.wall_clock import instant, midnight_before
from callcenter.places import Places
from callcenter.recorded_calls import requests
from callcenter.settings import Settings
from callcenter.settings.routing import acd_config
from located_yaml import Mistake, Mistakes
from simulation.arrivals import Arrivals, Listed, Recorded
from simulation.one_queue import OneQueue, one_queue
from simulation.scenario import Scenario, Surroundings
from simulation.scenario_file import read_scenario
from simulation.study import estimates_to_dict

_ERLANG_REPLICATIONS = 20


async def simulate_scenario(
    settings: Settings,
    places: Places,
    path: Path,
    seed: int | None,
    replications: int | None,
    hours: float | None,
    *,
    as_json: bool,
) -> None:
    """Print the Study of the scenario; what is not None stands for what the scenario says."""
    around = Surroundings(acd_config(settings), settings.queues)
    scenario = await _with_recorded(read_scenario_at(path, around), settings, places)
    given = {"seed": seed, "replications": replications, "hours": hours}
    scenario = scenario.model_copy(update={name: value for name, value in given.items() if value is not None})
    if scenario.warm_up_hours >= scenario.hours:
        raise Failure(f"--hours must be more than the {scenario.warm_up_hours:g} of warm-up -> give more")
    title = scenario.title or path.stem
    found = run_study(scenario.plan(around), scenario.seed, scenario.replications, title)
    if as_json:
        write_json({"scenario": title, "hours": scenario.hours, **found.to_dict()})
    else:
        print_study(title, found)


def simulate_one_queue(
    text: str, seed: int | None, replications: int | None, hours: float | None, *, as_json: bool
) -> None:
    """Print the Study of one queue with equal agents, beside the theory."""
    queue = _one_queue(text)
    seed = 1 if seed is None else seed
    plan = queue.plan(hours)
    found = run_study(plan, seed, _ERLANG_REPLICATIONS if replications is None else replications, text)
    hours = (plan.end_ms - plan.measured_from_ms) / 3_600_000
    total = queue.estimates(found.replications, hours)
    theory = queue.theory().to_dict()
    if as_json:
        write_json(
            {
                **estimates_to_dict(total),
                "theory": theory,
                "formula": "erlang_c" if queue.patience_s is None else "erlang_a",
                "seed": seed,
                "replications": len(found.replications),
                "hours": hours,
                "calls": sum(replication.calls for replication in found.replications),
            }
        )
    else:
        print_beside_theory(text, total, theory)


async def _with_recorded(scenario: Scenario, settings: Settings, places: Places) -> Scenario:
    """The scenario with the arrivals that the journal knows in place of those that it only names."""
    found: dict[str, Arrivals] = {}
    for name, stream in scenario.calls.items():
        if not isinstance(stream.arrivals, Recorded):
            continue
        where = f"calls.{name}.arrivals"
        since = instant(stream.arrivals.since, f"{where}.since", settings)
        until = instant(stream.arrivals.until, f"{where}.until", settings)
        past = await read_past(settings, places, since, until)
        midnight = midnight_before(since, settings)
        queue = stream.queue or name
        at_sec = ((call.queued_at - midnight) / 1000 for call in requests(past.calls) if call.queue == queue)
        found[name] = Listed(at_sec=tuple(at_sec))
    return scenario.with_arrivals(found)


def read_scenario_at(path: Path, around: Surroundings) -> Scenario:
    """The scenario in this file. Raises Mistakes."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise Mistakes([Mistake(str(path), 1, 1, (), f"cannot be read: {error.strerror}")]) from error
    return read_scenario(source, str(path), around)


def _one_queue(text: str) -> OneQueue:
    try:
        return one_queue(text)
    except ValueError as error:
        told = "write it as load=10,agents=14,aht=180,target=20[,patience=120]"
        raise Failure(f"--erlang {text}: {error} -> {told}") from None
