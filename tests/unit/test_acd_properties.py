"""What must hold whatever happens: a centre driven at random, checked after every fact.

Three Routers hear the same facts: one indexed, one that scans, and one that is thrown away now and then and
restored from its snapshot. Their commands, explanations included, must be identical byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from acd_scene import VOICEMAIL, config, dicts, overflow, queue
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd import events as ev
from acd.codec import event_from_dict, event_to_dict
from acd.commands import ChangePresence, EndOffer, MakeOffer, OfferEnd, OverflowCall, RouterCommand
from acd.explain import ChosenBy
from acd.matching import ScanMatching, unsuitable
from acd.model import (
    ANY_GROUP,
    AcdConfig,
    OverflowKind,
    OverflowTarget,
    PauseReason,
    Presence,
    RelaxStep,
    SkillRequirement,
    Terms,
)
from acd.router import Router

EN, FR = SkillRequirement("en", 3), SkillRequirement("fr", 2)
SALES = OverflowTarget(OverflowKind.QUEUE, "sales")
CONFIGS = (
    config(
        queue("sales", wrap_up_sec=0, retry_delay_sec=0, strategy="fewest_calls", max_waiting=2),
        queue(
            "support",
            requirements=(EN,),
            max_wait_sec=40,
            unanswered_limit=2,
            overflow=overflow(timeout=VOICEMAIL, full=SALES, no_agent=VOICEMAIL),
        ),
        queue(
            "vip", requirements=(EN, FR), priority=2, ageing_sec_per_priority=30, strategy="least_occupied"
        ),
        agents={
            "a1": {"en": 5, "fr": 2},
            "a2": {"en": 3},
            "a3": {"fr": 9},
            "a4": ({"en": 9}, ("sales", "vip")),
        },
        version="v1",
    ),
    config(
        queue("sales", strategy="round_robin", requirements=(FR,), ring_timeout_sec=5),
        queue("support", wrap_up_sec=5, strategy="most_skilled", overflow=overflow(closed=SALES)),
        agents={"a1": {"en": 1, "fr": 2}, "a2": {"en": 3, "fr": 1}, "a5": {"fr": 9}},
        version="v2",
    ),
    config(
        queue("vip", ring_timeout_sec=1, wrap_up_sec=1),
        agents={"a1": {}, "a2": {}, "a4": {"en": 1}},
        version="v3",
    ),
    config(
        queue("sales", strategy="ring_all", ring_at_most=3, retry_delay_sec=1, wrap_up_sec=3),
        queue(
            "support",
            strategy="ring_progressively",
            ring_step_sec=2,
            groups=("day",),
            steps=(RelaxStep(5, groups=("night",), priority=2), RelaxStep(20, groups=(ANY_GROUP,))),
            wrap_up_sec=5,
            wrap_up_min_sec=2,
            wrap_up_max_sec=20,
            disposition_required=True,
            preferred_patience_sec=10,
            overflow=overflow(not_ready=VOICEMAIL),
        ),
        queue(
            "vip",
            requirements=(SkillRequirement("en", 5), FR),
            steps=(RelaxStep(10, lower={"en": 2}), RelaxStep(30, drop=("fr",))),
            strategy="weighted_random",
            preferred_patience_sec=30,
            max_expected_wait_sec=200,
            overflow=overflow(expected_wait=SALES),
        ),
        agents={
            "a1": ({"en": 5, "fr": 2}, (), {"sales": Terms(order=2)}, ("day",), 5),
            "a2": ({"en": 3, "fr": 3}, (), {"support": Terms(tier=2), "vip": Terms(order=-1)}, ("night",)),
            "a3": ({"en": 2}, ("sales", "support"), {"sales": Terms(delay_sec=7)}, ("day",)),
            "a4": ({"en": 9, "fr": 9}, (), {"sales": Terms(delay_sec=15, tier=2)}),
        },
        version="v4",
        call_choice="service_objective",
        pause_reasons={"lunch": PauseReason("lunch", limit_sec=20)},
        seed=11,
    ),
)
AGENTS = st.sampled_from(["a1", "a2", "a3", "a4", "a5"])
CALLS = st.sampled_from([f"c{n}" for n in range(6)])
QUEUES = st.sampled_from(["sales", "support", "vip"])
NEEDS = st.sampled_from([(), (), (EN,), (FR,), (SkillRequirement("en", 9),), (EN, FR)])
PREFERRED = st.sampled_from([None, None, "a1", "a2", "ghost"])
OPTIONAL_AGENT = st.sampled_from([None, None, None, "a2", "ghost"])
AGENT_FACTS: list[Callable[[str], ev.RouterEvent]] = [
    ev.AgentLoggedIn,
    ev.AgentLoggedOut,
    ev.AgentReady,
    ev.WrapUpEnded,
    lambda agent_id: ev.WrapUpExtended(agent_id, 10),
    lambda agent_id: ev.AgentPaused(agent_id, "meeting", "s1"),
    lambda agent_id: ev.AgentReady(agent_id, "s1"),
    lambda agent_id: ev.AgentPaused(agent_id, "lunch"),
    lambda agent_id: ev.PhoneReachable(agent_id, False),
    lambda agent_id: ev.PhoneReachable(agent_id, True),
]
STEPS_MS = st.sampled_from([0, 0, 1, 500, 5_000, 20_000, 60_000])


class Centre(RuleBasedStateMachine):
    """The random centre and what an observer of its commands knows."""

    @initialize(setting=st.sampled_from(CONFIGS))
    def open(self, setting: AcdConfig) -> None:
        self.now = 1_000_000
        self.config: AcdConfig = setting
        self.router = Router(setting)
        self.scanning = Router(setting, ScanMatching)
        self.mortal = Router(setting)
        self.presence: dict[str, Presence] = {}
        self.waiting: set[str] = set()
        self.virtual: set[str] = set()
        self.open_offers: dict[str, MakeOffer] = {}
        self.seen_offers: list[str] = ["nobody.o1", "nobody.o7", "no offer at all"]
        self.talking: dict[str, str] = {}

    def tell(self, event: ev.RouterEvent) -> None:
        """Hand the fact to all three Routers and follow the commands."""
        assert event_from_dict(json.loads(json.dumps(event_to_dict(event)))) == event
        commands = self.router.handle(event, self.now)
        said = json.dumps(dicts(commands))
        assert json.dumps(dicts(self.scanning.handle(event, self.now))) == said
        assert json.dumps(dicts(self.mortal.handle(event, self.now))) == said
        for command in commands:
            self.follow(command)
        returned = {command.call_id for command in commands if isinstance(command, EndOffer)}
        for command in commands:
            if isinstance(command, MakeOffer) and command.decision.chosen_by is ChosenBy.AGENT:
                self.check_first_come(command, returned)
        for offer in self.open_offers.values():
            assert offer.call_id in self.waiting

    def follow(self, command: RouterCommand) -> None:
        """Believe a command, unless it contradicts what was commanded before."""
        match command:
            case MakeOffer():
                assert command.offer_id not in self.seen_offers
                assert self.presence[command.agent_id] is Presence.READY
                assert command.agent_id not in self.talking
                assert command.call_id in self.waiting
                for other in self.open_offers.values():
                    assert command.agent_id != other.agent_id
                    if other.call_id == command.call_id:
                        assert command.decision.strategy in ("ring_all", "ring_progressively")
                self.open_offers[command.offer_id] = command
                self.seen_offers.append(command.offer_id)
            case EndOffer(end=OfferEnd.ACCEPTED):
                made = self.open_offers.pop(command.offer_id)
                self.waiting.remove(made.call_id)
                self.talking[made.agent_id] = made.call_id
            case EndOffer():
                # A phone that answers too late is told again to hang up; nothing was open then.
                made_or_none = self.open_offers.pop(command.offer_id, None)
                assert made_or_none is not None or command.end is OfferEnd.REVOKED
            case OverflowCall():
                assert command.call_id not in self.virtual or command.queue not in self.config.queues
                self.waiting.remove(command.call_id)
            case ChangePresence():
                self.presence[command.agent_id] = command.presence

    def check_first_come(self, made: MakeOffer, returned: set[str]) -> None:
        """No call that the agent could have taken stood before the one that was given."""
        agent = self.config.agents[made.agent_id]
        if agent.terms or self.config.call_choice != "priority":
            return
        order = made.decision.order_at
        for name in self.config.queues:
            for call in self.router.waiting(name):
                passed = call.call_id in returned or any(
                    offer.call_id == call.call_id for offer in self.open_offers.values()
                )
                if not passed and unsuitable(agent, call.demand) is None:
                    assert call.order_at >= order

    @rule(agent_id=AGENTS)
    def begin_shift(self, agent_id: str) -> None:
        self.tell(ev.AgentLoggedIn(agent_id))
        self.tell(ev.AgentReady(agent_id))

    @rule(agent_id=AGENTS, make=st.sampled_from(AGENT_FACTS))
    def agent_says(self, agent_id: str, make: Callable[[str], ev.RouterEvent]) -> None:
        self.tell(make(agent_id))

    @rule(
        call_id=CALLS,
        name=QUEUES,
        needs=NEEDS,
        agent_id=OPTIONAL_AGENT,
        preferred_id=PREFERRED,
        priority=st.sampled_from([0, 0, 0, 1, 3]),
        waited_ms=st.sampled_from([0, 0, 7_000]),
        virtual=st.sampled_from([False, False, True]),
    )
    def queue_call(self, **more: Any) -> None:
        if more["name"] in self.config.queues and more["call_id"] not in self.talking.values():
            if more["call_id"] not in self.waiting or more["name"] != self.queue_of(more["call_id"]):
                (self.virtual.add if more["virtual"] else self.virtual.discard)(more["call_id"])
            self.waiting.add(more["call_id"])
            self.tell(
                ev.CallQueued(
                    more["call_id"],
                    more["name"],
                    self.now - more["waited_ms"],
                    more["priority"],
                    more["needs"],
                    more["agent_id"],
                    more["preferred_id"],
                    more["virtual"],
                )
            )

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        """What is told of a waiting call as it is changes nothing, however long it has waited."""
        waiting = [call for name in self.config.queues for call in self.router.waiting(name)]
        if waiting:
            call = data.draw(st.sampled_from(waiting))
            asked = (call.queued_at, call.priority, call.requirements, call.agent_id)
            before = self.router.snapshot()
            self.tell(ev.CallQueued(call.call_id, call.queue, *asked))
            assert self.router.snapshot() == before

    def queue_of(self, call_id: str) -> str | None:
        """The queue in which the call waits."""
        waiting = {call.call_id: name for name in self.config.queues for call in self.router.waiting(name)}
        return waiting.get(call_id)

    @rule(call_id=CALLS)
    def leave(self, call_id: str) -> None:
        self.tell(ev.CallLeft(call_id))
        self.waiting.discard(call_id)

    @precondition(lambda self: self.open_offers)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self.tell(ev.OfferAccepted(data.draw(st.sampled_from(sorted(self.open_offers)))))

    @precondition(lambda self: self.open_offers)
    @rule(data=st.data(), failure=st.sampled_from(ev.OfferFailure))
    def fail(self, data: st.DataObject, failure: ev.OfferFailure) -> None:
        self.tell(ev.OfferFailed(data.draw(st.sampled_from(sorted(self.open_offers))), failure))

    @precondition(lambda self: self.talking)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        agent_id = data.draw(st.sampled_from(sorted(self.talking)))
        call_id = self.talking.pop(agent_id)
        self.tell(ev.AgentReleased(agent_id, call_id))

    @rule(agent_id=AGENTS, call_id=CALLS)
    def say_what_came_of_it(self, agent_id: str, call_id: str) -> None:
        self.tell(ev.DispositionGiven(agent_id, call_id))

    @rule(data=st.data(), agent_id=AGENTS, call_id=CALLS)
    def stale_news(self, data: st.DataObject, agent_id: str, call_id: str) -> None:
        offer_id = data.draw(st.sampled_from(self.seen_offers))
        self.tell(ev.OfferAccepted(offer_id))
        self.tell(ev.OfferFailed(offer_id, ev.OfferFailure.BUSY))
        if self.talking.get(agent_id) != call_id:
            self.tell(ev.AgentReleased(agent_id, call_id))

    @rule(data=st.data(), setting=st.sampled_from(CONFIGS), name=QUEUES)
    def administer(self, data: st.DataObject, setting: AcdConfig, name: str) -> None:
        events: list[ev.RouterEvent] = [ev.QueueClosed(name), ev.QueueOpened(name), ev.ConfigChanged(setting)]
        event = data.draw(st.sampled_from(events))
        if isinstance(event, ev.ConfigChanged):
            self.config = setting
        self.tell(event)

    @rule(step_ms=STEPS_MS)
    def time_passes(self, step_ms: int) -> None:
        self.now += step_ms
        self.tell(ev.DeadlineReached())

    @precondition(lambda self: self.router.next_deadline() is not None)
    @rule()
    def next_deadline_comes(self) -> None:
        due = self.router.next_deadline()
        assert due is not None
        self.now = max(self.now, due)
        self.tell(ev.DeadlineReached())
        later = self.router.next_deadline()
        assert later is None or later > self.now

    @rule()
    def kill_and_restore(self) -> None:
        data = json.loads(json.dumps(self.mortal.snapshot()))
        self.mortal = Router.restored(self.config, data)
        assert json.dumps(self.mortal.snapshot()) == json.dumps(data)

    @invariant()
    def the_router_knows_what_the_observer_knows(self) -> None:
        """Waiting calls, Presence and the deadlines agree with the commands so far, in all three Routers."""
        lined_up = [
            call.call_id for name in ("sales", "support", "vip") for call in self.router.waiting(name)
        ]
        assert sorted(lined_up) == sorted(self.waiting)
        for agent in self.router.agents():
            assert agent.presence is self.presence.get(agent.agent_id, Presence.LOGGED_OUT)
            assert (agent.presence is Presence.ON_CALL) == (agent.agent_id in self.talking)
            ringing = any(offer.agent_id == agent.agent_id for offer in self.open_offers.values())
            assert (agent.presence is Presence.OFFERED) == ringing
        assert self.router.next_deadline() == self.scanning.next_deadline() == self.mortal.next_deadline()
        snapshot = json.dumps(self.router.snapshot())
        assert snapshot == json.dumps(self.scanning.snapshot()) == json.dumps(self.mortal.snapshot())

    @invariant()
    def no_agent_and_call_that_suit_are_left_apart(self) -> None:
        """As long as an agent is available, no call waits that the agent could take."""
        ringing = {offer.call_id for offer in self.open_offers.values()}
        for agent in self.router.agents():
            if agent.availability.rule is None:
                for name in self.config.queues:
                    for call in self.router.waiting(name):
                        assert call.call_id in ringing or unsuitable(agent.config, call.demand) is not None

    @invariant()
    def positions_and_reasons_are_complete(self) -> None:
        """Positions count from 1 in order, and what is asked about a waiting call is answered alike by
        all."""
        for name in self.config.queues:
            calls = self.router.waiting(name)
            assert [self.router.position(call.call_id) for call in calls] == list(range(1, len(calls) + 1))
            for call in calls:
                why = self.router.why_waiting(call.call_id, self.now)
                assert why is not None
                assert why == self.scanning.why_waiting(call.call_id, self.now)
                free = [
                    agent
                    for agent in self.router.agents()
                    if agent.availability.rule is None and unsuitable(agent.config, call.demand) is None
                ]
                assert sum(removal.number for removal in why.removed) == len(self.router.agents()) - len(free)
                wait_ms = self.router.estimated_wait_ms(call.call_id)
                assert wait_ms == self.scanning.estimated_wait_ms(call.call_id)


TestCentre = Centre.TestCase
TestCentre.settings = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
