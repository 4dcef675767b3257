"""Instants as people write them: on the centre's wall clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from callcenter import assembly
from callcenter.cli.failure import Failure
from callcenter.settings import Settings


def time_zone(settings: Settings) -> str:
    """The centre's time zone."""
    return assembly.kpi_policy(settings).time_zone


def instant(text: str, option: str, settings: Settings) -> int:
    """``2026-11-02`` or ``2026-11-02T08:00`` on the centre's wall clock (or with its own offset) as
    milliseconds since the Unix epoch. Raises Failure, naming the option, for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            f"{option} {text}: no date or time -> write it as 2026-11-02 or 2026-11-02T08:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(time_zone(settings)))
    return round(moment.timestamp() * 1000)


def midnight_before(at: int, settings: Settings) -> int:
    """The midnight of the centre's wall clock at or before an instant."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(time_zone(settings)))
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
