"""Router: the heart of the ACD. It is told facts and answers with commands; time comes in with each fact.

Every fact changes what is known about one agent or one call. Then an agent who may have come free looks for
the best waiting call, and a call that may be given looks for the best available agent, so that after each
fact no available agent and waiting call that suit each other are left apart. A fact that comes late, twice
or for something long gone changes nothing, or is answered with the command that puts the world right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from acd import events as ev
from acd.agent import AgentState, Availability
from acd.commands import EndOffer, NoteWaiting, OfferEnd, OverflowCall, RouterCommand
from acd.config_check import checked
from acd.deadlines import DeadlineKind
from acd.desk import Desk
from acd.explain import SHOWN, ChosenBy, WaitReason
from acd.fairness import Fairness, fairness_of
from acd.floor import Floor, NewMatching
from acd.lanes import IndexedMatching
from acd.matching import unsuitable
from acd.model import AcdConfig, OverflowKind, OverflowReason, OverflowTarget, Presence
from acd.queued_call import QueuedCall
from acd.ringing import Ringing

_HANG_UP = OverflowTarget(OverflowKind.HANG_UP)


class Router:
    """Matches calls and agents.

    ``handle(event, now)`` returns what must be done, in order. It never raises for facts that race each
    other; it raises ValueError for a programming error: a call for an unknown queue, a faulty
    configuration. Afterwards a ``DeadlineReached`` must be handed in at ``next_deadline()`` or soon after.
    The same inputs always give the same commands. After ``OfferAccepted`` the agent is busy until
    ``AgentReleased``, which must come for every call.
    """

    def __init__(self, config: AcdConfig, matching: NewMatching = IndexedMatching) -> None:
        """Nobody is logged in, every queue is open and empty; ValueError if the configuration is faulty."""
        self._floor = Floor(checked(config), matching)
        self._out: list[RouterCommand] = []
        self._emit = self._out.append
        self._desk = Desk(self._floor.deadlines, self._emit)
        self._ringing = Ringing(self._floor, self._desk, self._emit)

    # --- facts ------------------------------------------------------------------------------------

    def handle(self, event: ev.RouterEvent, now: int) -> list[RouterCommand]:
        """Take in one fact; returns the commands that follow from it, to be carried out in this order."""
        self._out.clear()
        match event:
            case ev.CallQueued():
                self._call_queued(event, now)
            case ev.CallLeft(call_id):
                self._call_left(call_id, now)
            case ev.OfferAccepted(offer_id):
                self._offer_accepted(offer_id, now)
            case ev.OfferFailed(offer_id, failure):
                self._offer_unanswered(offer_id, OfferEnd(failure.value), now)
            case ev.AgentReleased():
                self._agent_released(event, now)
            case ev.QueueOpened(queue):
                self._queue_opened(queue)
            case ev.QueueClosed(queue):
                self._queue_closed(queue, now)
            case ev.ConfigChanged(config):
                self._config_changed(config, now)
            case ev.DeadlineReached():
                self._deadline_reached(now)
            case _:
                self._agent_said(event, now)
        return self._out.copy()

    def _agent_said(self, event: ev.AgentEvent, now: int) -> None:
        """A fact about one agent that leaves talking calls alone; unknown agents say nothing."""
        agent = self._floor.agents.get(event.agent_id)
        if agent is None or agent.agent_id not in self._floor.config.agents:
            return
        match event:
            case ev.AgentLoggedIn():
                self._desk.log_in(agent, now)
            case ev.AgentReady(by=by):
                self._desk.want_calls(agent, by, now)
            case ev.WrapUpEnded():
                self._desk.end_wrap_up(agent, now)
            case ev.WrapUpExtended(extra_sec=extra_sec):
                self._desk.extend_wrap_up(agent, extra_sec)
            case ev.DispositionGiven(call_id=call_id):
                self._desk.disposition_given(agent, call_id, now)
            case ev.CallTaken(call_id=call_id, queue=queue):
                self._desk.take_call(agent, call_id, queue, now)
            case ev.AgentPaused(reason=reason, by=by):
                limit_sec = self._floor.limit_of(reason)
                self._withdraw(
                    agent, lambda: self._desk.want_no_calls(agent, reason, by, limit_sec, now), now
                )
            case ev.PhoneReachable(reachable=False):
                self._withdraw(agent, lambda: self._desk.phone_reachable(agent, False), now)
            case ev.PhoneReachable():
                self._desk.phone_reachable(agent, True)
            case ev.AgentLoggedOut():
                self._log_out(agent, now)
            case _:
                assert_never(event)
        self._place_agent(agent, now)

    def _withdraw(self, agent: AgentState, tell_desk: Callable[[], None], now: int) -> None:
        """The agent takes no calls from now on: a ringing Offer is revoked and its call goes on."""
        ringing = agent.offer_id if agent.presence is Presence.OFFERED else None
        offer = None if ringing is None else self._floor.offers.find(ringing)
        if offer is not None:
            self._ringing.revoke(offer)
        tell_desk()
        self._floor.matching.file_agent(agent)
        if offer is not None and not self._floor.offers.open_of(offer.call_id):
            self._place_call(self._floor.calls[offer.call_id], now)

    def _log_out(self, agent: AgentState, now: int) -> None:
        self._withdraw(agent, lambda: self._desk.log_out(agent, now), now)

    def _call_queued(self, event: ev.CallQueued, now: int) -> None:
        before = self._floor.calls.get(event.call_id)
        if before is not None and before.queue == event.queue:
            self._change_call(before, self._floor.asked_again(before, event, now), now)
            return
        call = self._floor.new_call(event, now)
        self._call_left(call.call_id, now)
        self._floor.offers.call_returned(call.call_id)
        self._floor.enter(call)
        self._place_call(call, now)
        waits = self._floor.calls.get(call.call_id)
        if waits is None or waits.virtual or self._floor.offers.open_of(call.call_id):
            return
        if self._floor.lines[call.queue].is_overfull:
            self._overflow(waits, OverflowReason.FULL)
        elif self._floor.waits_too_long(waits):
            self._overflow(waits, OverflowReason.EXPECTED_WAIT)

    def _change_call(self, before: QueuedCall, after: QueuedCall, now: int) -> None:
        """The call already waits here: it is told twice, or its priority or needs change."""
        if after == before:
            return
        self._exchange(before, after)
        for offer in self._floor.offers.open_of(after.call_id):
            if unsuitable(self._floor.agents[offer.agent_id].config, after.demand) is not None:
                agent = self._ringing.revoke(offer)
                self._desk.rest(agent)
                self._place_agent(agent, now)
        if after.call_id in self._floor.calls and not self._floor.offers.open_of(after.call_id):
            self._place_call(after, now)

    def _exchange(self, before: QueuedCall, after: QueuedCall) -> QueuedCall:
        """The waiting call has changed; unless it rings, it must be placed."""
        self._floor.leave(before)
        self._floor.enter(after)
        return after

    def _call_left(self, call_id: str, now: int) -> None:
        call = self._floor.calls.get(call_id)
        if call is not None:
            rested = self._ringing.revoke_all(call_id)
            self._drop(call)
            self._place_agents(rested, now)

    def _offer_accepted(self, offer_id: str, now: int) -> None:
        """The phone answered. When that comes too late, the phone is told (again) to hang up."""
        offer = self._floor.offers.find(offer_id)
        if offer is None:
            call_id = offer_id.rpartition(".o")[0]
            self._emit(EndOffer(offer_id, call_id, agent_id="", queue="", end=OfferEnd.REVOKED))
        elif offer.end is None:
            agent = self._ringing.end(offer, OfferEnd.ACCEPTED)
            rested = self._ringing.revoke_all(offer.call_id)
            self._drop(self._floor.calls[offer.call_id])
            self._desk.answered(agent, now)
            self._floor.matching.file_agent(agent)
            self._place_agents(rested, now)
        elif offer.end is not OfferEnd.ACCEPTED:
            self._emit(EndOffer(offer_id, offer.call_id, offer.agent_id, offer.queue, OfferEnd.REVOKED))

    def _offer_unanswered(self, offer_id: str, end: OfferEnd, now: int) -> None:
        """The agent is left in peace for a while; the call keeps its place and goes to the next agent."""
        offer = self._floor.offers.find(offer_id)
        if offer is None or offer.end is not None:
            return
        agent = self._ringing.end(offer, end)
        self._desk.unanswered(agent, end, self._floor.lines[offer.queue].queue, now)
        self._floor.matching.file_agent(agent)
        if not self._floor.offers.open_of(offer.call_id):
            self._place_call(self._floor.calls[offer.call_id], now)
        self._place_agent(agent, now)

    def _agent_released(self, event: ev.AgentReleased, now: int) -> None:
        agent = self._floor.agents.get(event.agent_id)
        if agent is None or agent.presence is not Presence.ON_CALL or agent.call_id != event.call_id:
            return
        line = self._floor.lines.get(agent.queue or "") if event.talked else None
        if line is not None:
            line.note_handled(now - agent.accepted_at + line.queue.wrap_up_sec * 1000)
        self._desk.released(agent, None if line is None else line.queue, now)
        self._place_agent(agent, now)

    def _queue_opened(self, queue: str) -> None:
        if queue in self._floor.config.queues:
            self._floor.lines[queue].is_open = True

    def _queue_closed(self, queue: str, now: int) -> None:
        """Waiting calls overflow; a phone that rings may still be answered, and promises are kept."""
        line = self._floor.lines.get(queue)
        if line is None:
            return
        line.is_open = False
        for call in [self._floor.calls[call_id] for call_id in line]:
            if not self._floor.may_wait(call) and not self._floor.offers.open_of(call.call_id):
                self._overflow(call, OverflowReason.CLOSED)

    def _config_changed(self, config: AcdConfig, now: int) -> None:
        """Calls keep their places and agents their Presence. A queue that is gone counts as closed, an
        agent who is gone as logged out; phones that ring and calls that talk are left alone."""
        checked(config)
        for agent_id in sorted(self._floor.agents.keys() - config.agents.keys()):
            self._log_out(self._floor.agents[agent_id], now)
        self._floor.adopt(config, now)
        for call in self._floor.parked():
            self._place_call(call, now)

    def _deadline_reached(self, now: int) -> None:
        while (due := self._floor.deadlines.pop_due(now)) is not None:
            match due:
                case (DeadlineKind.AGENT, agent_id):
                    self._desk.time_is_up(self._floor.agents[agent_id], now)
                    self._place_agent(self._floor.agents[agent_id], now)
                case (DeadlineKind.OFFER, offer_id):
                    self._offer_unanswered(offer_id, OfferEnd.EXPIRED, now)
                case (DeadlineKind.RING, call_id):
                    call = self._floor.calls[call_id]
                    if self._floor.lines[call.queue].is_open:
                        self._ringing.add(call, now)
                case (DeadlineKind.RELAX, call_id):
                    self._place_call(self._floor.calls[call_id], now)
                case (_, call_id):
                    self._overflow(self._floor.calls[call_id], OverflowReason.TIMEOUT)

    # --- matching ---------------------------------------------------------------------------------

    def _place_agents(self, agents: Sequence[AgentState], now: int) -> None:
        for agent in agents:
            self._place_agent(agent, now)

    def _place_agent(self, agent: AgentState, now: int) -> None:
        """Offer the best waiting call to an agent who may have come free, or note how available the agent
        is. Nothing waits any longer for one who has gone."""
        matching = self._floor.matching
        available = agent.availability.rule is None
        call = matching.best_call(agent, now) if available else None
        if call is not None:
            self._ringing.begin(call, agent, ChosenBy.AGENT, now)
            return
        matching.file_agent(agent)
        if available:
            for waiting in self._floor.first_parked(SHOWN):
                self._emit(NoteWaiting(self._floor.why_waiting(waiting, now)))
        elif not agent.at_work:
            for kept, after in self._floor.given_up(agent.agent_id, now):
                self._place_call(self._exchange(kept, after), now)
            for forsaken in matching.forsaken_calls(agent):
                self._overflow_forsaken(forsaken)

    def _place_call(self, call: QueuedCall, now: int) -> None:
        """Offer a call that no phone rings for to the best available agent, or let it wait or overflow."""
        if (relaxed := self._floor.relaxed(call, now)) is not call:
            call = self._exchange(call, relaxed)
        if not self._floor.may_wait(call):
            self._overflow(call, OverflowReason.CLOSED)
        elif call.overflow_at is not None and call.overflow_at <= now:
            self._overflow(call, OverflowReason.TIMEOUT)
        elif (preferred := self._preferred(call)) is not None:
            self._ringing.begin(call, preferred, ChosenBy.PREFERENCE, now)
        elif (agent := self._floor.matching.best_agent(call, now)) is not None:
            self._ringing.begin(call, agent, ChosenBy.CALL, now)
        elif not self._overflow_forsaken(call):
            self._floor.park(call)
            if self._desk.ready_agents:
                self._emit(NoteWaiting(self._floor.why_waiting(call, now)))

    def _preferred(self, call: QueuedCall) -> AgentState | None:
        """The agent whom the call prefers, if available for it."""
        agent = self._floor.agents.get(call.preferred_id) if call.preferred_id else None
        return agent if agent is not None and self._floor.matching.is_free_for(agent, call.demand) else None

    def _overflow_forsaken(self, call: QueuedCall) -> bool:
        """Send the call away if nobody is logged in or at work for it and its queue does not let it wait for
        that; tells whether it has gone."""
        overflow, matching = self._floor.lines[call.queue].queue.overflow, self._floor.matching
        if call.virtual:
            return False
        if OverflowReason.NO_AGENT in overflow and not matching.staffed(call.demand):
            self._overflow(call, OverflowReason.NO_AGENT)
        elif OverflowReason.NOT_READY in overflow and not matching.working(call.demand):
            self._overflow(call, OverflowReason.NOT_READY)
        else:
            return False
        return True

    def _overflow(self, call: QueuedCall, reason: OverflowReason) -> None:
        target = self._floor.lines[call.queue].queue.overflow.get(reason, _HANG_UP)
        self._drop(call)
        self._emit(OverflowCall(call.call_id, call.queue, reason, target))

    def _drop(self, call: QueuedCall) -> None:
        self._floor.leave(call)
        self._floor.offers.call_left(call.call_id)

    # --- questions --------------------------------------------------------------------------------

    @property
    def config(self) -> AcdConfig:
        """The configuration in force."""
        return self._floor.config

    def next_deadline(self) -> int | None:
        """When ``DeadlineReached`` must be handed in, or None while nothing is due by itself."""
        return self._floor.deadlines.next_at()

    def is_open(self, queue: str) -> bool:
        """Calls may wait in the queue; False as well for one that is not configured."""
        line = self._floor.lines.get(queue)
        return line is not None and line.is_open

    def position(self, call_id: str) -> int | None:
        """The call's place in its queue, 1 for the next, calls that ring included; None if it does not
        wait."""
        call = self._floor.calls.get(call_id)
        return None if call is None else self._floor.lines[call.queue].position(call)

    def waiting(self, queue: str) -> Sequence[QueuedCall]:
        """The calls that wait in the queue, the next one first, calls that ring included."""
        line = self._floor.lines.get(queue)
        return [] if line is None else [self._floor.calls[call_id] for call_id in line]

    def agent(self, agent_id: str) -> AgentState | None:
        """A copy of what is known about the agent; None if there is no such agent."""
        agent = self._floor.agents.get(agent_id)
        return None if agent is None else replace(agent)

    def agents(self) -> Sequence[AgentState]:
        """A copy of what is known about every agent."""
        return [replace(agent) for agent in self._floor.agents.values()]

    def fairness(self, now: int) -> Fairness:
        """How evenly work and rest are spread over the agents who are logged in."""
        return fairness_of(self._floor.agents.values(), now)

    def availability(self, agent_id: str) -> Availability | None:
        """Whether the agent may be offered a call now, and if not, why; None if there is no such agent."""
        agent = self._floor.agents.get(agent_id)
        return None if agent is None else agent.availability

    def estimated_wait_ms(self, call_id: str) -> int | None:
        """How long until the call's turn: 0 while a phone rings for it; None if nobody is at work for it or
        it does not wait. The method is that of ``Line.expected_wait_ms``."""
        call = self._floor.calls.get(call_id)
        return None if call is None else self._floor.estimated_wait_ms(call)

    def why_waiting(self, call_id: str, now: int) -> WaitReason | None:
        """Why the call waits at this moment; None if it does not wait."""
        call = self._floor.calls.get(call_id)
        return None if call is None else self._floor.why_waiting(call, now)

    # --- recovery ---------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Everything ``restored`` needs, as JSON-able values: str, int, bool, None, list and dict."""
        return self._floor.snapshot()

    @classmethod
    def restored(
        cls, config: AcdConfig, snapshot: Mapping[str, Any], matching: NewMatching = IndexedMatching
    ) -> Router:
        """The Router that ``snapshot`` was taken of; from here on it behaves exactly like it.

        ``config`` must be the one that was in force then; hand in a ``ConfigChanged`` afterwards for another.
        """
        router = cls(config, matching)
        router._floor.restore(snapshot)
        for agent in router._floor.agents.values():
            router._desk.restored(agent)
        return router
