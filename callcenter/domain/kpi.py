"""KpiBoard: the figures of the day as a fold over the DomainEvents.

The same events give the same board, byte for byte, whether they come live or out of the journal: what the
figures are measured by is among them. After every event the identity holds: offered = sum of outcomes + still
waiting. What counts as what: ``kpi_tally``; definitions: ``kpi_catalogue``.
Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callcenter.domain import events as e
from callcenter.domain.kpi_dial_outs import DialOuts
from callcenter.domain.kpi_tally import AgentTime, CallBacks, Request, Requests, Surveys, Tally

TOTAL = "total"
WORKING = frozenset({"on_call", "wrap_up"})
IDLE = frozenset({"ready", "offered"})


@dataclass(frozen=True, slots=True)
class KpiPolicy:
    """``threshold_ms`` is the service-level threshold by queue, TOTAL for all; a day begins at midnight in
    ``time_zone``."""

    threshold_ms: Mapping[str, int]
    time_zone: str = "Asia/Shanghai"

    def threshold(self, queue: str) -> int:
        """The service-level threshold of this queue."""
        return self.threshold_ms.get(queue, self.threshold_ms.get(TOTAL, 15_000))

    def in_time(self, left: e.QueueLeft) -> bool:
        """The wait was not longer than that."""
        return left.wait_ms <= self.threshold(left.queue)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; equal policies give equal dicts in equal order, whatever kept their thresholds."""
        return {"threshold_ms": dict(sorted(self.threshold_ms.items())), "time_zone": self.time_zone}


