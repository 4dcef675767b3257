"""What figures of the KPI catalogue should reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from acd_settings import Problem, unknown
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import queue_figures, total_figures
from callcenter.domain.kpi_tally import Tally

Target = Annotated[float, Field(ge=0)]
"""A share is 0 to 1, a time in milliseconds. It is the most of what is better when lower, of all else the
least."""
Targets = Mapping[str, Target]
"""By key of the figure."""


def aims_of_queue(service_level: float, targets: Targets) -> dict[str, float]:
    """The targets of a queue's figures; ``service_level`` is that of every kind of service level."""
    levels = (key for key in _QUEUE_KEYS if key.startswith("service_level"))
    return dict.fromkeys(levels, service_level) | dict(targets)


def target_problems(centre: Targets, queues: Mapping[str, Targets]) -> Iterator[Problem]:
    """Targets of figures that do not exist."""
    yield from (
        (("targets", key), unknown("figure", key, _CENTRE_KEYS)) for key in centre if key not in _CENTRE_KEYS
    )
    for name, targets in queues.items():
        for key in targets:
            if key not in _QUEUE_KEYS:
                yield ("queues", name, "targets", key), unknown("figure of a queue", key, _QUEUE_KEYS)


_QUEUE_KEYS = tuple(figure.key for figure in queue_figures(Tally(), 0))
_CENTRE_KEYS = tuple(figure.key for figure in total_figures(KpiBoard(KpiPolicy({})), 0))
