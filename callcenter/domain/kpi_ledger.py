"""KpiLedger: what is counted, by quarter of an hour and by day, over any time: a fold over the DomainEvents.

Where the board of the day carries on at midnight whoever waits, the ledger books a thing wholly to the
interval in which it began: a wait to when the caller asked for a human, a caller to the arrival, a promise or
a survey to when it was made, the work of agents to when it was done, their time to when it passed. So
intervals add up: the hours of a day make the day, the queues the whole, and no share exceeds 1. What is
counted, and as what, is said by ``kpi_tally`` alone. Instants are ``int`` milliseconds since the Unix epoch,
UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from callcenter.domain import events as e
from callcenter.domain.kpi import KpiPolicy
from callcenter.domain.kpi_dial_outs import DialOuts
from callcenter.domain.kpi_tally import Request, Requests, Tally

QUARTER_MS = 900_000
LOGGED_OUT = "logged_out"
COUNTED = (
    *(e.KpiPolicyInForce, e.CallArrived, e.CallBackPromised, e.CallQueued, e.QueueLeft, e.AgentConnected),
    *(e.OfferEnded, e.AgentReleased, e.WrapUpEnded, e.PresenceChanged, e.SurveyOffered, e.SurveyAnswered),
    *(e.CallDialledOut, e.CallRecovered, e.CallEnded),
)
"""The kinds of events of which anything is counted."""


class Grain(StrEnum):
    """How long the intervals are; a day is that of the policy's time zone."""

    QUARTER = "quarter"
    DAY = "day"


class Scope(StrEnum):
    """Of whom is counted."""

    CENTRE = "centre"
    QUEUE = "queue"
    AGENT = "agent"


class Cell(NamedTuple):
    """One interval of one queue or agent; of the whole centre, ``name`` is empty."""

    grain: Grain
    begin_at: int
    scope: Scope
    name: str


Sparse = dict[str, Any]
"""Counts as they are kept: JSON-able, by name, without what is 0. They add up by ``merge``."""


@dataclass(slots=True)
class Counts:
    """What is counted in a cell. ``requests`` are the centre's only; ``spent_ms`` is time per Presence, which
    queues have none of, and which is not counted while logged out. Who waits or is owed a call-back at this
    moment is not in the tally: it is what is missing between offered and its outcomes."""

    tally: Tally = field(default_factory=Tally)
    requests: Requests = field(default_factory=Requests)
    spent_ms: dict[str, int] = field(default_factory=dict)

    def sparse(self) -> Sparse:
        """The same as they are kept."""
        return _shortened(asdict(self))

    @staticmethod
    def of(state: Sparse) -> Counts:
        """Those that are kept so."""
        requests = Requests(**state.get("requests", {}))
        return Counts(Tally.from_dict(state.get("tally", {})), requests, dict(state.get("spent_ms", {})))


@dataclass(slots=True)
class OpenCall:
    """A call that has not ended. ``request`` is None of what no caller began. ``waits_since``: in a queue;
    ``queued``: to which and when it was last; ``again``: it is told once more so far, for it is being
    recovered. ``promised``: queue and instant of a promise that is still owed; ``survey``: queue, instant and
    agents of one that is not answered."""

    arrived_at: int
    request: Request | None
    waits_since: int | None = None
    promised: tuple[str, int] | None = None
    survey: tuple[str, int, list[str]] | None = None
    queued: tuple[str, int] | None = None
    again: bool = False


