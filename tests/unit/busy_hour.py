"""A busy hour, made by a seeded script: the real controller and the real local journal, in virtual time.

Callers come, wait, hang up, talk and are transferred; agents log in, let phones ring out, decline, pause and
cut their wrap-up short. In the middle the journal is cut short by a snapshot, and later the controller dies
and comes back with other settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    RelaxStep,
    SkillRequirement,
)
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.memory_exchange import Agenda
from callcenter.adapters.memory_switch import Behaviour, MemorySwitch, Reaction
from callcenter.controller import memory
from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.controller.floor import CentreConfig, NumberRoute, QueuePolicy
from callcenter.controller.messages import (
    DeadlineReached,
    Message,
    Started,
)
from callcenter.controller.shell import Controller
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.waiting_room import WaitingPolicy
from ivr_flows.loader import load_flow

NOON = 1_763_697_600_000
"""2025-11-21 12:00 in Shanghai."""
QUEUES = ("general", "complaints", "vip", "korean")
SHARES = (60, 20, 10, 10)
_FLOW = """
flow: {queue}
languages: [zh]
time_zone: Asia/Shanghai
start: wait
nodes:
  wait: {{queue: {queue}, otherwise: end}}
  end: {{hang_up: served}}
"""


def acd_config(version: str = "v1", agents: int = 60, **general: Any) -> AcdConfig:
    """Four queues for so many agents; ``general`` changes the settings of that queue."""
    timeout, no_agent = (OverflowTarget(OverflowKind.FLOW, branch) for branch in ("timeout", "no_agent"))
    to_general = OverflowTarget(OverflowKind.QUEUE, "general")
    queues = [
        QueueConfig(
            "general",
            wrap_up_sec=20,
            max_wait_sec=150,
            overflow={OverflowReason.TIMEOUT: timeout},
            **{"max_waiting": 40, **general},
        ),
        QueueConfig(
            "complaints",
            (SkillRequirement("complaints", 3),),
            strategy="most_skilled",
            steps=(RelaxStep(5, lower={"complaints": 2}), RelaxStep(10, drop=("complaints",), priority=1)),
            max_wait_sec=15,
            overflow={OverflowReason.TIMEOUT: to_general},
        ),
        QueueConfig(
            "vip", strategy="ring_all", ring_at_most=3, priority=2, wrap_up_sec=0, ring_timeout_sec=10
        ),
        QueueConfig(
            "korean",
            (SkillRequirement("korean", 5),),
            strategy="round_robin",
            max_waiting=2,
            overflow={OverflowReason.NO_AGENT: no_agent, OverflowReason.FULL: to_general},
        ),
    ]
    people = {}
    for number in range(agents):
        skills = {"complaints": 1 + number % 9} if number % 2 else {}
        skills |= {"korean": 8} if number % 10 == 0 else {}
        people[str(1001 + number)] = AgentConfig(str(1001 + number), skills)
    return AcdConfig(version, {queue.name: queue for queue in queues}, people)


def centre_config(acd: AcdConfig) -> CentreConfig:
    """The settings of the centre around these of the Router; the queue's name is its number."""
    routes = {name: NumberRoute(name, "zh", {}) for name in QUEUES}
    return CentreConfig(
        version=acd.version,
        acd=acd,
        flows={name: load_flow(_FLOW.format(queue=name).encode(), f"{name}.yaml") for name in QUEUES},
        numbers=routes,
        any_number=routes["general"],
        queues={name: QueuePolicy("about", record=False) for name in QUEUES},
        waiting=WaitingPolicy(),
        audio=lambda prompt: None,
        recordings_dir="/recordings",
    )


class _Driven(Controller):
    """The Controller, whose timer is the hour's."""

    def _arm(self) -> None:
        pass


