"""Reads a scenario; refuses it whole with every mistake, each with file:line:column."""

from __future__ import annotations

from pydantic import ValidationError

from located_yaml import Mistake, Mistakes, from_pydantic, load
from simulation.scenario import Scenario, Surroundings


def read_scenario(source: str | bytes, file: str, around: Surroundings) -> Scenario:
    """The scenario in ``source``; ``file`` is only the name told in mistakes, ``around`` gives the queues and
    agents that it does not have itself. Raises Mistakes."""
    repeated: list[Mistake] = []
    document = load(source, file, repeated=repeated)
    try:
        scenario = Scenario.model_validate({} if document.data is None else document.data)
    except ValidationError as wrong:
        raise Mistakes([*repeated, *from_pydantic(document, wrong, Scenario)]) from None
    found = [
        document.mistake(path, f"{'.'.join(map(str, path))}: {told}")
        for path, told in scenario.problems(around)
    ]
    if repeated or found:
        raise Mistakes([*repeated, *found])
    return scenario
