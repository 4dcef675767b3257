"""A small call centre on paper: a Router, a hand-moved clock and short words for what happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd import events as ev
from acd.codec import command_to_dict
from acd.commands import (
    ChangePresence,
    EndOffer,
    MakeOffer,
    NoteWaiting,
    OverflowCall,
    PauseOverdue,
    RouterCommand,
)
from acd.explain import WaitReason
from acd.lanes import IndexedMatching
from acd.model import AcdConfig, AgentConfig, OverflowKind, OverflowReason, OverflowTarget, QueueConfig
from acd.router import Router

VOICEMAIL = OverflowTarget(OverflowKind.FLOW, "voicemail")
SKILLED = {"a1": {"en": 5}, "a2": {"en": 5}, "a3": {"en": 5}}


def queue(name: str = "support", **settings: Any) -> QueueConfig:
    """A queue with the default settings but these."""
    return QueueConfig(name, **settings)


def config(
    *queues: QueueConfig, agents: Mapping[str, Any] | None = None, version: str = "v1", **more: Any
) -> AcdConfig:
    """A configuration; ``agents`` gives each agent's skills, or (skills, queues, terms, groups, weight)."""
    given = SKILLED if agents is None else agents
    people = {
        agent_id: AgentConfig(agent_id, *(about if isinstance(about, tuple) else (about,)))
        for agent_id, about in given.items()
    }
    return AcdConfig(version, {one.name: one for one in queues or (queue(),)}, people, **more)


def overflow(**targets: OverflowTarget) -> dict[OverflowReason, OverflowTarget]:
    """Overflow entries by the reason's name."""
    return {OverflowReason(reason): target for reason, target in targets.items()}


class Scene:
    """Drives a Router; ``now`` is milliseconds since the scene began."""

    def __init__(
        self, setting: AcdConfig | None = None, *ready: str, matching: Any = IndexedMatching
    ) -> None:
        self.router = Router(setting or config(), matching)
        self.now = 0
        self.notes: list[WaitReason] = []
        for agent_id in ready:
            self.tell(ev.AgentLoggedIn(agent_id))
            self.tell(ev.AgentReady(agent_id))

    def tell(self, event: ev.RouterEvent) -> list[str]:
        """Hand in the event now; returns the commands in short words. Notes of waiting are kept apart."""
        commands = self.router.handle(event, self.now)
        self.notes += [command.reason for command in commands if isinstance(command, NoteWaiting)]
        return [short(command) for command in commands if not isinstance(command, NoteWaiting)]

    def call(self, call_id: str, queue: str = "support", **more: Any) -> list[str]:
        """The call asks for a human now."""
        return self.tell(ev.CallQueued(call_id, queue, more.pop("queued_at", self.now), **more))

    def after(self, sec: float) -> list[str]:
        """Let time pass, with every deadline on the way met at its instant."""
        end, words = self.now + int(sec * 1000), []
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            words += self.tell(ev.DeadlineReached())
        self.now = end
        return words

    def talk(self, agent_id: str, sec: float) -> list[str]:
        """The agent answers the ringing phone, talks that long and is released."""
        agent = self.router.agent(agent_id)
        assert agent is not None
        assert agent.offer_id is not None
        assert agent.call_id is not None
        self.tell(ev.OfferAccepted(agent.offer_id))
        self.after(sec)
        return self.tell(ev.AgentReleased(agent_id, agent.call_id))

    def presence(self, agent_id: str) -> str:
        """Presence and reason in one word, such as ``not_ready:lunch``."""
        agent = self.router.agent(agent_id)
        assert agent is not None
        return f"{agent.presence}:{agent.reason}" if agent.reason else str(agent.presence)

    def same_as(self, other: Scene) -> bool:
        """Whether both Routers hold the same facts."""
        return self.router.snapshot() == other.router.snapshot()


def short(command: RouterCommand) -> str:
    """One command in short words: ``c1.o1 rings a1``, ``c1.o1 expired``, ``c1 timeout -> flow voicemail``,
    ``a1 ready``."""
    match command:
        case MakeOffer():
            return f"{command.offer_id} rings {command.agent_id}"
        case EndOffer():
            return f"{command.offer_id} {command.end}"
        case OverflowCall():
            return (
                f"{command.call_id} {command.reason} -> {command.target.kind} {command.target.name}".rstrip()
            )
        case ChangePresence():
            return f"{command.agent_id} {command.presence}" + (f":{command.reason}" if command.reason else "")
        case PauseOverdue():
            return f"{command.agent_id} overdue:{command.reason}"
        case NoteWaiting():
            return f"{command.reason.call_id} waits"


def dicts(commands: list[RouterCommand]) -> list[dict[str, Any]]:
    """The commands as the journal would hold them."""
    return [command_to_dict(command) for command in commands]
