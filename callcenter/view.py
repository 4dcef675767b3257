"""The centre as the web sees it: journaled events, and a snapshot kept up to date by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

from acd.agent import AgentState
from acd.model import Presence
from callcenter.controller.centre import Centre
from callcenter.controller.shell import Controller, Listener
from callcenter.domain.commands import AgentCommand, CommandResult, SupervisorCommand
from callcenter.domain.events import DomainEvent, SwitchStateChanged
from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_catalogue import KpiFigure, agent_figures, queue_figures, total_figures
from callcenter.live_board import LiveBoard
from callcenter.ports import Clock, Journal
from callcenter.settings import Settings
from callcenter.settings.model import QueueSection
from callcenter.settings.targets import aims_of_queue
from callcenter.web.live import agent_of
from callcenter.web.ports import AgentView, CentreView, Component, ComponentHealth, QueueView

AT_MOST = 2000
"""Events that are looked through for the agents whom they name."""
FIRST_IN_LINE = 20
"""So many calls of a queue are told with their expected wait."""


class LiveCentre:
    """Implements the web's Centre over the Controller. ``health`` of the stores is told by whoever ships the
    journal there."""

    def __init__(
        self, controller: Controller, journal: Journal, figures: LiveBoard, settings: Settings, clock: Clock
    ) -> None:
        self._controller = controller
        self._journal = journal
        self._figures = figures
        self._clock = clock
        self.seq = 0
        self._health = {
            component: ComponentHealth(component, up=False, since_at=clock(), detail="not connected yet")
            for component in Component
        }
        self._agents: dict[str, AgentView] = {}
        self._changed: dict[str, None] = {}
        """The agents, in order, to be looked at for the next view, whatever the journal says of them."""
        self._viewed_seq = 0
        """The last event of which a view has told."""
        self.reconfigure(settings)
        controller.subscribe(self._follow)

    def reconfigure(self, settings: Settings) -> None:
        """Show the agents and queues of these settings from now on."""
        self._settings = settings
        self._served = {name: _served(settings, agent.skills) for name, agent in settings.agents.items()}
        self._agents = {
            agent_id: view for agent_id, view in self._agents.items() if agent_id in settings.agents
        }
        self._changed = dict.fromkeys(settings.agents)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """See the port."""
        return self._controller.subscribe(listener)

    async def events_since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """See the port."""
        return self._journal.since(seq, limit)

    async def agent_command(self, command: AgentCommand) -> CommandResult:
        """See the port."""
        return self._controller.ask(command)

    async def supervisor_command(self, command: SupervisorCommand) -> CommandResult:
        """See the port."""
        return self._controller.ask(command)

    def component(self, component: Component, *, up: bool, detail: str = "") -> None:
        """A component was found or lost."""
        known = self._health[component]
        if known.up != up or known.detail != detail:
            since_at = self._clock() if known.up != up else known.since_at
            self._health[component] = replace(known, up=up, since_at=since_at, detail=detail)

    def view(self) -> CentreView:
        """See the port."""
        centre = self._controller.centre
        self._look_through()
        for agent_id in self._changed:
            self._agents[agent_id] = self._agent(agent_id, centre.queueing.router.agent(agent_id))
        self._changed.clear()
        return CentreView(
            seq=self.seq,
            agents=self._agents,
            calls=centre.floor.calls,
            queues={
                name: QueueView(
                    name, queue.title, centre.queueing.router.is_open(name), queue.live_transcript
                )
                for name, queue in self._settings.queues.items()
            },
            kpi=self._kpi,
            health=tuple(self._health.values()),
            fairness=lambda: centre.queueing.router.fairness(self._clock()),
            dispositions=self._settings.dispositions,
            day_of=self._day_of,
            line_of=self._line_of,
        )

    @property
    def centre(self) -> Centre:
        """The centre that is seen."""
        return self._controller.centre

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._settings

    def _follow(self, seq: int, event: DomainEvent) -> None:
        self.seq = seq
        if isinstance(event, SwitchStateChanged):
            detail = "" if event.up else "calls go on in the switch"
            self.component(Component.SWITCH, up=event.up, detail=detail)

    def _look_through(self) -> None:
        """Find the agents of whom something has happened since the last view; after too much, all."""
        news = self._journal.since(self._viewed_seq, AT_MOST)
        self._viewed_seq = self.seq
        if news is None:
            self._changed = dict.fromkeys(self._settings.agents)
            return
        for _, event in news:
            agent_id = agent_of(event)
            if agent_id is not None and agent_id in self._settings.agents:
                self._changed[agent_id] = None

    def _agent(self, agent_id: str, state: AgentState | None) -> AgentView:
        section = self._settings.agents[agent_id]
        time = self._figures.board.agents.get(agent_id)
        centre = self._controller.centre
        phone = centre.queueing.phones.get(agent_id)
        return AgentView(
            agent_id=agent_id,
            name=section.name,
            phone=phone,
            presence=state.presence if state else Presence.LOGGED_OUT,
            reason=state.reason if state else "",
            since_at=time.since_at if time else 0,
            until_at=state.until_at if state else None,
            call_id=state.call_id if state else None,
            skills=section.skills,
            queues=section.queues or self._served[agent_id],
            reachable=phone in centre.agents.reachable,
            paused_by=state.forced_by if state else "",
            leaving=state is not None and not state.logged_in and state.presence is not Presence.LOGGED_OUT,
            disposition_due=state is not None and state.disposition_due,
            wrap_up_max_at=state.wrap_up_max_at if state else None,
            calls=state.calls if state else 0,
            supervises=any(one.agent_id == agent_id for one in centre.floor.supervisions()),
            dials_out=centre.dial_outs.allows(agent_id),
            notes=centre.agents.notes.unread(agent_id),
        )

    def _kpi(self) -> Mapping[str, tuple[KpiFigure, ...]]:
        now = self._clock()
        board = self._figures.board.seen_at(now)
        figures = {
            name: self._aimed(queue_figures(board.queues[name], now), _aims(queue))
            for name, queue in self._settings.queues.items()
            if name in board.queues
        }
        figures[TOTAL] = self._aimed(total_figures(board, now), self._settings.targets)
        return figures

    def _day_of(self, agent_id: str) -> tuple[KpiFigure, ...]:
        now = self._clock()
        time = self._figures.board.seen_at(now).agents.get(agent_id)
        return agent_figures(time.tally, time.at(now)) if time else ()

    def _line_of(self, queue: str) -> list[tuple[str, int | None]]:
        router = self._controller.centre.queueing.router
        first = islice(router.waiting(queue), FIRST_IN_LINE)
        return [(call.call_id, router.estimated_wait_ms(call.call_id)) for call in first]

    def _aimed(self, figures: tuple[KpiFigure, ...], targets: Mapping[str, float]) -> tuple[KpiFigure, ...]:
        return tuple(replace(figure, target=targets.get(figure.key)) for figure in figures)


def _aims(queue: QueueSection) -> dict[str, float]:
    return aims_of_queue(queue.service_level_target, queue.targets)


def _served(settings: Settings, skills: Mapping[str, int]) -> tuple[str, ...]:
    """The queues whose requirements these skills meet."""
    return tuple(
        name
        for name, queue in settings.queues.items()
        if all(skills.get(skill, 0) >= need.level for skill, need in queue.needs().items())
    )
