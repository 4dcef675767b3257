"""What the page offers an agent is what the centre would accept: asked in every state of every scenario."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper_centre import AGENTS, acd_config, centre_config
from script import SCENARIOS, Scenario
from test_live_view import shown
from test_random_days import ACTS, Act, carry_out
from world import World

from callcenter.controller.centre import Centre
from callcenter.controller.messages import AgentAsked
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import TransferKind
from callcenter.view import LiveCentre
from callcenter.web.live import agent_on_wire, sight_of_agent
from callcenter.web.ports import CentreView, Role, User
from callcenter.web.wire import AgentAction

SUPERVISOR = "sue"
LEFT_OUT = {("ready", AgentAction.READY)}
"""Not offered though it would change something: who is ready need not be ready again, be it to cut short the
rest after an unanswered ring."""


class WatchedWorld(World):
    """A world in which every state is looked at as the web does, and each action tried on a copy."""

    def _new_controller(self) -> None:
        self.page: LiveCentre | None = None
        super()._new_controller()
        self.page = shown(self)
        self.seen: set[tuple[str, AgentAction, bool]] = getattr(self, "seen", set())
        self.tried: set[tuple[Any, ...]] = set()

    def check(self) -> None:
        """What must hold after every message, and that the offered actions are those that are accepted."""
        super().check()
        view = self.page.view() if self.page else None
        for agent_id in AGENTS if view else ():
            for by in ("", SUPERVISOR):
                self._check_actions(view, agent_id, by)

    def _check_actions(self, view: CentreView, agent_id: str, by: str) -> None:
        if self._tried_already(agent_id, by):
            return
        viewer = User(by, Role.SUPERVISOR, None) if by else User(agent_id, Role.AGENT, agent_id)
        agent = agent_on_wire(view, agent_id, sight_of_agent(viewer, agent_id))
        trial = copy_of(self.centre)
        for action, command in self._commands(agent_id, by):
            offered = action in agent.allowed_actions
            outcome = Centre.handle(trial, AgentAsked(command), self.now)
            if outcome.refusal is None:
                trial = copy_of(self.centre)
                changes = [event for event in outcome.events if not isinstance(event, e.RoutingInput)]
                left_out = (agent.presence, action) in LEFT_OUT
                assert offered or left_out or not changes, (action, agent, changes)
            else:
                assert not offered, (action, agent, outcome.refusal)
            self.seen.add((agent.presence, action, offered))

    def _tried_already(self, agent_id: str, by: str) -> bool:
        """The centre stands to this agent as it did before."""
        centre = self.centre
        state = centre.queueing.router.agent(agent_id)
        call = centre.floor.calls.get((state.call_id if state else None) or "")
        sign = (
            agent_id,
            by,
            repr(state),
            call.phase if call else "",
            call.conversation is None if call else "",
            repr(call.consult) if call else "",
        )
        sign += (centre.floor.switch_up, *sorted(centre.agents.reachable), *centre.queueing.phones.items())
        known = sign in self.tried
        self.tried.add(sign)
        return known

    def _commands(self, agent_id: str, by: str) -> Iterator[tuple[AgentAction, c.AgentCommand]]:
        """Each action as the page would ask for it now."""
        state = self.centre.queueing.router.agent(agent_id)
        call_id, offer_id = (state.call_id or "none", state.offer_id or "none") if state else ("none", "none")
        yield AgentAction.LOGIN, c.LogIn(agent_id, AGENTS[agent_id])
        yield AgentAction.LOGOUT, c.LogOut(agent_id, by)
        yield AgentAction.READY, c.Ready(agent_id, by)
        yield AgentAction.PAUSE, c.Pause(agent_id, "break", by)
        yield AgentAction.END_WRAP_UP, c.EndWrapUp(agent_id)
        yield AgentAction.EXTEND_WRAP_UP, c.ExtendWrapUp(agent_id, 30)
        yield AgentAction.DISPOSITION, c.GiveDisposition(agent_id, call_id, "solved")
        yield AgentAction.HOLD, c.Hold(agent_id, call_id)
        yield AgentAction.RETRIEVE, c.Retrieve(agent_id, call_id)
        yield AgentAction.TRANSFER, c.Transfer(agent_id, call_id, TransferKind.QUEUE, "sales")
        yield AgentAction.CONSULT, c.Consult(agent_id, call_id, TransferKind.QUEUE, "sales")
        yield AgentAction.SWAP, c.Swap(agent_id, call_id)
        yield AgentAction.CONFERENCE, c.Confer(agent_id, call_id)
        yield AgentAction.COMPLETE_TRANSFER, c.CompleteTransfer(agent_id, call_id)
        yield AgentAction.END_CONSULT, c.EndConsult(agent_id, call_id)
        yield AgentAction.DIAL_OUT, c.DialOut(agent_id, "66")
        yield AgentAction.KEYS, c.PressKeys(agent_id, call_id, "1")
        yield AgentAction.HANG_UP, c.HangUp(agent_id, call_id)
        yield AgentAction.DECLINE, c.Decline(agent_id, offer_id)


def copy_of(centre: Centre) -> Centre:
    """Another Centre in the same state; the settings are shared."""
    config = centre.floor.config
    return copy.deepcopy(centre, {id(config): config, id(config.acd): config.acd})


def watched(scenario: Scenario) -> WatchedWorld:
    """A watched world for the scenario."""
    config = centre_config(acd_config(**scenario.support))
    return WatchedWorld(config, scenario.phones, scenario.numbers, check_recovery=False)


@pytest.mark.parametrize("name", SCENARIOS)
def test_in_every_scenario_what_is_offered_is_accepted(name: str) -> None:
    """And what is refused is not offered, to the agent and to a supervisor, after every message."""
    world = watched(SCENARIOS[name])
    SCENARIOS[name].happens(world)
    world.bring_home()
    assert world.seen


def _supervise(world: WatchedWorld, act: Act, what: str) -> None:
    """What the random days of other tests do not have."""
    agent = world.centre.queueing.router.agent(act.agent_id)
    match what:
        case "forced_pause":
            world.ask(c.Pause(act.agent_id, "break", SUPERVISOR))
        case "forced_ready":
            world.ask(c.Ready(act.agent_id, SUPERVISOR))
        case "solved" if agent is not None and agent.call_id is not None:
            world.ask(c.GiveDisposition(act.agent_id, agent.call_id, "solved"))
        case "longer":
            world.ask(c.ExtendWrapUp(act.agent_id, 20))
        case _:
            carry_out(world, act)


MORE = st.sampled_from(["forced_pause", "forced_ready", "solved", "longer", *["as it comes"] * 8])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(ACTS, MORE), min_size=5, max_size=30))
def test_on_random_days_what_is_offered_is_accepted(acts: list[tuple[Act, str]]) -> None:
    """With supervisors' pauses, wrap-ups that need a disposition and end, phones and switch that go."""
    support = {"disposition_required": True, "wrap_up_max_sec": 40}
    world = watched(Scenario(lambda _: None, lambda _: None, support))
    world.ready("1001", "1002")
    for act, what in acts:
        world.run(act.after_ms / 1000)
        _supervise(world, act, what)
        world.run(0)


