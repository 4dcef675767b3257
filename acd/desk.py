"""Desk: how facts about an agent become Presence. Calls and matching are not its business."""

from __future__ import annotations

from collections.abc import Callable

from acd.agent import AgentState
from acd.commands import ChangePresence, OfferEnd, PauseOverdue
from acd.deadlines import DeadlineKind, Deadlines
from acd.model import Presence, QueueConfig
from acd.offer import AFTERMATHS, Offer
from acd.presence import PresenceStep, next_presence

LOGGED_IN = "logged_in"
UNANSWERED = "unanswered"
PHONE_UNREACHABLE = "phone_unreachable"
DISPOSITION_MISSING = "disposition_missing"

_DELAYS_NOT_READY = frozenset(aftermath.delay for aftermath in AFTERMATHS.values() if not aftermath.ready)


class Desk:
    """Keeps the facts of agents, moves them through the Presence table and arms their one timer.

    Every change of Presence, its reason or its end is emitted as ``ChangePresence``; a fact that changes
    nothing emits nothing. ``ready_agents`` counts those who are READY.
    """

    def __init__(self, deadlines: Deadlines, emit: Callable[[ChangePresence | PauseOverdue], None]) -> None:
        self._deadlines = deadlines
        self._emit = emit
        self.ready_agents = 0

    def log_in(self, agent: AgentState, now: int) -> None:
        """Begin the shift, not ready; its figures start at nought."""
        if agent.logged_in:
            return
        agent.logged_in, agent.logged_in_at = True, now
        agent.wants_calls, agent.pause_reason, agent.forced_by = False, LOGGED_IN, ""
        agent.pause_limit_sec = agent.overdue_at = None
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

    def want_calls(self, agent: AgentState, by: str, now: int) -> None:
        """The agent says: I am here. That also ends a bench and the delay after an Offer. A pause that a
        supervisor (``by``) made is ended by a supervisor."""
        if not agent.logged_in or (agent.forced_by and not by):
            return
        agent.forced_by, agent.pause_limit_sec, agent.overdue_at = "", None, None
        if agent.call_id is None:
            agent.delay = ""
            if not agent.wants_calls:
                agent.idle_since = now
        agent.wants_calls, agent.pause_reason, agent.missed = True, "", 0
        if agent.call_id is None:
            self.rest(agent)

    def want_no_calls(self, agent: AgentState, reason: str, by: str, limit_sec: int | None, now: int) -> None:
        """Pause now, or after the work in hand; overdue ``limit_sec`` after its beginning."""
        if not agent.logged_in or (agent.forced_by and not by):
            return
        agent.wants_calls, agent.pause_reason, agent.forced_by = False, reason, by
        agent.pause_limit_sec = limit_sec
        if agent.call_id is None:
            agent.delay = ""
            self._begin_pause(agent, now)
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

    def take_call(self, agent: AgentState, call_id: str, queue: str, now: int) -> None:
        """The agent talks to a caller whom no Offer brought."""
        if agent.presence in (Presence.NOT_READY, Presence.READY):
            agent.call_id, agent.queue, agent.delay = call_id, queue, ""
            agent.accepted_at, agent.missed = now, 0
            agent.calls += 1
            self._set_timer(agent, None)
            self._step(agent, PresenceStep.TAKE, "")

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

    def released(self, agent: AgentState, queue: QueueConfig | None, now: int) -> None:
        """The conversation is over: wrap up as the queue has it, unless it has none or the shift has
        ended."""
        agent.talk_ms += now - agent.accepted_at
        due = queue is not None and queue.disposition_required and agent.disposed != agent.call_id
        if queue is None or not agent.logged_in or not (queue.wrap_up_sec or due):
            self._finish_work(agent, now)
            return
        agent.disposition_due = due
        agent.wrap_up_min_at = now + queue.wrap_up_min_sec * 1000
        agent.wrap_up_max_at = None if queue.wrap_up_max_sec is None else now + queue.wrap_up_max_sec * 1000
        self._set_timer(agent, now + queue.wrap_up_sec * 1000 if queue.wrap_up_sec else agent.wrap_up_max_at)
        self._step(agent, PresenceStep.WRAP_UP, "")

    def end_wrap_up(self, agent: AgentState, now: int) -> None:
        """The after-call work is done, whether its time is up or not; unless it lacks the disposition."""
        if agent.presence is not Presence.WRAP_UP or agent.disposition_due:
            return
        if now < agent.wrap_up_min_at:
            self._move_timer(agent, agent.wrap_up_min_at)
        else:
            self._finish_work(agent, now)

    def extend_wrap_up(self, agent: AgentState, extra_sec: int) -> None:
        """Move the wrap-up's end on, up to the longest time; one without an end has time enough."""
        if agent.presence is Presence.WRAP_UP and agent.until_at is not None and extra_sec > 0:
            until_at, latest = agent.until_at + extra_sec * 1000, agent.wrap_up_max_at
            self._move_timer(agent, until_at if latest is None else min(until_at, latest))

    def disposition_given(self, agent: AgentState, call_id: str, now: int) -> None:
        """What came of the call is known; a wrap-up that only waited for that is over."""
        if agent.call_id != call_id:
            return
        agent.disposed = call_id
        if agent.presence is Presence.WRAP_UP and agent.disposition_due:
            agent.disposition_due = False
            if agent.reason == DISPOSITION_MISSING:
                self._finish_work(agent, now)

    def time_is_up(self, agent: AgentState, now: int) -> None:
        """The agent's timer has run out."""
        agent.until_at = None
        if agent.presence is Presence.WRAP_UP:
            self._wrap_up_is_over(agent, now)
        elif agent.delay:
            agent.delay = ""
            self.rest(agent)
        elif agent.overdue_at is not None and agent.overdue_at <= now:
            agent.overdue_at = None
            self._emit(PauseOverdue(agent.agent_id, agent.pause_reason))

    def _wrap_up_is_over(self, agent: AgentState, now: int) -> None:
        """Without its disposition a wrap-up goes on, and at its longest time pauses the agent."""
        if not agent.disposition_due:
            self._finish_work(agent, now)
        elif agent.wrap_up_max_at is not None and agent.wrap_up_max_at <= now:
            agent.wants_calls, agent.pause_reason = False, DISPOSITION_MISSING
            self._finish_work(agent, now)
        else:
            self._set_timer(agent, agent.wrap_up_max_at)
            self._step(agent, PresenceStep.WRAP_UP, DISPOSITION_MISSING)

    def rest(self, agent: AgentState) -> None:
        """Bring an agent without work to where the facts say: logged out, not ready and why, or ready."""
        if not agent.delay:
            self._set_timer(agent, None if agent.wants_calls or not agent.logged_in else agent.overdue_at)
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

    def restored(self, agent: AgentState) -> None:
        """Count an agent taken from a snapshot, and arm the agent's timer."""
        self.ready_agents += agent.presence is Presence.READY
        if agent.until_at is not None:
            self._set_timer(agent, agent.until_at)

    def _begin_pause(self, agent: AgentState, now: int) -> None:
        limit_sec = agent.pause_limit_sec
        agent.overdue_at = None if limit_sec is None else now + limit_sec * 1000

    def _finish_work(self, agent: AgentState, now: int) -> None:
        agent.busy_ms += now - agent.accepted_at
        agent.idle_since = now
        agent.offer_id = agent.call_id = agent.queue = agent.disposed = None
        agent.disposition_due = False
        if not agent.wants_calls:
            self._begin_pause(agent, now)
        self.rest(agent)

    def _move_timer(self, agent: AgentState, at: int) -> None:
        """The present Presence ends at another time."""
        if agent.until_at != at:
            self._set_timer(agent, at)
            self._emit(ChangePresence(agent.agent_id, agent.presence, agent.reason, agent.call_id, at))

    def _set_timer(self, agent: AgentState, at: int | None) -> None:
        """Arm the agent's timer, or disarm it; it runs whenever ``until_at`` is set."""
        if at is not None:
            self._deadlines.arm(DeadlineKind.AGENT, agent.agent_id, at)
        elif agent.until_at is not None:
            self._deadlines.disarm(DeadlineKind.AGENT, agent.agent_id)
        agent.until_at = at

    def _step(self, agent: AgentState, step: PresenceStep, reason: str) -> None:
        presence = next_presence(agent.presence, step)
        if (agent.presence, agent.reason) != (presence, reason):
            self.ready_agents += (presence is Presence.READY) - (agent.presence is Presence.READY)
            agent.presence, agent.reason = presence, reason
            self._emit(ChangePresence(agent.agent_id, presence, reason, agent.call_id, agent.until_at))