class BusyHour:
    """The centre, its switch and everybody's dice."""

    def __init__(self, directory: Path, acd: AcdConfig, *, seed: int = 7) -> None:
        self.dice = Random(seed)
        self.agenda = Agenda(NOON)
        self._directory = directory
        self._agents = sorted(acd.agents)
        phones = {f"p{agent_id}": Behaviour(after_ms=2000) for agent_id in self._agents}
        self.switch = MemorySwitch(deliver=self._post, now=NOON, phones=phones)
        self.controller: Controller
        self._start(acd)

    def _start(self, acd: AcdConfig) -> None:
        self._journal = LocalJournal(self._directory)
        centre = memory.remembered(centre_config(acd), self._journal.recall())
        gate = AdmissionGate(AdmissionLimit(1000, 1000))
        controller = _Driven(centre, gate, self._journal, lambda: self.agenda.now, lambda job: None)
        controller.attach(self.switch)
        controller.subscribe(lambda _, event: self._react(event))
        self.controller = controller
        self._post(Started())
        self.switch.connect(self._post)
        self.run(0)

    def _post(self, message: Message) -> None:
        self.controller.post(message)

    def checkpoint(self) -> None:
        """The journal begins a segment with a snapshot."""
        self._journal.checkpoint(memory.snapshot(self.controller.centre, {}))

    def restart(self, acd: AcdConfig) -> None:
        """The controller dies and comes back with these settings."""
        self.switch.disconnect(told=False)
        self._journal.close()
        self._start(acd)

    def end(self) -> None:
        """Close the journal."""
        self._journal.close()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        deadline = self.agenda.now + round(seconds * 1000)
        while True:
            dues = (self.agenda.next_deadline(), self.switch.next_deadline(), self.controller.next_deadline())
            due = min((at for at in dues if at is not None), default=deadline + 1)
            if due > deadline:
                break
            due = self.agenda.now = max(due, self.agenda.now)
            self.switch.advance(due)
            self.agenda.advance(due)
            wanted = self.controller.next_deadline()
            if wanted is not None and wanted <= due:
                self._post(DeadlineReached())
        self.switch.advance(deadline)
        self.agenda.advance(deadline)

    def ask(self, command: c.AgentCommand) -> None:
        """An agent asks for something, perhaps in vain."""
        self.controller.ask(command)

    def staff(self, absent: int = 0) -> None:
        """Everybody but the last ones logs in and takes calls."""
        for agent_id in self._agents[: len(self._agents) - absent]:
            self.ask(c.LogIn(agent_id, f"p{agent_id}"))
            self.ask(c.Ready(agent_id))
            self.run(0.05)

    def callers(self, count: int, within_sec: int) -> None:
        """So many callers will come in this time, each with some patience."""
        for _ in range(count):
            self._later(self.dice.randrange(within_sec * 1000), self._arrive)

    def pauses(self, count: int, within_sec: int) -> None:
        """So many pauses of some minutes, and agents who leave for good."""
        for number in range(count):
            agent_id, at = self.dice.choice(self._agents), self.dice.randrange(within_sec * 1000)
            away = c.LogOut(agent_id) if number % 10 == 0 else c.Pause(agent_id, "break")
            self._later(at, partial(self.ask, away))
            back = self.dice.randrange(30_000, 300_000)
            self._later(at + back, partial(self.ask, c.Ready(agent_id)))

    def _later(self, after_ms: int, act: Callable[[], None]) -> None:
        self.agenda.after(after_ms, act)

    def _arrive(self) -> None:
        (queue,) = self.dice.choices(QUEUES, SHARES)
        leg_id = self.switch.arrive("city", queue, "02112345678")
        self._later(self.dice.randrange(5_000, 240_000), partial(self._lose_patience, leg_id))

    def _lose_patience(self, leg_id: str) -> None:
        call = self.controller.centre.floor.calls.get(f"c{leg_id}")
        if call is not None and call.live and call.conversation is None:
            self.switch.hang_up(leg_id)

    def _react(self, event: e.DomainEvent) -> None:
        match event:
            case e.OfferMade():
                roll, phone = self.dice.random(), f"p{event.agent_id}"
                reaction = Reaction.ANSWER
                if roll < 0.12:
                    reaction = Reaction.IGNORE if roll < 0.05 else Reaction.DECLINE
                    reaction = Reaction.BUSY if roll > 0.1 else reaction
                after_ms = self.dice.randrange(500, 6000)
                self.switch.phones[phone] = replace(
                    self.switch.phones[phone], reaction=reaction, after_ms=after_ms
                )
            case e.AgentConnected():
                leg_id, talk_ms = event.call_id.removeprefix("c"), self.dice.randrange(20_000, 100_000)
                if self.dice.random() < 0.05:
                    transfer = c.Transfer(event.agent_id, event.call_id, e.TransferKind.QUEUE, "general")
                    self._later(talk_ms // 2, partial(self.ask, transfer))
                self._later(talk_ms, partial(self.switch.hang_up, leg_id))
            case e.PresenceChanged(presence="wrap_up") if self.dice.random() < 0.4:
                done_ms = self.dice.randrange(1000, 15_000)
                self._later(done_ms, partial(self.ask, c.EndWrapUp(event.agent_id)))
            case _:
                pass


def busy_hour(directory: Path) -> Path:
    """The journal of an hour with 2,200 callers and 60 agents; it lies in ``directory``."""
    hour = BusyHour(directory, acd_config())
    hour.staff(absent=2)
    hour.callers(2200, 3600)
    hour.pauses(120, 3600)
    hour.run(1500)
    hour.checkpoint()
    hour.run(900)
    hour.restart(acd_config("v2", max_waiting=25, strategy="fewest_calls"))
    hour.run(1200)
    hour.end()
    return directory