def test_every_refusal_of_a_moment_has_been_met() -> None:
    """The states in which an action is there by Presence and yet not offered are really among those tried."""
    support = {"disposition_required": True, "wrap_up_max_sec": 15}
    world = watched(Scenario(lambda _: None, lambda _: None, support))
    world.ready("1001")
    call = world.call(digits="1")
    world.run(5)
    world.ask(c.Pause("1001", "break", SUPERVISOR))
    world.link_down()
    world.run(0.1)
    world.link_up()
    world.run(0.1)
    world.switch.set_reachable("2001", False)
    world.run(0.1)
    world.switch.set_reachable("2001", True)
    world.hang_up(call)
    world.ask(c.ExtendWrapUp("1001", 60))
    world.run(1)
    world.ask(c.GiveDisposition("1001", call, "solved"))
    world.run(20)
    world.ask(c.LogOut("1001"))
    met = {(presence, action) for presence, action, offered in world.seen if not offered}
    assert met >= {
        ("on_call", AgentAction.READY),
        ("on_call", AgentAction.PAUSE),
        ("on_call", AgentAction.HANG_UP),
        ("wrap_up", AgentAction.END_WRAP_UP),
        ("wrap_up", AgentAction.EXTEND_WRAP_UP),
        ("not_ready", AgentAction.READY),
    }
