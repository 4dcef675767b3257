"""Nodes that ask the rest of the centre for something, and the end of the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from ivr_flows.effects import QueueOutcome
from ivr_flows.model.parts import Digit, Name, Part, Text, Texts, Way

MAY_END: Final = (QueueOutcome.AGENT_DONE, QueueOutcome.CALL_BACK)
"""The outcomes after which a call may end without a word of the flow."""


class WhileWaiting(Part):
    """What the caller hears while waiting, over the music. What is not given is as in the settings."""

    comfort: Annotated[tuple[Texts, ...], Field(max_length=20, strict=False)] = ()
    """Messages that are heard in turn; they are where callers are told of ``keys``."""
    first_after_sec: Annotated[int, Field(ge=1, le=600)] | None = None
    every_sec: Annotated[int, Field(ge=5, le=600)] | None = None
    announce_position: bool | None = None
    announce_wait: bool | None = None
    """Whether the expected wait is told, in minutes."""


class QueueNode(Part):
    """Queues the call for a human; the queue's own settings bound the wait.

    ``otherwise`` is the way of every outcome not named but two: without ``agent_done`` the call ends after
    the agent, without ``call_back`` once the caller has been promised to be called back.
    """

    queue: Name
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    skills: Mapping[Name, Annotated[int, Field(ge=1, le=10)]] = {}
    waiting: WhileWaiting | None = None
    keys: Mapping[Digit, Name] = {}
    """Keys by which a waiting caller leaves the queue, each with where it leads."""
    timeout: Name | None = None
    full: Name | None = None
    no_agent: Name | None = None
    closed: Name | None = None
    call_back: Name | None = None
    """Where the caller is told of the promised call-back."""
    agent_done: Name | None = None
    otherwise: Name | None = None

    def way_of(self, outcome: QueueOutcome) -> str | None:
        """Where an outcome leads; None when the call ends (or, in a flow not checked, nobody said)."""
        named: str | None = getattr(self, outcome.value)
        return named if named or outcome in MAY_END else self.otherwise

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        found = []
        for outcome in QueueOutcome:
            field = outcome.value if getattr(self, outcome.value) else "otherwise"
            if target := self.way_of(outcome):
                found.append(Way(outcome.value, target, (field,), outcome is QueueOutcome.AGENT_DONE))
        pressed = [Way(key, target, ("keys", key), by_a_person=True) for key, target in self.keys.items()]
        return (*pressed, *found)


class TicketNode(Part):
    """Opens a ticket for the call, or joins the caller's open one, then goes on."""

    ticket: Annotated[str, Field(min_length=1, max_length=64, description="The ticket's category.")]
    text: Text
    next: Name
    failed: Name | None = None
    """Where to go when there is no ticket within ``timeout_sec``; as ``next`` when not given."""
    timeout_sec: Annotated[int, Field(ge=1, le=60)] = 10

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        failed = (Way("failed", self.failed, ("failed",)),) if self.failed else ()
        return (Way("next", self.next, ("next",)), *failed)


class VoicemailNode(Part):
    """Takes a message after a beep, and opens a ticket for it; a key ends the message. The ticket is there
    also when the caller hangs up instead."""

    voicemail: Texts
    category: Annotated[str, Field(min_length=1, max_length=64)] = "voicemail"
    """The ticket's category."""
    text: Text = "来电人留言，请听录音。"
    """What the ticket says."""
    max_sec: Annotated[int, Field(ge=5, le=600)] = 120
    human: bool = True
    """Whether the human key works here."""
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class HangUpNode(Part):
    """Ends the call; the word says why."""

    hang_up: Name
    cause: Literal["normal", "busy", "rejected"] = "normal"
    """What the caller's own telephone system is told."""

    def ways(self) -> tuple[Way, ...]:
        """None: the flow is over."""
        return ()
