"""Desk: how facts about an agent become Presence. Calls and matching are not its business."""

from __future__ import annotations

from collections.abc import Callable

from acd.agent import AgentState
from acd.commands import ChangePresence, OfferEnd
from acd.deadlines import DeadlineKind, Deadlines
from acd.model import Presence, QueueConfig
from acd.offer import AFTERMATHS, Offer
from acd.presence import PresenceStep, next_presence

LOGGED_IN = "logged_in"
UNANSWERED = "unanswered"
PHONE_UNREACHABLE = "phone_unreachable"

_DELAYS_NOT_READY = frozenset(aftermath.delay for aftermath in AFTERMATHS.values() if not aftermath.ready)


class Desk:
    """Keeps the facts of agents, moves them through the Presence table and arms their one timer.

    Every change of Presence, its reason or its end is emitted as ``ChangePresence``; a fact that changes
    nothing emits nothing.
    """

    def __init__(self, deadlines: Deadlines, emit: Callable[[ChangePresence], None]) -> None:
        self._deadlines = deadlines
        self._emit = emit

    def log_in(self, agent: AgentState, now: int) -> None:
        """Begin the shift, not ready; its figures start at nought."""
        if agent.logged_in:
            return
        agent.logged_in, agent.logged_in_at = True, now
        agent.wants_calls, agent.pause_reason = False, LOGGED_IN
        agent.missed = agent.calls = agent.talk_ms = agent.busy_ms = 0
        if agent.presence is Presence.LOGGED_OUT:
            self._step(agent, PresenceStep.LOG_IN, LOGGED_IN)

    def log_out(self, agent: AgentState, now: int) -> None:
        """End the shift: at once, cutting a wrap-up short, but after the call in hand."""
        if not agent.logged_in:
            return
        agent.logged_in = agent.wants_calls = False
        agent.delay = ""
        if agent.presence is Presence.WRAP_UP:
            self._finish_work(agent, now)
        elif agent.call_id is None:
            self.rest(agent)

    def want_calls(self, agent: AgentState, now: int) -> None:
        """The agent says: I am here. That also ends a bench and the delay after an Offer."""
        if not agent.logged_in:
            return
        if agent.call_id is None:
            agent.delay = ""
            if not agent.wants_calls:
                agent.idle_since = now
        agent.wants_calls, agent.pause_reason, agent.missed = True, "", 0
        if agent.call_id is None:
            self.rest(agent)

    def want_no_calls(self, agent: AgentState, reason: str) -> None:
        """Pause now, or after the work in hand."""
        if not agent.logged_in:
            return
        agent.wants_calls, agent.pause_reason = False, reason
        if agent.call_id is None:
            agent.delay = ""
            self.rest(agent)

    def phone_reachable(self, agent: AgentState, reachable: bool) -> None:
        """The phone was found or lost, which ends the delay after an Offer; a call in hand goes on."""
        agent.phone_reachable = reachable
        if agent.call_id is None and agent.logged_in:
            agent.delay = ""
            self.rest(agent)

    def offered(self, agent: AgentState, offer: Offer, turn: int) -> None:
        """The Offer reserves the agent."""
        agent.offer_id, agent.call_id, agent.queue, agent.turn = (
            offer.offer_id,
            offer.call_id,
            offer.queue,
            turn,
        )
        self._step(agent, PresenceStep.OFFER, "")

    def answered(self, agent: AgentState, now: int) -> None:
        """The agent talks to the caller."""
        agent.accepted_at, agent.missed = now, 0
        agent.calls += 1
        self._step(agent, PresenceStep.ANSWER, "")

    def withdrawn(self, agent: AgentState) -> None:
        """The Offer was revoked through no fault of the agent, who keeps the idle time. ``rest`` must
        follow."""
        agent.offer_id = agent.call_id = agent.queue = None

    def unanswered(self, agent: AgentState, end: OfferEnd, queue: QueueConfig, now: int) -> None:
        """The Offer failed at the agent's phone: apply its aftermath."""
        aftermath = AFTERMATHS[end]
        self.withdrawn(agent)
        agent.missed += aftermath.missed
        if queue.unanswered_limit and agent.missed >= queue.unanswered_limit:
            agent.wants_calls, agent.pause_reason, agent.missed = False, UNANSWERED, 0
        elif delay_sec := aftermath.delay_sec(queue):
            agent.delay = aftermath.delay
            self._set_timer(agent, now + delay_sec * 1000)
        self.rest(agent)

    def released(self, agent: AgentState, wrap_up_sec: int, now: int) -> None:
        """The conversation is over: wrap up, unless the queue has none or the shift has ended."""
        agent.talk_ms += now - agent.accepted_at
        if agent.logged_in and wrap_up_sec:
            self._set_timer(agent, now + wrap_up_sec * 1000)
            self._step(agent, PresenceStep.WRAP_UP, "")
        else:
            self._finish_work(agent, now)

    def end_wrap_up(self, agent: AgentState, now: int) -> None:
        """The after-call work is done, whether its time is up or not."""
        if agent.presence is Presence.WRAP_UP:
            self._finish_work(agent, now)

    def time_is_up(self, agent: AgentState, now: int) -> None:
        """The agent's timer has run out."""
        if agent.presence is Presence.WRAP_UP:
            self._finish_work(agent, now)
        elif agent.delay:
            agent.delay = ""
            self.rest(agent)

    def rest(self, agent: AgentState) -> None:
        """Bring an agent without work to where the facts say: logged out, not ready and why, or ready."""
        if not agent.delay:
            self._set_timer(agent, None)
        if not agent.logged_in:
            self._step(agent, PresenceStep.LOG_OUT, "")
        elif not agent.wants_calls:
            self._step(agent, PresenceStep.REST_NOT_READY, agent.pause_reason)
        elif not agent.phone_reachable:
            self._step(agent, PresenceStep.REST_NOT_READY, PHONE_UNREACHABLE)
        elif agent.delay in _DELAYS_NOT_READY:
            self._step(agent, PresenceStep.REST_NOT_READY, agent.delay)
        else:
            self._step(agent, PresenceStep.REST_READY, agent.delay)

    def rearm(self, agent: AgentState) -> None:
        """Arm the timer of an agent taken from a snapshot."""
        if agent.until_at is not None:
            self._set_timer(agent, agent.until_at)

    def _finish_work(self, agent: AgentState, now: int) -> None:
        agent.busy_ms += now - agent.accepted_at
        agent.idle_since = now
        agent.offer_id = agent.call_id = agent.queue = None
        self.rest(agent)

    def _set_timer(self, agent: AgentState, at: int | None) -> None:
        agent.until_at = at
        if at is None:
            self._deadlines.disarm(DeadlineKind.AGENT, agent.agent_id)
        else:
            self._deadlines.arm(DeadlineKind.AGENT, agent.agent_id, at)

    def _step(self, agent: AgentState, step: PresenceStep, reason: str) -> None:
        presence = next_presence(agent.presence, step)
        if (agent.presence, agent.reason) != (presence, reason):
            agent.presence, agent.reason = presence, reason
            self._emit(ChangePresence(agent.agent_id, presence, reason, agent.call_id, agent.until_at))
