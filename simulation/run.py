"""One replication: the production Router driven through virtual time.

What happens next is the earliest of the next arrival, the next event in hand (a heap) and the Router's own
deadline. A call is a number, by which ``Callers`` know it.
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
from acd.model import OverflowKind, OverflowReason, Presence
from acd.router import Router
from simulation.agent_times import WORKING, AgentTimes
from simulation.arrivals import DAY_MS
from simulation.callers import Callers
from simulation.calls import Purpose, Throws
from simulation.durations import NEVER_MS
from simulation.plan import Plan, agent_facts, queue_facts
from simulation.unexplained import UnexplainedMatching

WAITING, ANSWERED, ABANDONED = 0, 1, 2
OVERFLOWED = {reason: 3 + number for number, reason in enumerate(OverflowReason)}
"""How a call left a queue, as a number; WAITING: not at all."""

_ANSWER, _RELEASE, _WRAPPED, _GIVE_UP, _BACK, _FACT, _AGAIN = range(7)
_RINGS_DRAWN = 4096
_LEFT_OVER_MS = DAY_MS
"""How long after the end calls that wait are still served, at most."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was measured: one entry of each array for each time a call was in a queue. ``queue`` numbers the
    queues of the plan's configuration; ``at_once``: a phone rang in the moment of entering the queue."""

    queue: npt.NDArray[np.int64]
    at_ms: npt.NDArray[np.int64]
    """When the call came."""
    wait_ms: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int64]
    at_once: npt.NDArray[np.bool_]
    handle_ms: npt.NDArray[np.int64]
    """Talk and wrap-up; -1 where nobody answered it, or the agent was still at it a day later."""
    came: npt.NDArray[np.int64]
    """How the call came about, as ``Callers`` tell it."""
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
        self._callers = Callers(plan, seed, replication)
        self._ring_dice = Throws(seed, replication, 0).dice(Purpose.RING)
        self._rings: list[int] = []
        self._heap: list[tuple[int, int, int, int, str]] = []
        self._serial = 0
        self._facts = [*queue_facts(plan), *agent_facts(plan, Throws(seed, replication, 0))]
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

    def to_the_end(self) -> Observation:
        """Everything, until nothing happens any more."""
        router, heap, arrivals = self._router, self._heap, self._callers.at
        count, following = self._callers.count, 0
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
        handle = [
            self._handle.get(call, -1) if outcome == ANSWERED else -1 for _, _, outcome, _, call in self._seen
        ]
        return Observation(
            queue=seen[:, 0],
            at_ms=np.array([self._callers.at[call] for *_, call in self._seen], dtype=np.int64),
            wait_ms=seen[:, 1],
            outcome=seen[:, 2],
            at_once=seen[:, 3].astype(np.bool_),
            handle_ms=np.array(handle, dtype=np.int64),
            came=np.array([self._callers.came[call] for *_, call in self._seen], dtype=np.int64),
            times=self._times,
            served_by=self._served_by,
            events=self._told,
        )

    # --- what happens -----------------------------------------------------------------------------

    def _arrives(self, call: int, now: int) -> None:
        queue = self._callers.request[call].queue
        self._enters(call, queue, now)
        self._tell(self._asks(call, queue), now)
        if call in self._in_queue and self._callers.patience[call] < NEVER_MS:
            self._later(now + self._callers.patience[call], _GIVE_UP, call, "")

    def _enters(self, call: int, queue: str, now: int) -> None:
        self._in_queue[call] = queue
        self._entered[call] = now
        self._at_once.discard(call)

    def _asks(self, call: int, queue: str) -> ev.CallQueued:
        """What the Router is told of a call that enters the queue; its wait began when it came."""
        callers, request = self._callers, self._callers.request[call]
        return ev.CallQueued(
            str(call),
            queue,
            callers.at[call],
            request.priority,
            request.requirements,
            preferred_id=callers.preferred(call, queue),
        )

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
                self._goes(number, has_abandoned=True, now=now)
        elif kind == _WRAPPED:
            if self._works_for(name, number):
                self._tell(ev.WrapUpEnded(name), now)
        elif kind == _AGAIN:
            self._arrives(number, now)
        elif kind == _BACK:
            self._tell(ev.AgentReady(name), now)
        else:
            self._tell(self._facts[number][1], now)

    def _released(self, call: int, agent_id: str, now: int) -> None:
        """The wrap-up begins; what came of the call is said at once, wherever that is asked for. The caller
        waits for another agent, or goes."""
        self._tell(ev.AgentReleased(agent_id, str(call)), now)
        if self._works_for(agent_id, call):
            if self._asks_disposition:
                self._tell(ev.DispositionGiven(agent_id, str(call)), now)
            if self._callers.wrap_up[call] >= 0:
                self._wraps_up(call, agent_id, now)
        if (sent_on := self._callers.is_sent_on(call, now)) is not None:
            self._arrives(sent_on, now)
        else:
            self._goes(call, has_abandoned=False, now=now)

    def _goes(self, call: int, *, has_abandoned: bool, now: int) -> None:
        """The caller is gone, perhaps to call again."""
        again = self._callers.calls_again(call, has_abandoned=has_abandoned, now=now)
        if again is not None:
            self._later(self._callers.at[again], _AGAIN, again, "")

    def _wraps_up(self, call: int, agent_id: str, now: int) -> None:
        """Until the call's own wrap-up is over, or the Router ends it."""
        ends_at, agent = now + self._callers.wrap_up[call], self._router.agent(agent_id)
        self._later(ends_at, _WRAPPED, call, agent_id)
        if self._callers.extends(call) and agent is not None and agent.until_at is not None:
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
        self._callers.talked(call, offer.agent_id)
        self._later(now + self._callers.talk[call], _RELEASE, call, offer.agent_id)

    def _overflowed(self, command: OverflowCall, now: int, following: deque[ev.RouterEvent]) -> None:
        """The call leaves, or goes on in another queue with the wait that it has."""
        call = int(command.call_id)
        self._left(call, command.queue, OVERFLOWED[command.reason], now)
        if command.target.kind is OverflowKind.QUEUE:
            self._enters(call, command.target.name, now)
            following.append(self._asks(call, command.target.name))

    # --- what is written down ---------------------------------------------------------------------

    def _left(self, call: int, queue: str, outcome: int, now: int) -> None:
        del self._in_queue[call]
        self._note(call, queue, outcome, now)
        self._at_once.discard(call)

    def _note(self, call: int, queue: str, outcome: int, now: int) -> None:
        at = self._callers.at[call]
        if at < self._plan.measured_from_ms:
            return
        self._seen.append((self._numbers[queue], now - at, outcome, call in self._at_once, call))

    def _later(self, at: int, kind: int, number: int, name: str) -> None:
        self._serial += 1
        heappush(self._heap, (at, self._serial, kind, number, name))
