"""The guards of a staged version, judged by a fold over the facts."""

from __future__ import annotations

import pytest

from callcenter.domain import events as e
from callcenter.domain.flow_stage import Guards, Stage, StageWatch

IN_FORCE = {"line": "aaa", "night": "nnn"}
TRIED = {"line": "bbb", "night": "nnn"}
GUARDS = Guards(min_calls=20, containment_drop=0.10, abandonment_rise=0.10, error_rise=0.05)
STAGE = Stage(2, 50, 7, GUARDS, TRIED)


def published(stage: Stage | None = STAGE, number: int = 1, action: int = 7) -> e.FlowsPublished:
    return e.FlowsPublished(0, number, IN_FORCE, action, stage.to_dict() if stage else None)


class Day:
    """Callers one after the other."""

    def __init__(self, *first: e.DomainEvent) -> None:
        self.watch = StageWatch()
        self.facts: list[e.DomainEvent] = []
        self.callers = 0
        self.tell(*(first or (published(),)))

    def tell(self, *facts: e.DomainEvent) -> None:
        for fact in facts:
            self.watch.apply(fact)
            self.facts.append(fact)

    def call(
        self,
        number: int,
        by: e.EndedBy = e.EndedBy.FLOW,
        *between: type[e.DomainEvent],
        flow: str = "line",
        reason: str = "served",
    ) -> None:
        """A caller of this version who ends so."""
        self.callers += 1
        call_id = f"c{self.callers}"
        arrived = e.CallArrived(0, call_id, "l", "t", "1", "2", "2", "", False, "zh", flow, number)
        self.tell(
            arrived, e.NodeEntered(0, call_id, flow, (TRIED if number == 2 else IN_FORCE)[flow], "menu")
        )
        made = {
            e.CallQueued: e.CallQueued(0, call_id, "q", 0, 0),
            e.AgentConnected: e.AgentConnected(0, call_id, "a", "l", "q"),
            e.PromptFailed: e.PromptFailed(0, call_id, flow, "menu"),
            e.OutsideDialled: e.OutsideDialled(0, call_id, "l"),
            e.QueueLeft: e.QueueLeft(0, call_id, "q", e.QueueOutcome.CALLBACK_REQUESTED, 0),
        }
        self.tell(*(made[kind] for kind in between), e.CallEnded(0, call_id, by, reason))  # type: ignore[index]


def test_how_a_caller_ends_decides_what_counts() -> None:
    """Contained: to the end of the flow without asking for a human. Abandoned: hung up before anybody served
    them. Errors: the flow broke off, or a prompt was not heard."""
    day = Day()
    caller, flow, agent, system = e.EndedBy.CALLER, e.EndedBy.FLOW, e.EndedBy.AGENT, e.EndedBy.SYSTEM
    day.call(2)  # contained
    day.call(2, caller)  # abandoned in the flow
    day.call(2, caller, e.CallQueued)  # abandoned in the queue
    day.call(2, caller, e.CallQueued, e.AgentConnected)  # served
    day.call(2, agent, e.CallQueued, e.AgentConnected)  # served
    day.call(2, flow, e.CallQueued)  # overflowed to a good-bye: neither
    day.call(2, caller, e.CallQueued, e.QueueLeft)  # hung up once promised to be called back: neither
    day.call(2, caller, e.CallQueued, e.OutsideDialled)  # served elsewhere
    day.call(2, flow, e.PromptFailed)  # contained, with an error
    day.call(2, flow, reason="error")  # broke off
    day.call(2, system, reason="switch_lost")  # says nothing of the flow
    tally = day.watch.staged
    assert (tally.calls, tally.contained, tally.abandoned, tally.errors) == (10, 2, 2, 2)
    assert day.watch.in_force.calls == 0
    assert day.watch.callers == {}


def test_only_callers_who_met_a_difference_are_compared() -> None:
    """Those of a flow that is the same in both, of before the stage, or of a third version, are not."""
    day = Day(published(None))
    day.call(1)
    day.tell(published())
    day.call(1, flow="night")
    day.call(2, flow="night")
    day.call(0)
    assert (day.watch.staged.calls, day.watch.in_force.calls) == (0, 0)


