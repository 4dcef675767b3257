"""The DomainEvents of calls that agents make. Part of DomainEvent.

Such a Call begins with its agent's phone, which is rung first; when the agent has picked up the other party
is dialled, and when that one answers they talk (AgentConnected). It ends with CallEnded like every call. The
other party takes the place that the caller has in the calls that come in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallDialledOut:
    """The agent wants to talk with ``caller``, who is shown the number ``did``. ``queue`` is the one whose
    category, recording and wrap-up the call has; ``missed_call_id`` the abandoned call whose caller it is.
    """

    at: int
    call_id: str
    agent_id: str
    agent_leg_id: str
    caller: str
    did: str
    trunk: str
    queue: str
    language: str
    missed_call_id: str = ""
    caller_name: str = ""
    flow: str = ""
    flows_number: int = 0


@dataclass(frozen=True, slots=True)
class PartyDialled:
    """The agent has picked up and hears it ring: the other party is dialled over ``leg_id``."""

    at: int
    call_id: str
    leg_id: str
