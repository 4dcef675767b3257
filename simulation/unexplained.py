"""UnexplainedMatching: the production matching, without the answers that only explain."""

from __future__ import annotations

from acd.agent import AgentState
from acd.explain import Candidate, CompetingCall, Removal
from acd.lanes import IndexedMatching
from acd.queued_call import Demand, QueuedCall


class UnexplainedMatching(IndexedMatching):
    """Every choice is that of ``IndexedMatching``; a Decision made with it has no reasons. A simulation
    throws those away, and they take a quarter of the Router's time. A property test compares the choices."""

    def candidates(self, _call: QueuedCall, _now: int, _limit: int) -> tuple[list[Candidate], int]:
        """Nobody asks who else could have taken the call."""
        return [], 0

    def competing(self, _agent: AgentState, _limit: int) -> tuple[list[CompetingCall], int]:
        """Nobody asks which other calls the agent could have had."""
        return [], 0

    def removed(self, _demand: Demand) -> tuple[Removal, ...]:
        """Nobody asks what kept the others from it."""
        return ()
