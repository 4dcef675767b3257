"""The in-memory twin of the web's Centre, which is told its events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from acd.agent import AgentState
from acd.fairness import fairness_of
from acd.model import AgentConfig, Presence
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.commands import Accepted, AgentCommand, CommandResult, SupervisorCommand
from callcenter.domain.events import (
    AgentPhoneChanged,
    CallBegan,
    DomainEvent,
    NoteRead,
    NoteSent,
    PresenceChanged,
    QueueStateChanged,
    SwitchStateChanged,
)
from callcenter.domain.kpi_catalogue import KpiFigure
from callcenter.domain.notes import Notes
from callcenter.web.ports import AgentView, CentreView, Component, ComponentHealth, Listener, QueueView


class MemoryCentre:
    """A Centre (callcenter.web.ports) that is what ``emit`` tells it.

    ``commands`` carries out what agents ask, ``supervisor_commands`` what supervisors ask; by default
    everything is accepted and nothing happens.
    ``figures`` is asked for the KPI whenever somebody looks, ``day_of`` for those of an agent. Fairness knows
    of no working times. ``handle_ms`` is how long each place in a queue is expected to last.
    """

    def __init__(
        self,
        agents: Iterable[AgentView],
        queues: Iterable[QueueView],
        *,
        first_seq: int = 0,
        figures: Callable[[], Mapping[str, tuple[KpiFigure, ...]]] = dict,
        dispositions: Mapping[str, str] | None = None,
    ) -> None:
        self.commands: Callable[[AgentCommand], Awaitable[CommandResult]] = _accept
        self.supervisor_commands: Callable[[SupervisorCommand], Awaitable[CommandResult]] = _accept
        self.agents = {agent.agent_id: agent for agent in agents}
        self.calls: dict[str, Call] = {}
        self._queues = {queue.name: queue for queue in queues}
        self._health = {component: ComponentHealth(component, up=True, since_at=0) for component in Component}
        self.figures = figures
        self._notes = Notes()
        self.dispositions = dict(dispositions or {})
        self.day_of: Callable[[str], tuple[KpiFigure, ...]] = lambda _: ()
        self.handle_ms = 0
        self._first_seq = self._seq = first_seq
        self._journal: list[tuple[int, DomainEvent]] = []
        self._listeners: list[Listener] = []

    def emit(self, event: DomainEvent) -> int:
        """This has happened; the answer is its number. A call leaves the view when its caller has gone."""
        self._seq += 1
        self._journal.append((self._seq, event))
        if isinstance(event, CallBegan):
            self.calls[event.call_id] = Call.begun(event)
        elif isinstance(event, PresenceChanged):
            before, presence = self.agents[event.agent_id], Presence(event.presence)
            self.agents[event.agent_id] = replace(
                before,
                presence=presence,
                calls=_calls_after(before, presence),
                reason=event.reason,
                since_at=event.at,
                until_at=event.until_at,
                call_id=event.call_id,
            )
        elif isinstance(event, NoteSent | NoteRead):
            self._notes.apply(event)
            unread = self._notes.unread(event.agent_id)
            self.agents[event.agent_id] = replace(self.agents[event.agent_id], notes=unread)
        elif isinstance(event, AgentPhoneChanged):
            self.agents[event.agent_id] = replace(self.agents[event.agent_id], phone=event.phone)
        elif isinstance(event, QueueStateChanged):
            self._queues[event.queue] = replace(self._queues[event.queue], is_open=event.is_open)
        elif isinstance(event, SwitchStateChanged):
            self.set_health(Component.SWITCH, event.up, event.at)
        else:
            self._apply_to_call(event)
        for listener in list(self._listeners):
            listener(self._seq, event)
        return self._seq

    def _line_of(self, queue: str) -> list[tuple[str, int | None]]:
        """Each waits for ``handle_ms`` more than the one before, as long as anybody of the queue works."""
        waiting = [
            call for call in self.calls.values() if call.queue == queue and call.phase is CallPhase.QUEUED
        ]
        waiting.sort(key=lambda call: call.queued_at or 0)
        at_work = any(
            queue in agent.queues and agent.presence not in (Presence.LOGGED_OUT, Presence.NOT_READY)
            for agent in self.agents.values()
        )
        return [
            (call.call_id, place * self.handle_ms if at_work else None)
            for place, call in enumerate(waiting, 1)
        ]

    def _apply_to_call(self, event: DomainEvent) -> None:
        call = self.calls.get(getattr(event, "call_id", ""))
        if call is not None:
            call.apply(event)
            if not call.live:
                del self.calls[call.call_id]

    def set_health(self, component: Component, up: bool, at: int, detail: str = "") -> None:
        """The component is so from now on."""
        self._health[component] = ComponentHealth(component, up, at, detail)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def events_since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        missed = self._journal[max(0, seq - self._first_seq) :]
        return None if seq < self._first_seq or len(missed) > limit else missed

    def view(self) -> CentreView:
        return CentreView(
            seq=self._seq,
            agents=self.agents,
            calls=self.calls,
            queues=self._queues,
            kpi=self.figures,
            health=tuple(self._health.values()),
            fairness=lambda: fairness_of(map(_state, self.agents.values()), now=0),
            dispositions=self.dispositions,
            day_of=self.day_of,
            line_of=self._line_of,
        )

    async def agent_command(self, command: AgentCommand) -> CommandResult:
        return await self.commands(command)

    async def supervisor_command(self, command: SupervisorCommand) -> CommandResult:
        return await self.supervisor_commands(command)


def _state(agent: AgentView) -> AgentState:
    """As much of the Router's state as fairness needs."""
    return AgentState(
        AgentConfig(agent.agent_id, {}),
        presence=agent.presence,
        logged_in=agent.presence is not Presence.LOGGED_OUT,
        idle_since=agent.since_at,
        calls=agent.calls,
    )


def _calls_after(before: AgentView, presence: Presence) -> int:
    """How many calls the agent has answered since log-in, once in this Presence."""
    if before.presence is Presence.LOGGED_OUT:
        return 0
    answered = presence is Presence.ON_CALL and before.presence is not Presence.ON_CALL
    return before.calls + answered


async def _accept(_: AgentCommand | SupervisorCommand) -> CommandResult:
    return Accepted()
