"""Journals of the routing scenarios of the demo that went well, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.agent import Rule
from acd.explain import Candidate, ChosenBy, Decision, Removal, WaitReason
from acd.model import SkillRequirement
from callcenter.demo.evidence import Evidence, fold
from callcenter.demo.scenarios import SCENARIOS, Scenario, skills
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Story
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiPolicy
from callcenter.phones import PhoneCall


class Tale:
    """A journal in the making, and the scenes that go with it; every method adds what it names."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.events: list[e.DomainEvent] = []
        self.scenes = [Scene(story) for story in scenario.stories(1)]

    def call(self, number: int, at: int, queue: str = "general") -> str:
        """A call arrives and is queued."""
        story, call_id = self.scenes[number - 1].story, f"c{number}"
        self.events += [_arrival(story, call_id, at), e.CallQueued(at, call_id, queue, at, 0)]
        return call_id

    def wait(self, call_id: str, at: int, queue: str, rule: Rule, agent_id: str) -> None:
        """The journal tells why it waits."""
        removed = (Removal(rule, "", 1, (agent_id,)),)
        reason = WaitReason(call_id, queue, at, at, 0, (), removed, at + 3_000)
        self.events.append(e.CallWaits(at, call_id, queue, reason.to_dict()))

    def presence(self, agent_id: str, at: int, presence: str) -> None:
        """An agent does something else."""
        self.events.append(e.PresenceChanged(at, agent_id, presence, ""))

    def offer(self, decision: Decision, end: str, end_at: int) -> None:
        """A phone rings from the decision to the end; whoever is left alone is ready at once."""
        call_id, agent_id, queue = decision.call_id, decision.agent_id, decision.queue
        offer_id, leg = f"{call_id}.{agent_id}", f"a-{call_id}.{agent_id}"
        made = e.OfferMade(decision.at, call_id, offer_id, queue, agent_id, leg, decision.to_dict())
        self.events += [made, e.OfferEnded(end_at, call_id, offer_id, queue, agent_id, end)]
        self.presence(agent_id, end_at, "on_call" if end == "accepted" else "ready")

    def talk(self, decision: Decision, wait_ms: int) -> None:
        """The agent of the decision answers."""
        call_id, agent_id, queue, at = decision.call_id, decision.agent_id, decision.queue, decision.at
        self.offer(decision, "accepted", at + 500)
        answered = e.QueueOutcome.ANSWERED
        self.events += [
            e.QueueLeft(at + 500, call_id, queue, answered, wait_ms),
            e.AgentConnected(at + 500, call_id, agent_id, f"a-{call_id}.{agent_id}", queue),
        ]

    def talk_back(self, call_id: str, decision: Decision, asked_at: int) -> None:
        """The caller asks to be called back; the agent of the decision picks up, then the caller."""
        back_id, agent_id, queue, at = decision.call_id, decision.agent_id, decision.queue, decision.at
        asked, answered = e.QueueOutcome.CALLBACK_REQUESTED, e.QueueOutcome.ANSWERED
        number, leg = next(told.story.caller for told in self.scenes if told.story.number == 2), "k-1"
        place = decision.queued_at
        self.events += [
            e.QueueLeft(asked_at, call_id, queue, asked, asked_at - place),
            e.CallBackPromised(
                asked_at,
                back_id,
                call_id,
                number,
                "",
                "city",
                "12345",
                "zh",
                "hotline",
                queue,
                place,
                0,
                2**40,
            ),
            e.CallQueued(asked_at, back_id, queue, place, 0, virtual=True),
            e.NodeEntered(asked_at, call_id, "hotline", "v", "promised"),
            e.CallEnded(asked_at + 5_000, call_id, e.EndedBy.FLOW, "served"),
        ]
        self.offer(decision, "accepted", at + 500)
        self.events += [
            e.QueueLeft(at + 500, back_id, queue, answered, at + 500 - place),
            e.CallBackDialled(at + 501, back_id, leg, agent_id, f"a-{back_id}", queue),
            e.AgentConnected(at + 3_000, back_id, agent_id, f"a-{back_id}", queue),
        ]

    def found(self) -> Evidence:
        """What is read out of it: the journal is in the order of time."""
        return fold(sorted(self.events, key=lambda event: event.at), KpiPolicy({}))

    def wrong(self) -> list[str]:
        """What the proofs find."""
        return [problem.told for problem in self.scenario.problems(self.scenes, self.found())]


def _arrival(story: Story, call_id: str, at: int) -> e.CallArrived:
    line, number = story.line, story.caller
    return e.CallArrived(at, call_id, "leg", line.trunk, line.did, number, number, "", False, "zh", "hotline")


