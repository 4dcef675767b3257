"""The shape of what is written about a queue, an agent and routing. Spans carry their unit in the name.

Whoever reads these adds fields of their own: the settings what the centre needs besides, a scenario how many
agents are alike and when they work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from acd.model import OverflowKind, OverflowReason
from located_yaml import Section

Level = Annotated[int, Field(ge=1, le=10)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class TermsSection(Section):
    """The terms on which an agent serves a queue, where they are not the usual ones."""

    order: Annotated[int, Field(ge=-100, le=100)] = 0
    """Of the agent's queues with waiting calls the one with the lowest order comes first."""
    delay_sec: Annotated[int, Field(ge=0)] = 0
    """A reserve: only calls that have waited for so long."""
    tier: Annotated[int, Field(ge=1, le=100)] = 1
    """Agents of a lower tier are chosen first."""


class SkillNeed(Section):
    """A skill that a queue asks for: its level, and how much it counts when agents are compared by skill."""

    level: Level = 1
    weight: Annotated[int, Field(ge=1, le=10)] = 1


class OverflowSection(Section):
    """Where a call goes that leaves a queue unanswered."""

    to: OverflowKind
    queue: str = ""
    """Its name, for ``to: queue``."""
    number: str = ""
    """Whom to ring, for ``to: outside``."""


class StepSection(Section):
    """What a queue gives up for calls that have waited in it for ``after_sec``. Steps add up."""

    after_sec: Annotated[int, Field(ge=1)]
    drop: tuple[str, ...] = ()
    """Skills asked for no more."""
    lower: Mapping[str, Level] = {}
    """Skills that suffice at a lower level from now on."""
    groups: tuple[str, ...] = ()
    """Groups let in, too; "*" lets in everybody."""
    priority: int = 0
    """Added to the call's priority."""


class AgentRouting(Section):
    """What an agent can, and which calls are meant for whom."""

    skills: Mapping[str, Level] = {}
    queues: tuple[str, ...] = ()
    """The queues served; empty: every queue whose requirements the skills meet."""
    terms: Mapping[str, TermsSection] = {}
    groups: tuple[str, ...] = ()
    """Teams or shifts, for queues that let in certain groups only."""
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    """The share of calls that the strategy weighted_random gives."""


class QueueRouting(Section):
    """Who may answer the calls of a queue, how long, what happens when nobody can, and by which thresholds
    that is measured. They count from the moment the caller asked for a human."""

    skills: Mapping[str, Level | SkillNeed] = {}
    """Asked of agents: a level 1-10, or ``{level: 5, weight: 2}``."""
    groups: tuple[str, ...] = ()
    """Only agents of one of these groups; empty: of any."""
    steps: tuple[StepSection, ...] = ()
    strategy: str = "longest_idle"
    """Which agent: one of acd.strategies.STRATEGIES."""
    prefer: Literal["nobody", "last_agent"] = "nobody"
    """Whom a call gets if free: the agent with whom the caller talked last."""
    preferred_patience_sec: Annotated[int, Field(ge=0, le=3600)] = 0
    """How long a call is kept for that agent, who is busy."""
    priority: int = 0
    ageing_sec_per_priority: Annotated[int, Field(ge=1)] = 60
    """The waiting that one step of priority is worth."""
    ring_timeout_sec: Annotated[int, Field(ge=3, le=120)] = 20
    ring_at_most: Annotated[int, Field(ge=1, le=100)] = 20
    """How many phones ring at once, with ring_all and ring_progressively."""
    ring_step_sec: Annotated[int, Field(ge=1, le=120)] = 5
    """When to look for more phones to ring, with these two."""
    wrap_up_sec: Annotated[int, Field(ge=0, le=3600)] = 30
    wrap_up_min_sec: Annotated[int, Field(ge=0, le=3600)] = 0
    wrap_up_max_sec: Annotated[int, Field(ge=0, le=14400)] | None = None
    """How far agents may extend it; empty: without limit."""
    disposition_required: bool = False
    """No wrap-up ends without the agent having said what came of the call."""
    retry_delay_sec: Annotated[int, Field(ge=0, le=600)] = 5
    declined_delay_sec: Annotated[int, Field(ge=0, le=600)] = 10
    busy_delay_sec: Annotated[int, Field(ge=0, le=600)] = 10
    unreachable_delay_sec: Annotated[int, Field(ge=0, le=600)] = 30
    unanswered_limit: Annotated[int, Field(ge=0)] = 3
    """Offers missed in a row that pause the agent; 0: never."""
    max_wait_sec: Annotated[int, Field(ge=1)] | None = None
    max_waiting: Annotated[int, Field(ge=0)] | None = None
    max_expected_wait_sec: Annotated[int, Field(ge=1)] | None = None
    """Calls that would probably wait longer overflow at once, as expected_wait."""
    short_abandon_sec: Annotated[int, Field(ge=0)] = 5
    """Callers who hang up sooner do not count as abandoned; 0: all do."""
    answer_within_sec: Annotated[int, Field(ge=1)] = 15
    """The service-level threshold (GB/T 33358-2016: 15 s)."""
    overflow: Mapping[OverflowReason, OverflowSection] = {}

    def needs(self) -> dict[str, SkillNeed]:
        """The skills asked for, each with its level and weight."""
        return {
            skill: need if isinstance(need, SkillNeed) else SkillNeed(level=need)
            for skill, need in self.skills.items()
        }


class RoutingSection(Section):
    """What holds for all queues together."""

    call_choice: str = "priority"
    """Which call an agent gets who could take several: one of acd.call_choice.CALL_CHOICES."""
    seed: int = 0
    """Of the dice of the strategy weighted_random."""
