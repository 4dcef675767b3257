"""DomainEvents of a call of which the journal does not know enough. Part of DomainEvent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallRecovered:
    """The legs of the call told of it (domain.leg_variables) what the journal did not know, and often nothing
    else did: then what is recorded of it in front of this, with earlier instants, is what they told, and the
    rest of its past is lost. It had ``meetings`` before (Call.bridge_id). ``agent_id``: who has the caller,
    so that an answer follows for which no Offer is recorded; empty for nobody."""

    at: int
    call_id: str
    meetings: int = 0
    agent_id: str = ""