@dataclass(slots=True)
class KpiBoard:
    """Figures of one day. ``policy`` is what they are measured by until an event states another. ``calls``
    holds the live ones, ``owed`` the queues of promised call-backs by call; a promise is no second call in a
    queue: it counts by itself. ``surveyed`` are the queues of calls whose callers are asked just now how it
    was. ``broken`` names the first event after which an identity did not hold."""

    policy: KpiPolicy
    day: str = ""
    day_ends_at: int = 0
    queues: dict[str, Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)
    requests: Requests = field(default_factory=Requests)
    agents: dict[str, AgentTime] = field(default_factory=dict)
    calls: dict[str, Request] = field(default_factory=dict)
    owed: dict[str, str] = field(default_factory=dict)
    surveyed: dict[str, str] = field(default_factory=dict)
    dial_outs: DialOuts = field(default_factory=DialOuts)
    broken: str | None = None

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        if isinstance(event, e.KpiPolicyInForce):  # first of all, for it says when a day begins
            self.policy = KpiPolicy(event.threshold_ms, event.time_zone)
        self._begin_day_of(event.at)
        if self.dial_outs.takes(event):
            self._prove(event)
            return
        match event:
            case e.CallArrived() if event.call_id in self.calls:
                pass  # told once more: a recovered call
            case e.CallArrived():
                self.requests.calls_in += 1
                self.calls[event.call_id] = Request.NONE
            case e.CallQueued(virtual=False):
                self._queued(event)
                self._prove(event)
            case e.QueueLeft() if event.call_id not in self.owed:
                self._left(event)
                self._prove(event)
            case e.CallBackPromised():
                self.owed[event.call_id] = event.queue
                for tally in self._of(event.queue):
                    tally.call_backs.promised += 1
                    tally.call_backs.owed[event.call_id] = event.queued_at
            case e.AgentConnected() | e.CallEnded() if event.call_id in self.owed:
                self._promise_over(event)
                self._prove(event)
            case e.SurveyOffered() | e.SurveyAnswered():
                self._survey(event)
                self._prove(event)
            case e.CallEnded():
                self._survey_over(event)
                self.requests.lost += self.calls.pop(event.call_id, None) is Request.ASKED
            case _:
                self._agent_did(event)

    @property
    def identity_ok(self) -> bool:
        """The identity holds in every queue and in total, and the total is the sum of the queues."""
        return (
            self.total.identity_holds
            and all(tally.identity_holds for tally in self.queues.values())
            and self.dial_outs.identity_holds
            and self.total.offered == sum(tally.offered for tally in self.queues.values())
        )

    def seen_at(self, now: int) -> KpiBoard:
        """The board as who looks now must see it: that of the new day, if no event has begun it yet. Looking
        changes nothing, so that the events alone make the board."""
        if now < self.day_ends_at or not self.day:
            return self
        board = KpiBoard.from_dict(self.policy, self.to_dict())
        board._begin_day_of(now)
        return board

    def _prove(self, event: e.DomainEvent) -> None:
        """Only what enters or leaves a queue touches the counts of the identity."""
        if self.broken is None and not self.identity_ok:
            self.broken = f"{type(event).__name__} at {event.at}"

    def agent_time(self, now: int) -> dict[str, int]:
        """Time of all agents per Presence, up to now."""
        spent: dict[str, int] = {}
        for agent in self.agents.values():
            for presence, ms in agent.at(now).items():
                spent[presence] = spent.get(presence, 0) + ms
        return spent

    def to_dict(self) -> dict[str, Any]:
        """The whole board, JSON-able; equal boards give equal dicts in equal order."""
        return asdict(self) | {"policy": self.policy.to_dict()}

    @staticmethod
    def from_dict(policy: KpiPolicy, state: Mapping[str, Any]) -> KpiBoard:
        """The board that ``to_dict`` wrote; ``policy`` is that of one written before its own was kept."""
        kept = state.get("policy")
        return KpiBoard(
            policy=KpiPolicy(**kept) if kept else policy,
            day=state["day"],
            day_ends_at=state["day_ends_at"],
            queues={name: Tally.from_dict(tally) for name, tally in state["queues"].items()},
            total=Tally.from_dict(state["total"]),
            requests=Requests(**state["requests"]),
            agents={name: AgentTime(**agent) for name, agent in state["agents"].items()},
            calls={call_id: Request(request) for call_id, request in state["calls"].items()},
            owed=dict(state.get("owed", {})),
            surveyed=dict(state.get("surveyed", {})),
            dial_outs=DialOuts.from_dict(state.get("dial_outs", {})),
            broken=state["broken"],
        )

    def _of(self, queue: str) -> tuple[Tally, ...]:
        """The tallies of a queue's calls; of one that was in no queue, that of all."""
        if not queue:
            return (self.total,)
        tally = self.queues.get(queue)
        if tally is None:
            tally = self.queues[queue] = Tally()
        return tally, self.total

    def _begin_day_of(self, at: int) -> None:
        """At midnight the counts begin anew; who waits, and what agents do, goes on. An event that comes out
        of the day before counts to the new one."""
        if at < self.day_ends_at:
            return
        day = datetime.fromtimestamp(at / 1000, ZoneInfo(self.policy.time_zone))
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        self.day = f"{day:%Y-%m-%d}"
        self.day_ends_at = int((midnight + timedelta(days=1)).timestamp() * 1000)
        began_at = int(midnight.timestamp() * 1000)
        self.total = _carried(self.total)
        self.dial_outs = self.dial_outs.carried()
        self.queues = {queue: _carried(tally) for queue, tally in self.queues.items()}
        open_now = list(self.calls.values())
        undecided, asking = open_now.count(Request.NONE), open_now.count(Request.ASKED)
        self.requests = Requests(calls_in=undecided + asking, asked=asking)
        self.agents = {
            agent_id: AgentTime(agent.presence, max(agent.since_at, began_at))
            for agent_id, agent in self.agents.items()
        }

    def _queued(self, event: e.CallQueued) -> None:
        if event.call_id in self.total.waiting:
            return  # told once more: a recovered call
        for tally in self._of(event.queue):
            tally.offered += 1
            tally.waiting[event.call_id] = event.queued_at
        if event.call_id in self.calls:
            self.calls[event.call_id] = self.requests.queued(self.calls[event.call_id])

    def _left(self, event: e.QueueLeft) -> None:
        in_time = self.policy.in_time(event)
        for tally in self._of(event.queue):
            tally.waiting.pop(event.call_id, None)
            tally.left(event, in_time=in_time)
        if event.call_id in self.calls:
            self.calls[event.call_id] = self.requests.left(self.calls[event.call_id], event)

    def _promise_over(self, event: e.AgentConnected | e.CallEnded) -> None:
        for tally in self._of(self.owed.pop(event.call_id)):
            del tally.call_backs.owed[event.call_id]
            tally.call_backs.over(event)

    def _survey(self, event: e.SurveyOffered | e.SurveyAnswered) -> None:
        match event:
            case e.SurveyOffered():
                self.surveyed[event.call_id] = event.queue
                for tally in self._of(event.queue):
                    tally.surveys.asked()
            case e.SurveyAnswered() if event.counts and event.call_id in self.surveyed:
                for tally in self._of(self.surveyed.pop(event.call_id)):
                    tally.surveys.over(event)

    def _survey_over(self, event: e.CallEnded) -> None:
        """Who hung up, or said nothing, did not take part."""
        queue = self.surveyed.pop(event.call_id, None)
        if queue is not None:
            for tally in self._of(queue):
                tally.surveys.over(None)
            self._prove(event)

    def _agent_did(self, event: e.DomainEvent) -> None:
        match event:
            case e.OfferEnded() | e.AgentReleased() | e.WrapUpEnded():
                for tally in self._of(event.queue):
                    tally.worked(event)
                agent = self.agents.get(event.agent_id)
                if agent is not None and not isinstance(event, e.OfferEnded):
                    agent.worked(event)
            case e.PresenceChanged():
                self._presence(event)
            case _:
                pass

    def _presence(self, event: e.PresenceChanged) -> None:
        agent = self.agents.get(event.agent_id)
        if agent is None:
            self.agents[event.agent_id] = AgentTime(event.presence, event.at)
            return
        agent.spent_ms = agent.at(event.at)
        agent.presence, agent.since_at = event.presence, event.at


def _carried(tally: Tally) -> Tally:
    owed = dict(tally.call_backs.owed)
    return Tally(
        offered=len(tally.waiting),
        waiting=dict(tally.waiting),
        call_backs=CallBacks(promised=len(owed), owed=owed),
        surveys=Surveys(offered=tally.surveys.open, open=tally.surveys.open),
    )
