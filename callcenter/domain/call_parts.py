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
    """One agent's part in the call. ``leg_id`` is empty, and ``kept_until_at`` set, as long as the agent's
    phone is lost; ``rung_leg_id`` is where it is rung again, ``rung`` how often that was tried."""

    agent_id: str
    leg_id: str
    queue: str
    connected_at: int
    held_at: int | None = None
    hold_ms: int = 0
    kept_until_at: int | None = None
    rung_leg_id: str = ""
    rung: int = 0

    @property
    def leg_ids(self) -> tuple[str, ...]:
        """The legs that the agent has."""
        return tuple(leg_id for leg_id in (self.leg_id, self.rung_leg_id) if leg_id)

    def on_line_again(self, at: int) -> None:
        """The caller is held no longer."""
        if self.held_at is not None:
            self.hold_ms += at - self.held_at
            self.held_at = None

    def phone(self, event: e.AgentPhoneLost | e.AgentPhoneRung | e.AgentPhoneBack) -> None:
        """Take in what became of the agent's phone."""
        match event:
            case e.AgentPhoneLost():
                self.leg_id = self.rung_leg_id = ""
                self.kept_until_at = event.back_until_at
                self.held_at = event.at if self.held_at is None else self.held_at
            case e.AgentPhoneRung():
                self.rung_leg_id = event.leg_id
                self.rung += 1
            case e.AgentPhoneBack():
                self.leg_id, self.rung_leg_id, self.kept_until_at = event.leg_id, "", None
                self.on_line_again(event.at)


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
