"""What lies around the controller in the scenarios: the ticket store, and other systems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from callcenter.tickets.store import MemoryTicketStore

WEBHOOK_MS = 120_000
"""After so long a webhook is given up."""


@dataclass(slots=True)
class Tickets:
    """The ticket store with a bad day: away until ``away_until``; counts who asks."""

    store: MemoryTicketStore = field(default_factory=MemoryTicketStore)
    away_until: int = 0


@dataclass(slots=True)
class Elsewhere:
    """The systems around the centre: what a look-up of a citizen gives (None: there is none such) and after
    how long, and who was told what, by id; nobody takes it until ``away_until``."""

    level: float | str | None = 3
    answers_after_ms: int = 300
    asked: int = 0
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    away_until: int = 0
