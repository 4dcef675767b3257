"""Staged publishing: who takes the staged version, how its callers fare, and when it must go.

The figures are a fold over the DomainEvents, so that a restarted controller has those of the one that died.
They compare callers of the same time: those who arrived while the stage was on, in both versions, and who
entered a flow in which the two differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any, Final

from callcenter.domain import events as e

CHANCE: Final = 3.0
"""A difference counts beyond so many standard errors. It is looked at after every call, which with two of
them would send back many a harmless version one day."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What a staged version may do worse than the one in force, as differences of shares (0.05: five callers
    in a hundred). Nothing is judged before each of the two has had ``min_calls`` callers."""

    min_calls: int = 50
    containment_drop: float = 0.10
    abandonment_rise: float = 0.05
    error_rise: float = 0.02


@dataclass(frozen=True, slots=True)
class Stage:
    """``percent`` of new callers take version ``number``. ``began`` is the entry of the publishing log that
    began the stage, and its name; ``flows`` are the hashes of its flows by name."""

    number: int
    percent: int
    began: int
    guards: Guards
    flows: Mapping[str, str]

    def takes(self, call_id: str) -> bool:
        """Whether this caller takes the staged version: the same answer for ever. Who took it at some percent
        would take it at every higher one."""
        digest = hashlib.sha256(f"{self.began}:{call_id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % 100 < self.percent

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, for the journal."""
        return {**asdict(self), "flows": dict(self.flows)}

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> Stage:
        """The stage that ``to_dict`` wrote."""
        return Stage(**{**state, "guards": Guards(**state["guards"])})


@dataclass(slots=True)
class StageTally:
    """How the callers of one version fared. ``contained``: the flow ended the call, and they had asked for
    no human. ``abandoned``: they hung up in the flow or in a queue. ``errors``: the flow broke off, or a
    prompt could not be played."""

    calls: int = 0
    contained: int = 0
    abandoned: int = 0
    errors: int = 0

    def share(self, count: int) -> float:
        """``count`` as a share of the calls; 0.0 of none."""
        return count / self.calls if self.calls else 0.0


@dataclass(slots=True)
class _Caller:
    staged: bool
    compared: bool = False
    asked: bool = False
    served: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class GuardBreak:
    """Why a stage must go; the fields are those of events.FlowStageWithdrawn."""

    guard: str
    staged_share: float
    staged_calls: int
    in_force_share: float
    in_force_calls: int
    worse_by: float
    allowed: float
    by_chance: float


