"""Decision: why this agent was offered this call, kept small enough to store with every Offer.

A Decision holds numbers and names only; the words are made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from acd.agent import Rule
from acd.explain_text import agent_text, decision_text, wait_agent_text, wait_text
from acd.model import SkillRequirement
from acd.strategies import Score

SHOWN = 3
NAMED_AGENTS = 30


class ChosenBy(StrEnum):
    """Which side was scarce: the call chose among agents, or the agent was given one of the waiting calls; or
    the call prefers this agent."""

    CALL = "call"
    AGENT = "agent"
    PREFERENCE = "preference"


class Candidate(NamedTuple):
    """An agent who could have taken the call at that moment; the lowest ``score`` wins."""

    agent_id: str
    score: Score


class Removal(NamedTuple):
    """``number`` agents were kept from the call by ``rule``.

    A small centre also learns who they were, and when the first of them will be past a delay or wrap-up.
    """

    rule: Rule
    detail: str
    number: int
    agents: tuple[str, ...] = ()
    until_at: int | None = None


class CompetingCall(NamedTuple):
    """Another call the agent could have taken; the smallest ``order_at`` goes first."""

    call_id: str
    queue: str
    order_at: int


class Decision(NamedTuple):
    """The reasons of one Offer.

    ``candidates`` are the best agents, the chosen one first, ``candidate_count`` is how many there were.
    ``competing`` are the next calls the agent could have had, one for each different demand, and
    ``competing_count`` is how many such calls waited; ``call_choice`` chose among them. ``order_at`` is the
    instant since which the call counts as waiting, priority included. ``relaxed`` is how many steps of its
    queue the call had reached; ``requirements`` is what was left of them.
    """

    call_id: str
    agent_id: str
    queue: str
    at: int
    config_version: str
    chosen_by: ChosenBy
    strategy: str
    queued_at: int
    order_at: int
    relaxed: int
    requirements: tuple[SkillRequirement, ...]
    candidates: tuple[Candidate, ...]
    candidate_count: int
    removed: tuple[Removal, ...]
    competing: tuple[CompetingCall, ...]
    competing_count: int
    call_choice: str

    def explain(self, language: str = "en") -> str:
        """The Decision in sentences; ``language`` is ``en`` or ``zh``."""
        return decision_text(self, language)

    def explain_agent(self, agent_id: str, language: str = "en") -> str:
        """What would have made this agent get the call, in a sentence."""
        return agent_text(self, agent_id, language)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form, always with the same order of keys; ``from_dict`` reads it."""
        return {
            "call_id": self.call_id,
            "agent_id": self.agent_id,
            "queue": self.queue,
            "at": self.at,
            "config_version": self.config_version,
            "chosen_by": self.chosen_by.value,
            "strategy": self.strategy,
            "queued_at": self.queued_at,
            "order_at": self.order_at,
            "relaxed": self.relaxed,
            "requirements": [list(need) for need in self.requirements],
            "candidates": [[candidate.agent_id, list(candidate.score)] for candidate in self.candidates],
            "candidate_count": self.candidate_count,
            "removed": removals_to_list(self.removed),
            "competing": [list(call) for call in self.competing],
            "competing_count": self.competing_count,
            "call_choice": self.call_choice,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Decision:
        """The Decision that ``to_dict`` wrote; raises KeyError or ValueError for anything else."""
        return cls(
            call_id=data["call_id"],
            agent_id=data["agent_id"],
            queue=data["queue"],
            at=data["at"],
            config_version=data["config_version"],
            chosen_by=ChosenBy(data["chosen_by"]),
            strategy=data["strategy"],
            queued_at=data["queued_at"],
            order_at=data["order_at"],
            relaxed=data.get("relaxed", 0),
            requirements=tuple(SkillRequirement(*need) for need in data["requirements"]),
            candidates=tuple(Candidate(agent_id, tuple(score)) for agent_id, score in data["candidates"]),
            candidate_count=data["candidate_count"],
            removed=removals_from_list(data["removed"]),
            competing=tuple(CompetingCall(*call) for call in data["competing"]),
            competing_count=data["competing_count"],
            call_choice=data.get("call_choice", "priority"),
        )


@dataclass(frozen=True, slots=True)
class WaitReason:
    """Why a call waits at this moment.

    ``offered_to`` are the agents whose phones ring for it. ``ahead`` counts the calls before it in its queue.
    ``removed`` tells what keeps each agent from it. ``relaxes_at`` is when it asks for less, if ever.
    """

    call_id: str
    queue: str
    at: int
    queued_at: int
    ahead: int
    offered_to: tuple[str, ...]
    removed: tuple[Removal, ...]
    relaxes_at: int | None

    def explain(self, language: str = "en") -> str:
        """The reason in sentences; ``language`` is ``en`` or ``zh``."""
        return wait_text(self, language)

    def explain_agent(self, agent_id: str, language: str = "en") -> str:
        """What kept this agent from the call, and what would have lifted it, in a sentence."""
        return wait_agent_text(self, agent_id, language)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form, always with the same order of keys."""
        return {
            "call_id": self.call_id,
            "queue": self.queue,
            "at": self.at,
            "queued_at": self.queued_at,
            "ahead": self.ahead,
            "offered_to": list(self.offered_to),
            "removed": removals_to_list(self.removed),
            "relaxes_at": self.relaxes_at,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> WaitReason:
        """The WaitReason that ``to_dict`` wrote; raises KeyError or ValueError for anything else."""
        return cls(
            call_id=data["call_id"],
            queue=data["queue"],
            at=data["at"],
            queued_at=data["queued_at"],
            ahead=data["ahead"],
            offered_to=tuple(data["offered_to"]),
            removed=removals_from_list(data["removed"]),
            relaxes_at=data["relaxes_at"],
        )


def removals_to_list(removed: Iterable[Removal]) -> list[list[Any]]:
    """Rows of rule, detail, count, names and instant."""
    return [
        [removal.rule.value, removal.detail, removal.number, list(removal.agents), removal.until_at]
        for removal in removed
    ]


def removals_from_list(rows: Iterable[Iterable[Any]]) -> tuple[Removal, ...]:
    """The Removals that ``removals_to_list`` wrote."""
    return tuple(
        Removal(Rule(rule), detail, count, tuple(agents), until_at)
        for rule, detail, count, agents, until_at in rows
    )
