"""What the figures are measured by: the fact of the journal that no call brings about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KpiPolicyInForce:
    """From now on the figures are measured by this (callcenter.domain.kpi.KpiPolicy). It is stated at each
    start and reload, so that the journal alone gives the figures that were shown."""

    at: int
    threshold_ms: dict[str, int]
    time_zone: str
