"""One replication: the production Router driven through virtual time.

What happens next is the earliest of the next arrival, the next event in hand (a heap) and the Router's own
deadline. Random numbers are drawn in batches beforehand, and a call is an index into them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from acd import events as ev
from acd.commands import ChangePresence, EndOffer, MakeOffer, OfferEnd, OverflowCall, RouterCommand
from acd.desk import UNANSWERED
from acd.model import OverflowKind, OverflowReason, Presence, SkillRequirement
from acd.router import Router
from simulation.agent_times import WORKING, AgentTimes
from simulation.arrivals import DAY_MS
from simulation.calls import DrawnCalls, Purpose, Throws
from simulation.durations import NEVER_MS
from simulation.plan import Plan, agent_facts
from simulation.unexplained import UnexplainedMatching

WAITING, ANSWERED, ABANDONED = 0, 1, 2
OVERFLOWED = {reason: 3 + number for number, reason in enumerate(OverflowReason)}
"""How a call left a queue, as a number; WAITING: not at all."""

_ANSWER, _RELEASE, _WRAPPED, _GIVE_UP, _BACK, _FACT = range(6)
_RINGS_DRAWN = 4096
_LEFT_OVER_MS = DAY_MS
"""How long after the end calls that wait are still served, at most."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was measured: one entry of each array for each time a call was in a queue. ``queue`` numbers the
    queues of the plan's configuration; ``at_once``: a phone rang in the moment of entering the queue."""

    queue: npt.NDArray[np.int64]
    wait_ms: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int64]
    at_once: npt.NDArray[np.bool_]
    handle_ms: npt.NDArray[np.int64]
    """Talk and wrap-up; -1 for a call that nobody answered, or whose agent was still at it a day later."""
    times: AgentTimes
    served_by: dict[int, set[str]]
    """The agents who answered calls of each queue."""
    events: int
    """What the Router was told, in all."""


def run(plan: Plan, seed: int, replication: int) -> Observation:
    """Run the plan once. The same arguments give the same Observation. Raises ValueError for a faulty
    configuration, or a source whose queue is not configured."""
    return _Run(plan, seed, replication).to_the_end()


