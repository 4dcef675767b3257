"""Reads a scenario; refuses it whole with every mistake, each with file:line:column."""

from __future__ import annotations

import re

from pydantic import ValidationError

from acd.config_check import check
from located_yaml import Document, Mistake, Mistakes, Path, from_pydantic, load
from simulation.scenario import Scenario, Surroundings

_STEP = re.compile(r"[^.\[\]]+")


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
        for path, told in scenario.disagreements(around)
    ]
    if not found:  # what does not fit together would be told a second time
        found = _acd_mistakes(document, scenario, around)
    if repeated or found:
        raise Mistakes([*repeated, *found])
    return scenario


def _acd_mistakes(document: Document, scenario: Scenario, around: Surroundings) -> list[Mistake]:
    """What only the Router can judge, at its place, or at the section it comes from."""
    return [
        document.mistake(_path(found.path), f"{found.path}: {found.message}")
        for found in check(scenario.config(around))
    ]


def _path(dotted: str) -> Path:
    """``agents.a.queues[0]`` as the way to the value."""
    return tuple(_STEP.findall(dotted))
