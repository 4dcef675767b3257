"""What the page offers a supervisor for a call is what the centre would accept: asked in every state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import supervised as sup
from people import FIRST, talk
from script import SCENARIOS
from test_allowed_actions import copy_of
from test_live_view import shown
from world import World

from callcenter.adapters.memory_switch import Behaviour
from callcenter.controller.centre import Centre
from callcenter.controller.messages import SupervisorAsked
from callcenter.domain import commands as c
from callcenter.domain.call import Call
from callcenter.domain.overhearing import SupervisionMode as Mode
from callcenter.view import LiveCentre
from callcenter.web.call_actions import MODES
from callcenter.web.live import Sight, call_on_wire
from callcenter.web.wire import CallAction


class WatchedWorld(World):
    """A world in which every state is looked at as a supervisor's page does, and each action tried on a
    copy."""

    def _new_controller(self) -> None:
        self.page: LiveCentre | None = None
        super()._new_controller()
        self.page = shown(self)
        self.met: set[tuple[CallAction, bool]] = getattr(self, "met", set())

    def check(self) -> None:
        """What must hold after every message, and that the offered actions are those that are accepted."""
        super().check()
        for call in list(self.centre.floor.calls.values()) if self.page else ():
            if call.live and self.page is not None:
                self._check_actions(call, call_on_wire(self.page.view(), call, Sight.OPEN).allowed_actions)

    def _check_actions(self, call: Call, offered: list[CallAction]) -> None:
        as_agent = self.presence("1003") == "not_ready"
        for action, command in commands(call, as_agent=as_agent):
            outcome = Centre.handle(copy_of(self.centre), SupervisorAsked(command), self.now)
            told = (action, call.phase, call.supervision, outcome.refusal)
            if action in offered:
                assert outcome.refusal is None, told
            else:
                assert outcome.refusal is not None or not outcome.events, told
            self.met.add((action, action in offered))


def commands(call: Call, *, as_agent: bool) -> Iterator[tuple[CallAction, c.SupervisorCommand]]:
    """Each action as the page would ask for it now: of who supervises already, else of sue at her phone, or
    ``as_agent`` 1003, who is at work and takes no calls."""
    known, call_id = call.supervision, call.call_id
    by = known.by if known else sup.SUE
    for action, mode in MODES.items():
        phone = None if known is not None or mode is Mode.TAKE_OVER else sup.DESK
        if as_agent or mode is not Mode.TAKE_OVER:
            yield action, c.Supervise(call_id, mode, by, "1003", phone)
    yield CallAction.STOP, c.StopSupervising(call_id, by)
    yield CallAction.PRIORITY, c.ChangeWaiting(call_id, priority=call.priority + 1)
    yield CallAction.SKILLS, c.ChangeWaiting(call_id, skills={"sales": 3})
    yield CallAction.MOVE, c.MoveWaiting(call_id, "sales" if call.queue == "support" else "support")
    yield CallAction.HANG_UP, c.HangUpCall(call_id, by)


NAMES = [
    "a supervisor speaks and is stopped",
    "the supervisor follows a transfer",
    "a supervisor takes over a held call",
    "called back",
    "transfer to a number",
    "the link to the switch breaks",
]


@pytest.mark.parametrize("name", NAMES)
def test_in_every_scenario_what_is_offered_is_accepted(name: str) -> None:
    """And what is refused is not offered, after every message."""
    scenario = SCENARIOS[name]
    phones = {sup.DESK: Behaviour(after_ms=300), **scenario.phones}
    world = WatchedWorld(scenario.world().config, phones, scenario.numbers, check_recovery=False)
    sup.at_work(world)
    scenario.happens(world)
    world.bring_home()
    assert {action for action, offered in world.met if offered} >= {CallAction.LISTEN, CallAction.HANG_UP}


def test_the_mode_that_is_is_not_offered() -> None:
    """The other ones are, and to stop; no agent works there who could take over."""
    world = WatchedWorld(phones={sup.DESK: Behaviour(after_ms=300)}, check_recovery=False)
    sup.at_work(world)
    talk(world)
    world.ask(sup.supervise(Mode.BARGE))
    assert world.page is not None
    offered = call_on_wire(world.page.view(), world.live(FIRST), Sight.OPEN).allowed_actions
    assert offered == [CallAction.LISTEN, CallAction.WHISPER, CallAction.STOP, CallAction.HANG_UP]
