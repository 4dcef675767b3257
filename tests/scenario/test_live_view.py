"""What the web is shown of a whole centre in virtual time (callcenter.view)."""

from __future__ import annotations

import pytest
from paper_centre import AGENTS
from script import SCENARIOS
from world import World

from callcenter.domain import commands as c
from callcenter.live_board import LiveBoard
from callcenter.settings import Settings
from callcenter.view import LiveCentre
from callcenter.web import wire
from callcenter.web.figures import fairness_on_wire
from callcenter.web.live import Entity, Key, Sight, agent_on_wire, queues_on_wire, touched


def settings(**more: object) -> Settings:
    """As much of the scenarios' settings as the web shows."""
    return Settings.model_validate(
        {
            "any_number": {"flow": "line"},
            "agents": {agent_id: {"name": agent_id} for agent_id in AGENTS},
            "queues": {name: {"title": name, "category": name} for name in ("support", "sales")},
            **more,
        }
    )


def shown(world: World) -> LiveCentre:
    """The centre of this world as the web sees it."""
    return LiveCentre(world.controller, world.journal, LiveBoard(world.board), settings(), lambda: world.now)


def test_a_closed_queue_is_seen_at_once() -> None:
    """And an opened one; a restarted controller remembers it."""
    world = World()
    live = shown(world)

    def is_open() -> list[bool]:
        return [queue.is_open for queue in queues_on_wire(live.view())]

    assert is_open() == [True, True]
    world.ask(c.CloseQueue("support"))
    assert is_open() == [False, True]
    world.kill()
    world.run(2)
    live = shown(world)
    assert is_open() == [False, True]
    world.ask(c.OpenQueue("support"))
    assert is_open() == [True, True]


class ToldWorld(World):
    """A world in which whoever looks at an agent is told of every change by the events alone."""

    def _new_controller(self) -> None:
        self.page: LiveCentre | None = None
        super()._new_controller()
        self.page = shown(self)
        self.seen = self._desks()
        self.seen_seq = self.journal.last_seq

    def check(self) -> None:
        """What must hold after every message, and that no desk changes untold."""
        super().check()
        if self.page is None:
            return
        desks, events = self._desks(), self.journal.since(self.seen_seq, 1_000_000) or []
        told = {key.id for _, event in events for key in touched(event, self._keys)}
        untold = {agent_id for agent_id in AGENTS if desks[agent_id] != self.seen[agent_id]} - told
        assert not untold, (untold, desks, self.seen)
        self.seen, self.seen_seq = desks, self.journal.last_seq

    def _keys(self) -> tuple[Key, ...]:
        return tuple(Key(Entity.AGENT, agent_id) for agent_id in AGENTS)

    def _desks(self) -> dict[str, wire.Agent]:
        assert self.page is not None
        view = self.page.view()
        return {agent_id: agent_on_wire(view, agent_id, Sight.OWN) for agent_id in AGENTS}


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "consult" in name or "transfer" in name])
def test_no_desk_changes_untold(name: str) -> None:
    """What an agent may do changes only with an event that is about that agent."""
    scenario = SCENARIOS[name]
    world = ToldWorld(None, scenario.phones, scenario.numbers, check_recovery=False)
    scenario.happens(world)
    world.finish()


def test_fairness_is_that_of_the_router() -> None:
    """Calls are counted from log-in; who has logged out counts no more."""
    world = World()
    live = shown(world)
    world.ready("1001")
    world.run(4)
    world.ready("1002")
    first = fairness_on_wire(live.view())
    assert (first.agents, first.calls, first.calls_gini) == (2, 0, None)
    assert 4000 <= (first.idle_spread_ms or 0) < 5000
    call = world.call(digits="1")
    world.run(20)
    world.hang_up(call)
    world.run(15)
    then, router = fairness_on_wire(live.view()), world.centre.queueing.router.fairness(world.now)
    assert (then.agents, then.calls, then.calls_gini) == (2, 1, router.calls_gini) == (2, 1, 0.5)
    assert then.busy_gini == 0.5
    calls = {agent_id: agent.calls for agent_id, agent in live.view().agents.items()}
    assert {agent_id: calls[agent_id] / then.calls for agent_id in ("1001", "1002")} == router.calls_share
    world.ask(c.LogOut("1001"))
    assert fairness_on_wire(live.view()).calls == 0


def test_dispositions_are_those_of_the_settings_in_force() -> None:
    """A reload changes them."""
    world = World()
    live = shown(world)
    assert live.view().dispositions == {}
    live.reconfigure(settings(dispositions={"solved": "已解决 solved"}))
    assert live.view().dispositions == {"solved": "已解决 solved"}
