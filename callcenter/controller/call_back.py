"""Call-backs: who asks for one leaves the line and keeps the place in it.

When the place has come to the front an agent is rung as for any call; only once the agent has picked up is
the caller dialled, so nobody is ever called by a centre that has no one to talk with: there are never more
call-outs than agents who wait for them.
"""

from __future__ import annotations

from dataclasses import replace

from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.flows import FlowDriver, ask_ticket
from callcenter.controller.queueing import QueueDriver
from callcenter.controller.steps import (
    AgentFree,
    OfferAnswered,
    ToFlow,
    ToQueue,
)
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.call_parts import CallBack
from callcenter.domain.queue_policy import CallBackPolicy
from callcenter.domain.switch import DialNumber, HangUp, LegEndCause, LegRole, Play
from ivr_flows.effects import QueueOutcome as FlowOutcome

ALARM = "call_back"
SOON_MS = 10_000
"""When a promise is looked at again whose agent hung up, or that is being kept at this moment."""
RINGING = ("tone:ring",)
NOT_CALLED_BACK = "承诺的回电未能接通,请人工跟进。The promised call-back could not be made."
MISSED = {
    LegEndCause.BUSY: e.MissedCause.BUSY,
    LegEndCause.NO_ANSWER: e.MissedCause.NO_ANSWER,
    LegEndCause.DECLINED: e.MissedCause.DECLINED,
}


