"""Calls that agents made, counted by themselves: no figure of the calls that came in knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callcenter.domain import events as e


@dataclass(slots=True)
class DialOuts:
    """Of one day. ``reached``: the other party talked with an agent; ``unreached`` by why not. ``talk_ms``
    and ``wrap_up_ms`` are all the agents' work with them. ``ringing`` are the calls that nobody has answered
    yet, ``live`` those and the answered ones; ``wrapped_up`` names by agent the one after which they wrap up.
    """

    made: int = 0
    reached: int = 0
    unreached: dict[str, int] = field(default_factory=dict)
    talk_ms: int = 0
    wrap_up_ms: int = 0
    ringing: dict[str, None] = field(default_factory=dict)
    live: dict[str, None] = field(default_factory=dict)
    wrapped_up: dict[str, str] = field(default_factory=dict)

    @property
    def identity_holds(self) -> bool:
        """made = reached + unreached + still ringing."""
        return self.made == self.reached + sum(self.unreached.values()) + len(self.ringing)

    def takes(self, event: e.DomainEvent) -> bool:
        """Take in the next event; whether it is about a call that an agent made, and so nothing else's."""
        match event:
            case e.CallDialledOut():
                self.made += 1
                self.ringing[event.call_id] = self.live[event.call_id] = None
            case e.AgentConnected() if event.call_id in self.ringing:
                del self.ringing[event.call_id]
                self.reached += 1
            case e.AgentReleased() if event.call_id in self.live:
                self.talk_ms += event.talk_ms + event.hold_ms
                self.wrapped_up[event.agent_id] = event.call_id
            case e.WrapUpEnded() if self.wrapped_up.get(event.agent_id) == event.call_id:
                self.wrap_up_ms += event.wrap_up_ms
            case e.CallEnded() if event.call_id in self.live:
                del self.live[event.call_id]
                if event.call_id in self.ringing:
                    del self.ringing[event.call_id]
                    self.unreached[event.reason] = self.unreached.get(event.reason, 0) + 1
            case e.PresenceChanged() if event.presence != "wrap_up":
                self.wrapped_up.pop(event.agent_id, None)
                return False
            case _:
                return False
        return True

    def carried(self) -> DialOuts:
        """What the new day begins with: those that ring count to it."""
        return DialOuts(
            made=len(self.ringing),
            ringing=dict(self.ringing),
            live=dict(self.live),
            wrapped_up=dict(self.wrapped_up),
        )

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> DialOuts:
        """As ``asdict`` wrote it; empty: before there were any."""
        return DialOuts(**state)
