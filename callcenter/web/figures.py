"""What is counted, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.model import Presence
from callcenter.domain.kpi_calls import countable
from callcenter.domain.kpi_catalogue import KpiFigure, better_when_higher
from callcenter.web import wire
from callcenter.web.ports import CentreView


def kpi_on_wire(kpi: Mapping[str, Iterable[KpiFigure]]) -> list[wire.Kpi]:
    """All figures of all scopes."""
    return [
        wire.Kpi(
            scope=scope,
            key=figure.key,
            value=figure.value,
            unit=figure.unit,
            formula=figure.formula,
            numerator=figure.numerator,
            denominator=figure.denominator,
            target=figure.target,
            target_met=_met(figure),
            opens=list(countable(figure)),
        )
        for scope, figures in kpi.items()
        for figure in figures
    ]


def _met(figure: KpiFigure) -> bool | None:
    if figure.value is None or figure.target is None:
        return None
    if better_when_higher(figure.key) is False:
        return figure.value <= figure.target
    return figure.value >= figure.target


def fairness_on_wire(view: CentreView) -> wire.Fairness:
    """How evenly work is spread. Ginis are rounded: changes of mere time are not worth telling."""
    fairness = view.fairness()
    return wire.Fairness(
        agents=fairness.agents,
        calls=sum(
            agent.calls
            for agent in view.agents.values()
            if agent.presence is not Presence.LOGGED_OUT and not agent.leaving
        ),
        idle_spread_ms=fairness.idle_spread_ms,
        calls_gini=_rounded(fairness.calls_gini),
        busy_gini=_rounded(fairness.busy_gini),
    )


def _rounded(gini: float | None) -> float | None:
    return None if gini is None else round(gini, 3)
