"""Scenario: a day to be simulated, as it is written in YAML. ``config/scenarios`` has examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from acd.model import AcdConfig, SkillRequirement
from acd_settings import (
    AgentRouting,
    Level,
    Name,
    Problem,
    QueueRouting,
    RoutingSection,
    agent_config,
    queue_config,
    queue_problems,
    router_problems,
    told_once,
    unknown,
)
from located_yaml import Section
from simulation.arrivals import DAY_MS, Arrivals
from simulation.calls import MadeUpCalls
from simulation.durations import Constant, Duration, Never, Patience
from simulation.plan import Plan, Roster, Span, Thresholds
from simulation.sequels import NOBODY, CallingAgain, Transfer

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTE_MS = 60_000
_AT_ONCE = Constant(sec=0)
_ROUNDING = 1e-9


def minute_of_day(written: Any) -> int:
    """``'08:30'`` as minutes from midnight, ``'24:00'`` included. ValueError for anything else."""
    if written == "24:00":
        return 1440
    if found := _TIME.fullmatch(str(written)):
        return int(found[1]) * 60 + int(found[2])
    raise ValueError(f"'{written}' is not a time of day such as '08:30'")


def _spans_of_day(written: Any) -> Any:
    if not isinstance(written, list):
        raise ValueError("must be a list such as ['08:00-12:00', '13:00-17:00']")
    spans = []
    for item in written:
        first, dash, last = str(item).partition("-")
        if not dash:
            raise ValueError(f"'{item}' is not a span of time such as '08:00-12:00'")
        begin, end = minute_of_day(first), minute_of_day(last)
        spans.append((begin, end if end > begin else end + 1440))
    return tuple(spans)


SpansOfDay = Annotated[tuple[tuple[int, int], ...], BeforeValidator(_spans_of_day)]
"""Spans of every day, in minutes from midnight; one whose end is not after its start ends on the next day."""


class ScenarioQueue(QueueRouting):
    """One queue, written as in the settings, and when it is open."""

    opening_hours: SpansOfDay | None = None
    """Outside them the queue's overflow ``closed`` holds. Not given: always open."""


class AgentGroup(AgentRouting):
    """``count`` agents alike; their ids are the name of the group and a number (of one agent: the name)."""

    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    shifts: SpansOfDay | None = None
    """Not given: the group works all the time."""
    shrinkage: Annotated[float, Field(ge=0, lt=1)] = 0
    """The share of the shifts that goes to pauses."""

    def agent_ids(self, name: str) -> list[str]:
        """The agents of the group."""
        width = len(str(self.count))
        return [name] if self.count == 1 else [f"{name}-{n:0{width}}" for n in range(1, self.count + 1)]