class _Run:
    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self._plan = plan
        self._router = Router(plan.config, UnexplainedMatching)
        self._told = 0
        self._drawn(seed, replication)
        self._ring_dice = Throws(seed, replication, 0).dice(Purpose.RING)
        self._rings: list[int] = []
        self._heap: list[tuple[int, int, int, int, str]] = []
        self._serial = 0
        self._facts = agent_facts(plan, Throws(seed, replication, 0))
        for number, (at, _) in enumerate(self._facts):
            self._later(at, _FACT, number, "")
        self._numbers = {name: number for number, name in enumerate(plan.config.queues)}
        self._in_queue: dict[int, str] = {}
        self._entered: dict[int, int] = {}
        self._at_once: set[int] = set()
        self._work: dict[str, tuple[int, int]] = {}
        """The call in each agent's hands, wrap-up included, and since when."""
        self._handle: dict[int, int] = {}
        self._asks_disposition = any(queue.disposition_required for queue in plan.config.queues.values())
        self._times = AgentTimes(plan.config.agents, plan.measured_from_ms, plan.end_ms)
        self._served_by: dict[int, set[str]] = {number: set() for number in self._numbers.values()}
        self._seen: list[tuple[int, int, int, bool, int]] = []

    def _drawn(self, seed: int, replication: int) -> None:
        """Draw all calls and lay them side by side in the order of their arrival."""
        plan = self._plan
        drawn = [
            source.draw(Throws(seed, replication, number), plan.begin_ms, plan.end_ms)
            for number, source in enumerate(plan.sources)
        ]
        origin = np.repeat(np.arange(len(drawn)), [len(calls.at_ms) for calls in drawn])
        at = _joined([calls.at_ms for calls in drawn])
        order = np.argsort(at, kind="stable")
        self._at: list[int] = at[order].tolist()
        self._source: list[int] = origin[order].tolist()
        self._talk: list[int] = _joined([calls.talk_ms for calls in drawn])[order].tolist()
        self._patience: list[int] = _joined([calls.patience_ms for calls in drawn])[order].tolist()
        self._wrap_up: list[int] = _joined([_wrap_ups(calls) for calls in drawn])[order].tolist()
        self._extends = [calls.extends for calls in drawn]

    def to_the_end(self) -> Observation:
        """Everything, until nothing happens any more."""
        router, heap, arrivals = self._router, self._heap, self._at
        count, following = len(arrivals), 0
        end = self._plan.end_ms
        while True:
            arrives_at = arrivals[following] if following < count else NEVER_MS
            happens_at = heap[0][0] if heap else NEVER_MS
            due = router.next_deadline()
            earliest = min(arrives_at, happens_at, NEVER_MS if due is None else due)
            is_served = not self._in_queue and not self._work
            if earliest >= end and (is_served or earliest > end + _LEFT_OVER_MS):
                break
            if earliest == due:
                self._tell(ev.DeadlineReached(), earliest)
            elif earliest == happens_at:
                _, _, kind, number, name = heappop(heap)
                self._happens(kind, number, name, earliest)
            else:
                self._arrives(following, arrives_at)
                following += 1
        return self._observation()

    def _observation(self) -> Observation:
        self._times.finish()
        for call, queue in self._in_queue.items():
            self._note(call, queue, WAITING, NEVER_MS)
        seen = np.array(self._seen, dtype=np.int64).reshape(-1, 5)
        return Observation(
            queue=seen[:, 0],
            wait_ms=seen[:, 1],
            outcome=seen[:, 2],
            at_once=seen[:, 3].astype(np.bool_),
            handle_ms=np.array([self._handle.get(call, -1) for call in seen[:, 4].tolist()], dtype=np.int64),
            times=self._times,
            served_by=self._served_by,
            events=self._told,
        )

    # --- what happens -----------------------------------------------------------------------------

    def _arrives(self, call: int, now: int) -> None:
        source = self._plan.sources[self._source[call]]
        self._enter(call, source.queue, source.priority, source.requirements, now)
        if call in self._in_queue and self._patience[call] < NEVER_MS:
            self._later(now + self._patience[call], _GIVE_UP, call, "")

    def _enter(
        self, call: int, queue: str, priority: int, requirements: tuple[SkillRequirement, ...], now: int
    ) -> None:
        self._in_queue[call] = queue
        self._entered[call] = now
        self._at_once.discard(call)
        self._tell(ev.CallQueued(str(call), queue, self._at[call], priority, requirements), now)

    def _happens(self, kind: int, number: int, name: str, now: int) -> None:
        if kind == _RELEASE:
            self._released(number, name, now)
        elif kind == _ANSWER:
            if number in self._in_queue:
                self._tell(ev.OfferAccepted(name), now)
        elif kind == _GIVE_UP:
            if (queue := self._in_queue.get(number)) is not None:
                self._left(number, queue, ABANDONED, now)
                self._tell(ev.CallLeft(str(number)), now)
        elif kind == _WRAPPED:
            if self._works_for(name, number):
                self._tell(ev.WrapUpEnded(name), now)
        elif kind == _BACK:
            self._tell(ev.AgentReady(name), now)
        else:
            self._tell(self._facts[number][1], now)

    def _released(self, call: int, agent_id: str, now: int) -> None:
        """The wrap-up begins; what came of the call is said at once, wherever that is asked for."""
        self._tell(ev.AgentReleased(agent_id, str(call)), now)
        if self._works_for(agent_id, call):
            if self._asks_disposition:
                self._tell(ev.DispositionGiven(agent_id, str(call)), now)
            if self._wrap_up[call] >= 0:
                self._wraps_up(call, agent_id, now)

    def _wraps_up(self, call: int, agent_id: str, now: int) -> None:
        """Until the call's own wrap-up is over, or the Router ends it."""
        ends_at, agent = now + self._wrap_up[call], self._router.agent(agent_id)
        self._later(ends_at, _WRAPPED, call, agent_id)
        if self._extends[self._source[call]] and agent is not None and agent.until_at is not None:
            extra_sec = -(-(ends_at - agent.until_at) // 1000)
            if extra_sec > 0:
                self._tell(ev.WrapUpExtended(agent_id, extra_sec), now)

    def _works_for(self, agent_id: str, call: int) -> bool:
        work = self._work.get(agent_id)
        return work is not None and work[0] == call

    def _tell(self, event: ev.RouterEvent, now: int) -> None:
        """Tell the Router, and carry out what it commands. Its commands are carried out to the last before it
        is told what followed from them, so that they come in the order in which it gave them."""
        following: deque[ev.RouterEvent] = deque((event,))
        while following:
            self._told += 1
            for command in self._router.handle(following.popleft(), now):
                self._carry_out(command, now, following)

    def _carry_out(self, command: RouterCommand, now: int, following: deque[ev.RouterEvent]) -> None:
        """What is only for the journal needs nothing."""
        if isinstance(command, ChangePresence):
            self._presence(command, now)
        elif isinstance(command, MakeOffer):
            self._ring(command, now, following)
        elif isinstance(command, EndOffer):
            if command.end is OfferEnd.ACCEPTED:
                self._connected(command, now)
        elif isinstance(command, OverflowCall):
            self._overflowed(command, now, following)

    def _presence(self, command: ChangePresence, now: int) -> None:
        agent_id, presence = command.agent_id, command.presence
        self._times.changed(agent_id, presence, now)
        if presence in WORKING:
            return
        if (work := self._work.pop(agent_id, None)) is not None:
            self._handle[work[0]] = now - work[1]
        if presence is Presence.NOT_READY and command.reason == UNANSWERED:
            self._later(now + self._plan.roster.pause_ms, _BACK, 0, agent_id)

    def _ring(self, offer: MakeOffer, now: int, following: deque[ev.RouterEvent]) -> None:
        """The agent answers after the time drawn, if the phone rings so long. Of several phones that ring for
        one call the first to answer gets it; answers that come later the Router puts right itself."""
        call = int(offer.call_id)
        if self._entered[call] == now:
            self._at_once.add(call)
        if not self._rings:
            self._rings = self._plan.ring.draw(self._ring_dice, _RINGS_DRAWN).tolist()
        if ring := self._rings.pop():
            if now + ring < offer.expires_at:
                self._later(now + ring, _ANSWER, call, offer.offer_id)
        else:
            following.append(ev.OfferAccepted(offer.offer_id))

    def _connected(self, offer: EndOffer, now: int) -> None:
        call = int(offer.call_id)
        queue = self._in_queue[call]
        self._served_by[self._numbers[queue]].add(offer.agent_id)
        self._work[offer.agent_id] = call, now
        self._left(call, queue, ANSWERED, now)
        self._later(now + self._talk[call], _RELEASE, call, offer.agent_id)

    def _overflowed(self, command: OverflowCall, now: int, following: deque[ev.RouterEvent]) -> None:
        """The call leaves, or goes on in another queue with the wait that it has."""
        call = int(command.call_id)
        self._left(call, command.queue, OVERFLOWED[command.reason], now)
        if command.target.kind is OverflowKind.QUEUE:
            source = self._plan.sources[self._source[call]]
            queue = command.target.name
            self._in_queue[call], self._entered[call] = queue, now
            self._at_once.discard(call)
            following.append(
                ev.CallQueued(command.call_id, queue, self._at[call], source.priority, source.requirements)
            )

    # --- what is written down ---------------------------------------------------------------------

    def _left(self, call: int, queue: str, outcome: int, now: int) -> None:
        del self._in_queue[call]
        self._note(call, queue, outcome, now)
        self._at_once.discard(call)

    def _note(self, call: int, queue: str, outcome: int, now: int) -> None:
        at = self._at[call]
        if at < self._plan.measured_from_ms:
            return
        self._seen.append((self._numbers[queue], now - at, outcome, call in self._at_once, call))

    def _later(self, at: int, kind: int, number: int, name: str) -> None:
        self._serial += 1
        heappush(self._heap, (at, self._serial, kind, number, name))


def _joined(arrays: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)


def _wrap_ups(calls: DrawnCalls) -> npt.NDArray[np.int64]:
    """-1 where the queue's own time is used."""
    if calls.wrap_up_ms is not None:
        return calls.wrap_up_ms
    return np.full(len(calls.at_ms), -1, dtype=np.int64)