class CallBackDriver:
    """Makes promises, keeps them, and knows by the callers' canonical numbers which ones are still to be
    kept."""

    def __init__(
        self, floor: Floor, queueing: QueueDriver, flows: FlowDriver, after_work: AfterWorkDriver
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._flows = flows
        self._after_work = after_work
        self._owed: dict[str, dict[str, None]] = {}

    # --- the promise ---------------------------------------------------------------------------------------

    def key_pressed(self, call: Call, digit: str) -> None:
        """A waiting caller pressed a key: perhaps the one that asks for a call-back, as was offered (a key
        pressed once too often in the menu asks for nothing). While an agent's phone rings the answer is about
        to come, and nobody is sent away."""
        policy = self._floor.config.call_back(call)
        asked = policy is not None and digit == policy.key
        if asked and not call.offers and self._queueing.has_offered_call_back(call.call_id):
            self._queueing.ask_call_back(call)

    def promise(self, call: Call) -> None:
        """The caller, who has left the queue for it, will be called back; the flow says so."""
        floor = self._floor
        policy = self._policy(call.queue)
        promised = e.CallBackPromised(
            at=floor.now,
            call_id=f"{call.call_id}.b{call.promises}",
            call_back_of=call.call_id,
            caller=call.caller,
            caller_name=call.caller_name,
            trunk=call.trunk,
            did=call.did,
            language=call.language,
            flow=call.flow,
            queue=call.queue or "",
            queued_at=floor.now if call.place is None else call.place,
            priority=call.priority,
            give_up_at=floor.now + policy.within_sec * 1000,
            skills=dict(call.skills),
            checkpoint=call.checkpoint,
            flows_number=call.flows_number,
        )
        back = floor.calls[promised.call_id] = Call.begun(promised)
        floor.record(promised)
        self._flows.resume(back)
        self.resume(back)
        self.queue(back)
        floor.then(ToFlow(call.call_id, FlowOutcome.CALL_BACK))

    def place_of(self, call: Call, step: ToQueue) -> ToQueue:
        """The step with the place that the caller finds again, if there is one: that of a promise not kept
        yet, which is thereby over, or that of a wait given up a moment ago."""
        if not call.leg_id or call.back is not None or step.agent_id is not None:
            return step
        floor, place_at = self._floor, step.place_at
        caller = floor.config.canonical_caller(call)
        for call_id in list(self._owed.get(caller, ())):
            owed = floor.calls[call_id]
            if owed.queue == step.queue and owed.phase in (CallPhase.QUEUED, CallPhase.PROMISED):
                kept_at = owed.place or floor.now
                place_at = kept_at if place_at is None else min(kept_at, place_at)
                self.end(owed, e.CallBackEnd.CALLED_AGAIN)
        if place_at is None:
            since = floor.now - floor.config.queue(step.queue).resume_within_sec * 1000
            place_at = self._queueing.abandoned.of(caller, step.queue, since)
        return replace(step, place_at=place_at)

    # --- keeping it ----------------------------------------------------------------------------------------

    def dial(self, call: Call, step: OfferAnswered) -> None:
        """An agent has taken the call-back: dial the caller. The agent hears it ring."""
        floor, back = self._floor, _owed(call)
        policy = self._policy(step.queue)
        leg_id = f"k-{call.call_id}.{back.dials + 1}"
        floor.record(
            e.CallBackDialled(floor.now, call.call_id, leg_id, step.agent_id, step.leg_id, step.queue)
        )
        floor.dial(
            DialNumber(
                leg_id=leg_id,
                call_id=call.call_id,
                trunk=floor.config.outbound_trunk or call.trunk,
                number=call.caller,
                caller=call.did,
                ring_timeout_sec=policy.ring_sec,
                variables=leg_variables.of_party(call, step.queue, floor.now),
            ),
            LegRef(call.call_id, LegRole.CALLER),
        )
        self.let_hear_ringing(call)

    def let_hear_ringing(self, call: Call) -> None:
        """The agent hears that the caller's phone rings."""
        dialled = _owed(call).dialled
        if dialled is not None:
            ringing_ms = self._policy(dialled.queue).ring_sec * 1000
            self._floor.order(
                Play(dialled.agent_leg_id, f"{dialled.leg_id}.ringing", RINGING, ringing_ms + SOON_MS)
            )

    def answered(self, call: Call) -> None:
        """The caller picked up: the promise is kept."""
        dialled = _owed(call).dialled
        if dialled is not None:
            self._forget(call)
            self._floor.then(
                OfferAnswered(call.call_id, "", dialled.agent_id, dialled.agent_leg_id, dialled.queue)
            )

    def missed(self, call: Call, cause: LegEndCause) -> None:
        """The caller was not reached: tried again later, or never more."""
        floor, back = self._floor, _owed(call)
        policy = self._policy(call.queue)
        retry_at = floor.now + policy.retry_sec * 1000
        gives_up = back.missed + 1 >= policy.attempts or retry_at >= back.give_up_at
        self._let_agent_go(call, MISSED.get(cause, e.MissedCause.FAILED), None if gives_up else retry_at)
        if gives_up:
            self.end(call, e.CallBackEnd.UNREACHED)
        else:
            self._arm(call)

    def agent_left(self, call: Call) -> None:
        """The agent hung up while the caller's phone rang: the place stays, for another agent."""
        self._floor.order(HangUp(call.leg_id))
        self._let_agent_go(call, e.MissedCause.AGENT_LEFT, self._floor.now + SOON_MS)
        self._arm(call)

    def end(self, call: Call, why: e.CallBackEnd) -> None:
        """The promise is over without a talk. Unless the caller came in again a ticket tells of it."""
        floor = self._floor
        if call.phase is CallPhase.QUEUED:
            taken_over = why is e.CallBackEnd.CALLED_AGAIN
            outcome = e.QueueOutcome.TRANSFERRED if taken_over else e.QueueOutcome.GIVEN_UP
            self._queueing.caller_left(call, outcome)
        if why is not e.CallBackEnd.CALLED_AGAIN:
            ask_ticket(floor, call, floor.config.queue(call.queue).category, NOT_CALLED_BACK)
        self._forget(call)
        floor.record(e.CallEnded(floor.now, call.call_id, e.EndedBy.SYSTEM, why.value))
        self._flows.forget(call.call_id)
        self._after_work.call_over(call)

    # --- time and restarts ---------------------------------------------------------------------------------

    def deadline(self, call: Call) -> None:
        """Time to try again, or to give up."""
        back, now = _owed(call), self._floor.now
        if now >= back.give_up_at and not call.offers and call.phase is not CallPhase.DIALLING:
            self.end(call, e.CallBackEnd.EXPIRED)
        elif call.phase is CallPhase.PROMISED:
            self.queue(call)
        else:
            self._arm(call)

    def resume(self, call: Call) -> None:
        """Know of a promise that is still to be kept."""
        if call.conversation is None and call.agent_id is None:
            caller = self._floor.config.canonical_caller(call)
            self._owed.setdefault(caller, {})[call.call_id] = None
            self._arm(call)

    def queue(self, call: Call) -> None:
        """Let the promise stand in line, for the first time or again."""
        queue, floor = call.queue or "", self._floor
        if floor.config.queue(queue).call_back is None:
            self.end(call, e.CallBackEnd.QUEUE_GONE)
            return
        floor.then(
            ToQueue(call.call_id, queue, call.queued_at or floor.now, call.priority, dict(call.skills))
        )
        self._floor.alarms.set((ALARM, call.call_id), _owed(call).give_up_at)

    def _policy(self, queue: str | None) -> CallBackPolicy:
        """How the queue calls back; a promise of one that no longer does is kept as queues usually do."""
        return self._floor.config.queue(queue).call_back or CallBackPolicy()

    def _let_agent_go(self, call: Call, cause: e.MissedCause, retry_at: int | None) -> None:
        floor, dialled = self._floor, _owed(call).dialled
        if dialled is None:
            return
        floor.order(HangUp(dialled.agent_leg_id))
        floor.record(e.CallBackMissed(floor.now, call.call_id, dialled.agent_id, cause, retry_at))
        floor.then(AgentFree(call.call_id, dialled.agent_id, talked=False))

    def _arm(self, call: Call) -> None:
        back, at = _owed(call), _owed(call).give_up_at
        if call.phase is CallPhase.PROMISED:
            at = min(at, self._floor.now if back.retry_at is None else back.retry_at)
        elif at <= self._floor.now:
            at = self._floor.now + SOON_MS
        self._floor.alarms.set((ALARM, call.call_id), at)

    def _forget(self, call: Call) -> None:
        self._floor.alarms.set((ALARM, call.call_id), None)
        caller = self._floor.config.canonical_caller(call)
        owed = self._owed.get(caller, {})
        owed.pop(call.call_id, None)
        if not owed:
            self._owed.pop(caller, None)


def _owed(call: Call) -> CallBack:
    """The promise of a call that is a call-back."""
    assert call.back is not None
    return call.back
