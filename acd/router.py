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
from acd.commands import EndOffer, MakeOffer, OfferEnd, OverflowCall, RouterCommand
from acd.config_check import checked
from acd.deadlines import DeadlineKind
from acd.desk import Desk
from acd.explain import ChosenBy, WaitReason
from acd.floor import Floor, NewMatching
from acd.lanes import IndexedMatching
from acd.matching import unsuitable
from acd.model import AcdConfig, OverflowKind, OverflowReason, OverflowTarget, Presence
from acd.offer import Offer
from acd.queued_call import QueuedCall

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
        self._desk = Desk(self._floor.deadlines, self._emit)

    # --- facts ------------------------------------------------------------------------------------

    def handle(self, event: ev.RouterEvent, now: int) -> list[RouterCommand]:
        """Take in one fact; returns the commands that follow from it, to be carried out in this order."""
        out: list[RouterCommand] = []
        self._out = out
        match event:
            case ev.CallQueued():
                self._call_queued(event, now)
            case ev.CallLeft(call_id):
                self._call_left(call_id, now)
            case ev.OfferAccepted(offer_id):
                self._offer_accepted(offer_id, now)
            case ev.OfferFailed(offer_id, failure):
                self._offer_unanswered(offer_id, OfferEnd(failure.value), now)
            case ev.AgentReleased(agent_id, call_id):
                self._agent_released(agent_id, call_id, now)
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
        return out

    def _agent_said(self, event: ev.AgentEvent, now: int) -> None:
        """A fact about one agent that leaves talking calls alone; unknown agents say nothing."""
        agent = self._floor.agents.get(event.agent_id)
        if agent is None or agent.agent_id not in self._floor.config.agents:
            return
        match event:
            case ev.AgentLoggedIn():
                self._desk.log_in(agent, now)
            case ev.AgentReady():
                self._desk.want_calls(agent, now)
            case ev.WrapUpEnded():
                self._desk.end_wrap_up(agent, now)
            case ev.AgentPaused(reason=reason):
                self._withdraw(agent, lambda: self._desk.want_no_calls(agent, reason), now)
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
            self._revoke(offer)
        tell_desk()
        self._floor.matching.file_agent(agent)
        if offer is not None:
            self._place_call(self._floor.calls[offer.call_id], now)

    def _log_out(self, agent: AgentState, now: int) -> None:
        self._withdraw(agent, lambda: self._desk.log_out(agent, now), now)
        for call in self._floor.matching.unstaffed_calls(agent):
            if OverflowReason.NO_AGENT in self._floor.lines[call.queue].queue.overflow:
                self._overflow(call, OverflowReason.NO_AGENT)

    def _call_queued(self, event: ev.CallQueued, now: int) -> None:
        call = self._floor.new_call(event, now)
        before = self._floor.calls.get(call.call_id)
        if before is not None and before.queue == call.queue:
            self._change_call(before, call, now)
            return
        self._call_left(call.call_id, now)
        self._floor.offers.call_returned(call.call_id)
        self._floor.enter(call)
        self._place_call(call, now)
        if call.call_id in self._floor.calls and self._floor.lines[call.queue].is_overfull:
            self._overflow(call, OverflowReason.FULL)

    def _change_call(self, before: QueuedCall, asked: QueuedCall, now: int) -> None:
        """The call already waits here: it is told twice, or its priority or needs change; it keeps its
        arrival."""
        kept = before.entered_at, before.sequence, before.overflow_at
        after = replace(asked, entered_at=kept[0], sequence=kept[1], overflow_at=kept[2])
        if after == before:
            return
        self._floor.leave(before)
        self._floor.enter(after)
        offer = self._floor.offers.open_of(after.call_id)
        if offer is None:
            self._place_call(after, now)
        elif unsuitable(self._floor.agents[offer.agent_id].config, after.demand) is not None:
            agent = self._revoke(offer)
            self._desk.rest(agent)
            self._place_call(after, now)
            self._place_agent(agent, now)

    def _call_left(self, call_id: str, now: int) -> None:
        call = self._floor.calls.get(call_id)
        if call is None:
            return
        offer = self._floor.offers.open_of(call_id)
        agent = None if offer is None else self._revoke(offer)
        self._drop(call)
        if agent is not None:
            self._desk.rest(agent)
            self._place_agent(agent, now)

    def _offer_accepted(self, offer_id: str, now: int) -> None:
        """The phone answered. When that comes too late, the phone is told (again) to hang up."""
        offer = self._floor.offers.find(offer_id)
        if offer is None:
            call_id = offer_id.rpartition(".o")[0]
            self._emit(EndOffer(offer_id, call_id, agent_id="", queue="", end=OfferEnd.REVOKED))
        elif offer.end is None:
            agent = self._end_offer(offer, OfferEnd.ACCEPTED)
            self._drop(self._floor.calls[offer.call_id])
            self._desk.answered(agent, now)
            self._floor.matching.file_agent(agent)
        elif offer.end is not OfferEnd.ACCEPTED:
            self._emit(EndOffer(offer_id, offer.call_id, offer.agent_id, offer.queue, OfferEnd.REVOKED))

    def _offer_unanswered(self, offer_id: str, end: OfferEnd, now: int) -> None:
        """The agent is left in peace for a while; the call keeps its place and goes to the next agent."""
        offer = self._floor.offers.find(offer_id)
        if offer is None or offer.end is not None:
            return
        agent = self._end_offer(offer, end)
        self._desk.unanswered(agent, end, self._floor.lines[offer.queue].queue, now)
        self._floor.matching.file_agent(agent)
        self._place_call(self._floor.calls[offer.call_id], now)
        self._place_agent(agent, now)

    def _agent_released(self, agent_id: str, call_id: str, now: int) -> None:
        agent = self._floor.agents.get(agent_id)
        if agent is None or agent.presence is not Presence.ON_CALL or agent.call_id != call_id:
            return
        wrap_up_sec = 0
        if (line := self._floor.lines.get(agent.queue or "")) is not None:
            wrap_up_sec = line.queue.wrap_up_sec
            line.note_handled(now - agent.accepted_at + wrap_up_sec * 1000)
        self._desk.released(agent, wrap_up_sec, now)
        self._place_agent(agent, now)

    def _queue_opened(self, queue: str) -> None:
        if queue in self._floor.config.queues:
            self._floor.lines[queue].is_open = True

    def _queue_closed(self, queue: str, now: int) -> None:
        """Waiting calls overflow; a phone that rings may still be answered."""
        line = self._floor.lines.get(queue)
        if line is None:
            return
        line.is_open = False
        for call_id in line.call_ids():
            if self._floor.offers.open_of(call_id) is None:
                self._overflow(self._floor.calls[call_id], OverflowReason.CLOSED)

    def _config_changed(self, config: AcdConfig, now: int) -> None:
        """Calls keep their places and agents their Presence. A queue that is gone counts as closed, an
        agent who is gone as logged out; phones that ring and calls that talk are left alone."""
        checked(config)
        for agent_id in sorted(self._floor.agents.keys() - config.agents.keys()):
            self._log_out(self._floor.agents[agent_id], now)
        self._floor.adopt(config)
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
                case (_, call_id):
                    self._overflow(self._floor.calls[call_id], OverflowReason.TIMEOUT)

    # --- matching ---------------------------------------------------------------------------------

    def _place_agent(self, agent: AgentState, now: int) -> None:
        """Offer the best waiting call to an agent who may have come free, or note how available the agent
        is."""
        call = self._floor.matching.best_call(agent) if agent.availability.rule is None else None
        if call is None:
            self._floor.matching.file_agent(agent)
        else:
            self._make_offer(call, agent, ChosenBy.AGENT, now)

    def _place_call(self, call: QueuedCall, now: int) -> None:
        """Offer an unoffered call to the best available agent, or let it wait or overflow."""
        line = self._floor.lines[call.queue]
        if not line.is_open:
            self._overflow(call, OverflowReason.CLOSED)
        elif call.overflow_at is not None and call.overflow_at <= now:
            self._overflow(call, OverflowReason.TIMEOUT)
        elif (agent := self._floor.matching.best_agent(call, now)) is not None:
            self._make_offer(call, agent, ChosenBy.CALL, now)
        elif OverflowReason.NO_AGENT in line.queue.overflow and not self._floor.matching.staffed(call.demand):
            self._overflow(call, OverflowReason.NO_AGENT)
        else:
            self._floor.park(call)

    def _make_offer(self, call: QueuedCall, agent: AgentState, chosen_by: ChosenBy, now: int) -> None:
        line = self._floor.lines[call.queue]
        self._floor.unpark(call)
        self._floor.matching.hold_agent(agent)
        decision = self._floor.decide(call, agent, chosen_by, now)
        expires_at = now + line.queue.ring_timeout_sec * 1000
        offer = self._floor.offers.make(call.call_id, agent.agent_id, call.queue, now, expires_at)
        self._floor.deadlines.arm(DeadlineKind.OFFER, offer.offer_id, expires_at)
        line.ringing += 1
        self._emit(MakeOffer(offer.offer_id, call.call_id, agent.agent_id, call.queue, expires_at, decision))
        self._desk.offered(agent, offer, self._floor.next_turn())
        self._floor.matching.file_agent(agent)

    def _revoke(self, offer: Offer) -> AgentState:
        """End the Offer through no fault of the agent, who must then be brought to rest; the call is
        unoffered."""
        agent = self._end_offer(offer, OfferEnd.REVOKED)
        self._desk.withdrawn(agent)
        return agent

    def _end_offer(self, offer: Offer, end: OfferEnd) -> AgentState:
        offer.end = end
        self._floor.deadlines.disarm(DeadlineKind.OFFER, offer.offer_id)
        self._floor.lines[offer.queue].ringing -= 1
        self._emit(EndOffer(offer.offer_id, offer.call_id, offer.agent_id, offer.queue, end))
        return self._floor.agents[offer.agent_id]

    def _overflow(self, call: QueuedCall, reason: OverflowReason) -> None:
        target = self._floor.lines[call.queue].queue.overflow.get(reason, _HANG_UP)
        self._drop(call)
        self._emit(OverflowCall(call.call_id, call.queue, reason, target))

    def _drop(self, call: QueuedCall) -> None:
        self._floor.leave(call)
        self._floor.offers.call_left(call.call_id)

    def _emit(self, command: RouterCommand) -> None:
        self._out.append(command)

    # --- questions --------------------------------------------------------------------------------

    @property
    def config(self) -> AcdConfig:
        """The configuration in force."""
        return self._floor.config

    def next_deadline(self) -> int | None:
        """When ``DeadlineReached`` must be handed in, or None while nothing is due by itself."""
        return self._floor.deadlines.next_at()

    def position(self, call_id: str) -> int | None:
        """The call's place in its queue, 1 for the next, calls that ring included; None if it does not
        wait."""
        call = self._floor.calls.get(call_id)
        return None if call is None else self._floor.lines[call.queue].position(call)

    def waiting(self, queue: str) -> Sequence[QueuedCall]:
        """The calls that wait in the queue, the next one first, calls that ring included."""
        line = self._floor.lines.get(queue)
        return [] if line is None else [self._floor.calls[call_id] for call_id in line.call_ids()]

    def agent(self, agent_id: str) -> AgentState | None:
        """A copy of what is known about the agent; None if there is no such agent."""
        agent = self._floor.agents.get(agent_id)
        return None if agent is None else replace(agent)

    def agents(self) -> Sequence[AgentState]:
        """A copy of what is known about every agent."""
        return [replace(agent) for agent in self._floor.agents.values()]

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
            router._desk.rearm(agent)
        return router
