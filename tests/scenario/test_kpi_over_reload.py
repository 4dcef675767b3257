"""A reload changes what the figures are measured by: the journal alone gives those that were shown."""

from __future__ import annotations

import orjson
from paper_centre import POLICY
from test_live_view import settings, shown
from world import World

from callcenter import assembly
from callcenter.controller.messages import (
    Message,
    Started,
)
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL, KpiBoard, KpiPolicy
from callcenter.main import _board, _reconfigure
from callcenter.ports import Recollection
from callcenter.settings import Settings


def within(seconds: int) -> Settings:
    """The settings with this service-level threshold."""
    queue = {"category": "any", "answer_within_sec": seconds, "wrap_up_sec": 1}
    return settings(queues={name: {"title": name, **queue} for name in ("support", "sales")})


def one_waits(world: World, seconds: float) -> None:
    """A caller waits so long for the one agent, and is answered."""
    call = world.call(digits="1")
    world.run(seconds)
    world.ready("1001")
    world.until(e.AgentConnected, call)
    world.run(3)
    world.hang_up(call)
    world.run(5)
    world.ask(c.Pause("1001", "break"))


class ReloadedWorld(World):
    """A world that starts by settings, and reads them again by the controller's own code."""

    in_force = within(15)

    def _post(self, message: Message) -> None:
        if isinstance(message, Started):  # as callcenter.main does
            self.controller.record(assembly.kpi_policy_in_force(self.in_force, self.now))
        super()._post(message)

    def reload(self, seconds: int) -> None:
        """What `callcenter reload` comes to."""
        self.in_force = within(seconds)
        _reconfigure(self.controller, shown(self), lambda: self.now, self.in_force)
        self.run(0.1)


def a_day_with_reloads() -> ReloadedWorld:
    """The same wait of about 20 s four times: too long, in time, too long again, and in time after a restart
    with other settings."""
    world = ReloadedWorld(check_recovery=False)
    one_waits(world, 20)
    for seconds in (30, 10):
        world.reload(seconds)
        one_waits(world, 20)
    world.in_force = within(60)
    world.kill()
    world.run(3)
    one_waits(world, 20)
    return world


def test_live_and_rebuilt_figures_are_the_same_over_reloads() -> None:
    """Whatever settings are in force when the board is rebuilt."""
    world = a_day_with_reloads()
    tally = world.board.queues["support"]
    assert (tally.outcome(e.QueueOutcome.ANSWERED), tally.answered_in_time) == (4, 2)
    recalled = world.journal.recall()
    for other in (POLICY, KpiPolicy({TOTAL: 1}, "America/New_York")):
        board = KpiBoard(other)
        for _, event in recalled.events:
            board.apply(event)
        assert orjson.dumps(board.to_dict()) == orjson.dumps(world.board.to_dict())
    assert _board(within(99), recalled) == world.board


def test_a_snapshot_keeps_what_is_in_force() -> None:
    """The events before it are gone; those after it are measured as they were."""
    world = a_day_with_reloads()
    kept = orjson.loads(orjson.dumps({"kpi": world.board.to_dict()}))
    last_seq = world.journal.last_seq
    one_waits(world, 8)
    later = world.journal.since(last_seq, 1_000_000)
    assert later
    assert world.board.queues["support"].answered_in_time == 3
    assert _board(within(1), Recollection(kept, later, last_seq)) == world.board


def test_an_old_journal_still_folds() -> None:
    """Without such facts all is measured by the settings of whoever rebuilds, as before."""
    world = a_day_with_reloads()
    old = [
        (seq, event)
        for seq, event in world.journal.recall().events
        if not isinstance(event, e.KpiPolicyInForce)
    ]
    board = _board(within(30), Recollection(None, old, len(old)))
    assert board.identity_ok
    assert board.queues["support"].answered_in_time == 4