@dataclass(slots=True)
class KpiLedger:
    """``policy`` is what is measured by until an event states another. ``agents``: since when each one's
    Presence is not booked yet. ``changed`` is what was counted since it was last taken."""

    policy: KpiPolicy
    open: dict[str, OpenCall] = field(default_factory=dict)
    agents: dict[str, tuple[str, int]] = field(default_factory=dict)
    dial_outs: DialOuts = field(default_factory=DialOuts)
    at: int = 0
    changed: dict[Cell, Counts] = field(default_factory=dict)
    _days: dict[int, int] = field(default_factory=dict)

    def apply(self, event: e.DomainEvent) -> None:
        """Take in the next event."""
        self.at = max(self.at, event.at)
        if not self.dial_outs.takes(event):
            self._count(event)
        elif isinstance(event, e.CallEnded):  # counted by itself, but for the queue to which it was handed on
            self.open.pop(event.call_id, None)

    def _count(self, event: e.DomainEvent) -> None:
        match event:
            case e.KpiPolicyInForce():
                self.policy = KpiPolicy(event.threshold_ms, event.time_zone)
                self._days.clear()
            case e.CallArrived() | e.CallRecovered():
                self._arrived(event)
            case e.CallBackPromised():
                self.open[event.call_id] = OpenCall(event.at, None, promised=(event.queue, event.at))
                for tally in self._tallies(event.at, event.queue):
                    tally.call_backs.promised += 1
            case e.CallQueued(virtual=False):
                self._queued(event)
            case e.QueueLeft():
                self._left(event)
            case e.SurveyOffered() | e.SurveyAnswered():
                self._survey(event)
            case e.AgentConnected():
                self._promise_over(event)
            case e.CallEnded():
                self._ended(event)
            case _:
                self._agent_did(event)

    def take(self) -> dict[Cell, Counts]:
        """What was counted since it was last taken; the time of agents up to the last event is in it."""
        for agent_id in self.agents:
            self._book(agent_id, self.at)
        taken, self.changed = self.changed, {}
        return taken

    def to_dict(self) -> dict[str, Any]:
        """What the fold goes on from, JSON-able; what was counted must be taken before."""
        return {
            "policy": self.policy.to_dict(),
            "at": self.at,
            "agents": {agent_id: list(state) for agent_id, state in self.agents.items()},
            "open": {call_id: asdict(call) for call_id, call in self.open.items()},
            "dial_outs": asdict(self.dial_outs.carried()),
        }

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> KpiLedger:
        """The ledger that ``to_dict`` wrote."""
        return KpiLedger(
            KpiPolicy(**state["policy"]),
            open={call_id: _open_call(call) for call_id, call in state["open"].items()},
            agents={agent_id: (presence, at) for agent_id, (presence, at) in state["agents"].items()},
            dial_outs=DialOuts.from_dict(state.get("dial_outs", {})),
            at=state["at"],
        )

    def _cells(self, at: int, scope: Scope, name: str) -> Iterator[Counts]:
        """Of both intervals in which the instant lies."""
        quarter = at - at % QUARTER_MS
        day = self._days.get(quarter)
        if day is None:
            if len(self._days) > 4096:
                self._days.clear()
            day = self._days[quarter] = day_of(quarter, self.policy.time_zone)
        for cell in (Cell(Grain.QUARTER, quarter, scope, name), Cell(Grain.DAY, day, scope, name)):
            counts = self.changed.get(cell)
            if counts is None:
                counts = self.changed[cell] = Counts()
            yield counts

    def _tallies(self, at: int, queue: str, agent_ids: Collection[str] = ()) -> Iterator[Tally]:
        scopes = [(Scope.CENTRE, ""), *((Scope.AGENT, agent_id) for agent_id in agent_ids)]
        if queue:
            scopes.append((Scope.QUEUE, queue))
        for scope, name in scopes:
            for counts in self._cells(at, scope, name):
                yield counts.tally

    def _requests(self, at: int) -> Iterator[Requests]:
        for counts in self._cells(at, Scope.CENTRE, ""):
            yield counts.requests

    def _arrived(self, event: e.CallArrived | e.CallRecovered) -> None:
        """A call that is recovered comes once more where the store was ahead of what was lost."""
        call, recovered = self.open.get(event.call_id), isinstance(event, e.CallRecovered)
        if call is not None:
            call.again = not recovered
        elif not recovered:
            self.open[event.call_id] = OpenCall(event.at, Request.NONE)
            for requests in self._requests(event.at):
                requests.calls_in += 1

    def _queued(self, event: e.CallQueued) -> None:
        call = self.open.setdefault(event.call_id, OpenCall(event.at, None))
        if call.again and call.queued == (event.queue, event.at):
            return
        for tally in self._tallies(event.queued_at, event.queue):
            tally.offered += 1
        call.waits_since, call.queued = event.queued_at, (event.queue, event.at)
        before = call.request
        if before is not None:
            for requests in self._requests(call.arrived_at):
                call.request = requests.queued(before)

    def _left(self, event: e.QueueLeft) -> None:
        call = self.open.get(event.call_id)
        if call is None or call.waits_since is None:
            return  # a promise, of which nobody waits on the line
        for tally in self._tallies(call.waits_since, event.queue):
            tally.left(event, in_time=self.policy.in_time(event))
        call.waits_since = None
        before = call.request
        if before is not None:
            for requests in self._requests(call.arrived_at):
                call.request = requests.left(before, event)

    def _promise_over(self, event: e.AgentConnected | e.CallEnded) -> None:
        call = self.open.get(event.call_id)
        if call is not None and call.promised is not None:
            queue, promised_at = call.promised
            call.promised = None
            for tally in self._tallies(promised_at, queue):
                tally.call_backs.over(event)

    def _survey(self, event: e.SurveyOffered | e.SurveyAnswered) -> None:
        call = self.open.setdefault(event.call_id, OpenCall(event.at, None))
        match event:
            case e.SurveyOffered():
                call.survey = event.queue, event.at, event.agent_ids
                for tally in self._tallies(event.at, event.queue, event.agent_ids):
                    tally.surveys.asked()
            case e.SurveyAnswered() if event.counts:
                self._survey_over(call, event)

    def _survey_over(self, call: OpenCall, answer: e.SurveyAnswered | None) -> None:
        if call.survey is not None:
            queue, asked_at, agent_ids = call.survey
            call.survey = None
            for tally in self._tallies(asked_at, queue, agent_ids):
                tally.surveys.over(answer)

    def _agent_did(self, event: e.DomainEvent) -> None:
        match event:
            case e.OfferEnded() | e.AgentReleased() | e.WrapUpEnded():
                for tally in self._tallies(event.at, event.queue, [event.agent_id]):
                    tally.worked(event)
            case e.PresenceChanged():
                self._book(event.agent_id, event.at)
                self.agents[event.agent_id] = event.presence, event.at
            case _:
                pass

    def _ended(self, event: e.CallEnded) -> None:
        self._promise_over(event)
        call = self.open.pop(event.call_id, None)
        if call is None:
            return
        self._survey_over(call, None)
        if call.request is Request.ASKED:
            for requests in self._requests(call.arrived_at):
                requests.lost += 1

    def _book(self, agent_id: str, until: int) -> None:
        """The agent's time up to now, to the intervals in which it passed."""
        presence, since = self.agents.get(agent_id, (LOGGED_OUT, until))
        self.agents[agent_id] = presence, max(since, until)
        if presence == LOGGED_OUT:
            return
        while since < until:
            next_at = min(until, since - since % QUARTER_MS + QUARTER_MS)
            for scope, name in ((Scope.CENTRE, ""), (Scope.AGENT, agent_id)):
                for counts in self._cells(since, scope, name):
                    counts.spent_ms[presence] = counts.spent_ms.get(presence, 0) + next_at - since
            since = next_at


def merge(counts: Sparse, more: Sparse) -> None:
    """Add ``more`` to ``counts``."""
    for name, value in more.items():
        if isinstance(value, dict):
            merge(counts.setdefault(name, {}), value)
        else:
            counts[name] = counts.get(name, 0) + value


def day_of(at: int, time_zone: str) -> int:
    """When the day of this instant began there."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(time_zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _open_call(state: Mapping[str, Any]) -> OpenCall:
    request, promised, survey = state["request"], state["promised"], state["survey"]
    queued = state.get("queued")
    return OpenCall(
        arrived_at=state["arrived_at"],
        request=None if request is None else Request(request),
        waits_since=state["waits_since"],
        promised=None if promised is None else (promised[0], promised[1]),
        survey=None if survey is None else (survey[0], survey[1], survey[2]),
        queued=None if queued is None else (queued[0], queued[1]),
        again=state.get("again", False),
    )


def _shortened(state: dict[str, Any]) -> dict[str, Any]:
    inner = {key: _shortened(value) if isinstance(value, dict) else value for key, value in state.items()}
    return {key: value for key, value in inner.items() if value}
