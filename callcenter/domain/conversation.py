"""An agent's part in a call, as the fold of its events."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.domain import events as e


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