def _decision(call_id: str, agent_id: str, at: int, **changes: Any) -> Decision:
    usual: dict[str, Any] = {
        "call_id": call_id,
        "agent_id": agent_id,
        "queue": "general",
        "at": at,
        "config_version": "v",
        "chosen_by": ChosenBy.CALL,
        "strategy": "longest_idle",
        "queued_at": at,
        "order_at": at,
        "relaxed": 0,
        "requirements": (SkillRequirement("mandarin", 5),),
        "candidates": (Candidate(agent_id, (1, 0)),),
        "candidate_count": 1,
        "removed": (),
        "competing": (),
        "competing_count": 0,
        "call_choice": "priority",
    }
    return Decision(**(usual | changes))


def _ring_all() -> Tale:
    tale = Tale(SCENARIOS["ring-all"])
    for number, winner, losers in ((1, "1001", ("1002", "1003")), (2, "1002", ("1003",)), (3, "1003", ())):
        at = number * 10_000
        call_id = tale.call(number, at)
        for loser in losers:
            tale.offer(_decision(call_id, loser, at), "revoked", at + 500)
        tale.talk(_decision(call_id, winner, at), 500)
        tale.scenes[number - 1].offers, tale.scenes[number - 1].silenced = 1 + len(losers), len(losers)
    return tale


def _skills() -> Tale:
    tale = Tale(SCENARIOS["skills"])
    first = tale.call(1, 1_000, "complaints")
    tale.talk(_decision(first, "1002", 1_000, queue="complaints"), 500)
    for number, agent_id, step in ((2, "1001", 1), (3, "1003", 2)):
        at = number * 10_000
        call_id = tale.call(number, at, "complaints")
        tale.wait(call_id, at, "complaints", Rule.LEVEL_TOO_LOW, agent_id)
        after = {"queue": "complaints", "queued_at": at, "relaxed": step}
        tale.talk(_decision(call_id, agent_id, at + skills.STEPS_MS[step - 1], **after), 3_500)
    return tale


def _overflow() -> Tale:
    tale = Tale(SCENARIOS["overflow"])
    first = tale.call(1, 1_000, "complaints")
    tale.talk(_decision(first, "1002", 1_000, queue="complaints"), 500)
    moved, timeout = tale.call(2, 10_000, "complaints"), e.QueueOutcome.OVERFLOW_TIMEOUT
    to_queue = {"reason": "timeout", "kind": "queue", "name": "general"}
    tale.events += [
        e.QueueLeft(14_000, moved, "complaints", timeout, 4_000, to_queue),
        e.CallQueued(14_000, moved, "general", 10_000, 0),
    ]
    tale.talk(_decision(moved, "1001", 14_000, queued_at=10_000), 4_500)
    away, full = tale.call(3, 11_000, "complaints"), e.QueueOutcome.OVERFLOW_FULL
    tale.events += [
        e.QueueLeft(11_000, away, "complaints", full, 0, {"reason": "full", "kind": "flow", "name": "full"}),
        e.NodeEntered(11_000, away, "hotline", "v", "busy"),
        e.CallEnded(20_000, away, e.EndedBy.FLOW, "not_served"),
    ]
    return tale


def _preferred_agent() -> Tale:
    tale = Tale(SCENARIOS["preferred-agent"])
    tale.presence("1001", 100, "ready")
    tale.presence("1002", 200, "ready")
    tale.talk(_decision(tale.call(1, 1_000), "1001", 1_000), 500)
    tale.presence("1001", 9_000, "ready")
    again = tale.call(2, 10_000)
    tale.talk(_decision(again, "1001", 10_000, chosen_by=ChosenBy.PREFERENCE), 500)
    kept = tale.call(3, 15_000)
    tale.wait(kept, 15_000, "general", Rule.KEPT_FOR_ANOTHER, "1002")
    tale.talk(_decision(tale.call(4, 16_000), "1002", 16_000), 500)
    tale.talk(_decision(kept, "1001", 25_000, queued_at=15_000), 10_500)
    return tale


def _call_back() -> Tale:
    tale = Tale(SCENARIOS["call-back"])
    tale.talk(_decision(tale.call(1, 1_000), "1001", 1_000), 500)
    asked = tale.call(2, 10_000)
    tale.talk_back(asked, _decision(f"{asked}.b1", "1001", 20_000, queued_at=10_000, order_at=10_000), 14_000)
    tale.talk(_decision(tale.call(3, 15_000), "1001", 30_000, queued_at=15_000), 15_500)
    tale.scenes[1].offers, tale.scenes[1].called_back = 1, PhoneCall(_nothing, "in-1")
    return tale


async def _nothing(_command: object) -> int:
    return 0


GOOD: dict[str, Callable[[], Tale]] = {
    "ring-all": _ring_all,
    "skills": _skills,
    "overflow": _overflow,
    "preferred-agent": _preferred_agent,
    "call-back": _call_back,
}