@pytest.mark.parametrize(
    ("guard", "bad"),
    [
        ("abandonment", lambda day: day.call(2, e.EndedBy.CALLER)),
        ("containment", lambda day: day.call(2, e.EndedBy.FLOW, e.CallQueued)),
        ("errors", lambda day: day.call(2, e.EndedBy.FLOW, e.PromptFailed)),
    ],
)
def test_each_guard_breaks_once_enough_callers_of_both_have_fared_worse(guard: str, bad) -> None:  # type: ignore[no-untyped-def]
    """Not before, however bad; with the figures of both."""
    day = Day()
    for _ in range(GUARDS.min_calls - 1):
        day.call(1)
        bad(day)
    assert day.watch.broken() is None
    day.call(1)
    bad(day)
    broken = day.watch.broken()
    assert broken is not None
    assert broken.guard == guard
    assert (broken.staged_calls, broken.in_force_calls) == (20, 20)
    assert broken.worse_by == 1.0


def test_better_is_never_worse() -> None:
    """More contained, fewer abandoned, no errors: it stays."""
    day = Day()
    for at in range(100):
        day.call(2)
        day.call(1, e.EndedBy.CALLER if at % 2 else e.EndedBy.FLOW, e.PromptFailed)
    assert day.watch.broken() is None


def test_what_chance_may_do_breaks_no_guard() -> None:
    """Three more of twenty is beyond the 10 % allowed, but not beyond chance; the same share of many is."""
    day = Day()
    for at in range(20):
        day.call(1, e.EndedBy.CALLER if at < 4 else e.EndedBy.FLOW)
        day.call(2, e.EndedBy.CALLER if at < 7 else e.EndedBy.FLOW)
    assert day.watch.staged.share(day.watch.staged.abandoned) - 0.2 > GUARDS.abandonment_rise
    assert day.watch.broken() is None
    for at in range(300):
        day.call(1, e.EndedBy.CALLER if at % 20 < 4 else e.EndedBy.FLOW)
        day.call(2, e.EndedBy.CALLER if at % 20 < 7 else e.EndedBy.FLOW)
    broken = day.watch.broken()
    assert broken is not None
    assert broken.guard == "abandonment"
    assert broken.by_chance < broken.worse_by


def test_another_share_goes_on_counting_and_another_stage_begins_anew() -> None:
    """Also a restart states the stage again, and nothing is lost by it."""
    day = Day()
    day.call(1)
    day.call(2)
    day.tell(published(Stage(2, 80, 7, GUARDS, TRIED)))
    assert (day.watch.staged.calls, day.watch.in_force.calls) == (1, 1)
    assert day.watch.stage is not None
    assert day.watch.stage.percent == 80
    day.tell(published(Stage(2, 80, 9, GUARDS, TRIED)))
    assert (day.watch.staged.calls, day.watch.in_force.calls) == (0, 0)


def test_what_a_guard_withdrew_does_not_come_back_by_itself() -> None:
    """The publishing log may not have heard of it yet; a new stage of the same version is another one."""
    day = Day()
    day.tell(e.FlowStageWithdrawn(0, 2, 7, "errors", 1.0, 20, 0.0, 20, 1.0, 0.05, 0.0))
    assert day.watch.stage is None
    day.tell(published())
    assert day.watch.stage is None
    day.tell(published(Stage(2, 10, 12, GUARDS, TRIED)))
    assert day.watch.stage is not None


def test_the_fold_is_kept_in_a_snapshot() -> None:
    """In the middle of calls, as JSON; what follows gives the same figures."""
    import orjson

    day = Day()
    day.call(1)
    day.call(2, e.EndedBy.CALLER)
    day.tell(e.CallArrived(0, "open", "l", "t", "1", "2", "2", "", False, "zh", "line", 2))
    day.tell(e.NodeEntered(0, "open", "line", "bbb", "menu"))
    kept = StageWatch.from_dict(orjson.loads(orjson.dumps(day.watch.to_dict())))
    assert kept == day.watch
    kept.apply(e.CallEnded(0, "open", e.EndedBy.FLOW, "served"))
    assert (kept.staged.calls, kept.staged.contained) == (2, 1)