class CallStream(Section):
    """Callers who want the same."""

    queue: str = ""
    """Empty: the queue named like the stream."""
    arrivals: Arrivals
    talk: Duration
    """How long a caller holds the agent."""
    wrap_up: Duration | None = None
    """Not given, or longer than the queue's ``wrap_up_sec``: that."""
    patience: Patience = Never()
    priority: int = 0
    skills: Mapping[Name, Level] = {}
    """Asked for beside the skills that the queue asks for."""
    again: CallingAgain = NOBODY
    transfers: tuple[Transfer, ...] = ()

    def shares_too_much(self) -> bool:
        """Whether more calls would be sent on than are answered."""
        return sum(transfer.share for transfer in self.transfers) > 1 + _ROUNDING


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scenario takes when it has no queues or agents of its own: those of the settings."""

    config: AcdConfig = field(default_factory=lambda: AcdConfig("none", {}, {}))
    queues: Mapping[str, QueueRouting] = field(default_factory=dict)


class Scenario(Section):
    """The whole scenario. Every day of it is alike; time counts from the first midnight."""

    title: str = ""
    begins: Annotated[int, BeforeValidator(minute_of_day)] = 0
    """The time of day at which the simulation begins."""
    hours: Annotated[float, Field(gt=0, le=24 * 366)] = 24
    """How long callers come."""
    warm_up_hours: Annotated[float, Field(ge=0)] = 0
    """Of these hours the first so many only fill the centre and are not measured."""
    replications: Annotated[int, Field(ge=1, le=10_000)] = 10
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 1
    ring: Duration = _AT_ONCE
    """How long a phone rings until its agent answers."""
    pause_min: Annotated[int, Field(ge=1, le=480)] = 15
    """How long each pause lasts that makes up the shrinkage."""
    queues: Mapping[Name, ScenarioQueue] | None = None
    """Not given: those of the settings."""
    routing: RoutingSection | None = None
    """Not given: that of the settings."""
    agents: Mapping[Name, AgentGroup] | None = None
    """Not given: those of the settings, who then work all the time."""
    calls: Annotated[Mapping[Name, CallStream], Field(min_length=1)]

    def problems(self, around: Surroundings) -> Iterator[Problem]:
        """What is well-formed but wrong: the path of each value, and what is wrong with it."""
        judged = router_problems(self._outline(around))
        for path, message in told_once(self._disagreements(around), judged):
            yield path, message + self._whose(path)

    def _whose(self, path: tuple[str | int, ...]) -> str:
        """Settings that are right by themselves may not go with a scenario's other half."""
        if path[0] in ("queues", "agents") and getattr(self, str(path[0])) is None:
            return f" (the {path[0]} are those of the settings; write the scenario's own)"
        return ""

    def _disagreements(self, around: Surroundings) -> Iterator[Problem]:
        queues = around.config.queues if self.queues is None else self.queues
        for name, stream in self.calls.items():
            if (wanted := stream.queue or name) not in queues:
                where = ("calls", name, "queue") if stream.queue else ("calls", name)
                yield where, unknown("queue", wanted, queues)
            for index, transfer in enumerate(stream.transfers):
                if transfer.queue not in queues:
                    at = ("calls", name, "transfers", index, "queue")
                    yield at, unknown("queue", transfer.queue, queues)
            if stream.shares_too_much():
                yield ("calls", name, "transfers"), "the shares add up to more than 1"
        yield from queue_problems(self.queues or {}, self.agents or {}, queues)
        groups: dict[str, str] = {}
        for name, group in (self.agents or {}).items():
            for agent_id in group.agent_ids(name):
                if (other := groups.setdefault(agent_id, name)) != name:
                    yield (
                        ("agents", name),
                        f"'{agent_id}' is an agent of the group '{other}'; rename one",
                    )
        if self.warm_up_hours >= self.hours:
            yield ("warm_up_hours",), f"must be less than hours, which is {self.hours:g}"

    def _outline(self, around: Surroundings) -> AcdConfig:
        """What the Router is set to, with one agent for each group: a mistake is where the group stands."""
        outline = replace(around.config, version=self.title or "scenario")
        if self.queues is not None:
            queues = {name: queue_config(name, queue) for name, queue in self.queues.items()}
            outline = replace(outline, queues=queues)
        if self.agents is not None:
            agents = {name: agent_config(name, group) for name, group in self.agents.items()}
            outline = replace(outline, agents=agents)
        if self.routing is not None:
            outline = replace(outline, call_choice=self.routing.call_choice, seed=self.routing.seed)
        return outline

    def _config(self, around: Surroundings) -> AcdConfig:
        """What the Router is set to."""
        outline = self._outline(around)
        if self.agents is None:
            return outline
        agents = {
            agent_id: replace(outline.agents[name], agent_id=agent_id)
            for name, group in self.agents.items()
            for agent_id in group.agent_ids(name)
        }
        return replace(outline, agents=agents)

    def plan(self, around: Surroundings) -> Plan:
        """The scenario ready to run; it must have no problems."""
        begin_ms = self.begins * _MINUTE_MS
        queues = around.queues if self.queues is None else self.queues
        return Plan(
            config=self._config(around),
            sources=tuple(_source(name, stream) for name, stream in self.calls.items()),
            begin_ms=begin_ms,
            measured_from_ms=begin_ms + round(self.warm_up_hours * 3_600_000),
            end_ms=self._end_ms(),
            roster=self._roster(),
            ring=self.ring,
            opening=self._opening(),
            last_agent_queues=last_agent_queues(queues),
            thresholds=thresholds_of(queues),
        )

    def with_arrivals(self, arrivals: Mapping[str, Arrivals]) -> Scenario:
        """The same with other arrivals of these streams."""
        streams = {
            name: stream.model_copy(update={"arrivals": arrivals.get(name, stream.arrivals)})
            for name, stream in self.calls.items()
        }
        return self.model_copy(update={"calls": streams})

    def _end_ms(self) -> int:
        return self.begins * _MINUTE_MS + round(self.hours * 3_600_000)

    def _opening(self) -> dict[str, tuple[Span, ...]]:
        return {
            name: _spans(queue.opening_hours, self._end_ms())
            for name, queue in (self.queues or {}).items()
            if queue.opening_hours is not None
        }

    def _roster(self) -> Roster:
        shifts: dict[str, tuple[Span, ...]] = {}
        shrinkage: dict[str, float] = {}
        for name, group in (self.agents or {}).items():
            for agent_id in group.agent_ids(name):
                shrinkage[agent_id] = group.shrinkage
                if group.shifts is not None:
                    shifts[agent_id] = _spans(group.shifts, self._end_ms())
        return Roster(shifts, shrinkage, self.pause_min * _MINUTE_MS)


def thresholds_of(queues: Mapping[str, QueueRouting]) -> dict[str, Thresholds]:
    """What each queue is measured by."""
    return {
        name: Thresholds(queue.answer_within_sec * 1000, queue.short_abandon_sec * 1000)
        for name, queue in queues.items()
    }


def last_agent_queues(queues: Mapping[str, QueueRouting]) -> frozenset[str]:
    """The queues that prefer the agent with whom the caller talked last."""
    return frozenset(name for name, queue in queues.items() if queue.prefer == "last_agent")


def _spans(of_day: tuple[tuple[int, int], ...], end_ms: int) -> tuple[Span, ...]:
    """The spans of every day, from the night before the first on."""
    days = range(-DAY_MS, end_ms, DAY_MS)
    return tuple(
        (midnight + first * _MINUTE_MS, midnight + last * _MINUTE_MS)
        for midnight in days
        for first, last in sorted(of_day)
    )


def _source(name: str, stream: CallStream) -> MadeUpCalls:
    return MadeUpCalls(
        queue=stream.queue or name,
        arrivals=stream.arrivals,
        talk=stream.talk,
        patience=stream.patience,
        wrap_up=stream.wrap_up,
        priority=stream.priority,
        requirements=_requirements(stream.skills),
        again=stream.again,
        transfers=stream.transfers,
    )


def _requirements(skills: Mapping[str, int]) -> tuple[SkillRequirement, ...]:
    return tuple(SkillRequirement(skill, level) for skill, level in sorted(skills.items()))