@dataclass(slots=True)
class StageWatch:
    """The fold. ``stage`` is the one under way; ``withdrawn`` names (by ``began``) the last one that a guard
    ended, which no later word of the publishing log brings back; ``number`` is the version in force."""

    stage: Stage | None = None
    number: int = 0
    withdrawn: int = 0
    differ: frozenset[str] = frozenset()
    staged: StageTally = field(default_factory=StageTally)
    in_force: StageTally = field(default_factory=StageTally)
    callers: dict[str, _Caller] = field(default_factory=dict)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        match event:
            case e.FlowsPublished():
                self._published(event)
            case e.FlowStageWithdrawn():
                self.withdrawn = event.began
                self._begin(None)
            case _ if self.stage is not None:
                self._of_call(self.stage, event)

    def broken(self) -> GuardBreak | None:
        """The first guard that the stage has broken, the gravest first; None as long as all is well."""
        if self.stage is None:
            return None
        ours, theirs, guards = self.staged, self.in_force, self.stage.guards
        if min(ours.calls, theirs.calls) < max(1, guards.min_calls):
            return None
        judged = (
            ("errors", ours.errors, theirs.errors, 1, guards.error_rise),
            ("abandonment", ours.abandoned, theirs.abandoned, 1, guards.abandonment_rise),
            ("containment", ours.contained, theirs.contained, -1, guards.containment_drop),
        )
        for guard, here, there, bad, allowed in judged:
            worse_by = bad * (ours.share(here) - theirs.share(there))
            pooled = (here + there) / (ours.calls + theirs.calls)
            by_chance = CHANCE * sqrt(pooled * (1 - pooled) * (1 / ours.calls + 1 / theirs.calls))
            if worse_by > max(allowed, by_chance):
                shares = (ours.share(here), ours.calls, theirs.share(there), theirs.calls)
                return GuardBreak(guard, *shares, worse_by, allowed, by_chance)
        return None

    def to_dict(self) -> dict[str, Any]:
        """The whole fold, JSON-able; equal folds give equal dicts."""
        return {
            "stage": self.stage.to_dict() if self.stage else None,
            "number": self.number,
            "withdrawn": self.withdrawn,
            "differ": sorted(self.differ),
            "staged": asdict(self.staged),
            "in_force": asdict(self.in_force),
            "callers": {call_id: asdict(caller) for call_id, caller in self.callers.items()},
        }

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> StageWatch:
        """The fold that ``to_dict`` wrote."""
        return StageWatch(
            stage=Stage.from_dict(state["stage"]) if state["stage"] else None,
            number=state["number"],
            withdrawn=state["withdrawn"],
            differ=frozenset(state["differ"]),
            staged=StageTally(**state["staged"]),
            in_force=StageTally(**state["in_force"]),
            callers={call_id: _Caller(**caller) for call_id, caller in state["callers"].items()},
        )

    def _published(self, event: e.FlowsPublished) -> None:
        stage = Stage.from_dict(event.staged) if event.staged else None
        if stage is not None and stage.began == self.withdrawn:
            stage = None
        goes_on = stage and self.stage and stage.began == self.stage.began and event.number == self.number
        self.number = event.number
        if goes_on:
            self.stage = stage  # with another share of the callers, perhaps
            return
        self._begin(stage)
        if stage is not None:
            names = event.flows.keys() | stage.flows.keys()
            self.differ = frozenset(n for n in names if event.flows.get(n) != stage.flows.get(n))

    def _begin(self, stage: Stage | None) -> None:
        self.stage = stage
        self.differ = frozenset()
        self.staged, self.in_force, self.callers = StageTally(), StageTally(), {}

    def _of_call(self, stage: Stage, event: e.DomainEvent) -> None:
        if isinstance(event, e.CallArrived):
            if event.flows_number in (stage.number, self.number):
                self.callers[event.call_id] = _Caller(staged=event.flows_number == stage.number)
            return
        caller = self.callers.get(getattr(event, "call_id", None) or "")
        if caller is None:
            return
        match event:
            case e.NodeEntered(flow=flow) if flow in self.differ:
                caller.compared = True
            case e.CallQueued():
                caller.asked = True
            case e.AgentConnected() | e.OutsideDialled():
                caller.served = True
            case e.QueueLeft(outcome=e.QueueOutcome.CALLBACK_REQUESTED):
                caller.served = True  # they may well hang up now
            case e.PromptFailed():
                caller.failed = True
            case e.CallEnded():
                self._ended(event, self.callers.pop(event.call_id))
            case _:
                pass

    def _ended(self, event: e.CallEnded, caller: _Caller) -> None:
        """Calls that the system lost, and those that never met a difference, say nothing about the flow."""
        if event.by is e.EndedBy.SYSTEM or not caller.compared:
            return
        tally = self.staged if caller.staged else self.in_force
        broke_off = event.by is e.EndedBy.FLOW and event.reason == FLOW_ERROR
        tally.calls += 1
        tally.errors += caller.failed or broke_off
        tally.contained += event.by is e.EndedBy.FLOW and not caller.asked and not broke_off
        tally.abandoned += event.by is e.EndedBy.CALLER and not caller.served


FLOW_ERROR: Final = "error"
"""The reason with which a FlowSession ends a flow that cannot go on (ivr_flows.interpreter)."""
