"""The parts of a Call: agents who are rung, the one who talks, an outside party, a promise to call back."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.domain import events as e


@dataclass(slots=True)
class OpenOffer:
    """An agent who is being rung for the call."""

    offer_id: str
    agent_id: str
    leg_id: str
    queue: str
    made_at: int


@dataclass(slots=True)
class Conversation:
    """One agent's part in the call."""

    agent_id: str
    leg_id: str
    queue: str
    connected_at: int
    held_at: int | None = None
    hold_ms: int = 0


@dataclass(slots=True)
class OutsideParty:
    """Who is rung outside for the caller, or talks with them. ``by_flow`` and ``record`` as in
    events.OutsideDialled."""

    leg_id: str
    by_flow: bool
    record: bool
    answered: bool = False


@dataclass(frozen=True, slots=True)
class DialOut:
    """A call that an agent makes, as of events.CallDialledOut."""

    agent_id: str
    agent_leg_id: str
    queue: str
    missed_call_id: str


@dataclass(slots=True)
class CallBack:
    """What is owed to a caller who was promised to be called back. ``dials`` counts how often it was tried,
    ``missed`` how often the caller was not reached; ``dialled`` is the try under way."""

    of: str
    give_up_at: int
    retry_at: int | None = None
    dials: int = 0
    missed: int = 0
    dialled: e.CallBackDialled | None = None
