"""Calls that wait for a human: the Router's commands become facts, ringing phones and music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from acd import codec
from acd import commands as c
from acd import events as r
from acd.model import AcdConfig, OverflowKind, Presence, SkillRequirement
from acd.router import Router
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.messages import MakePrompts
from callcenter.controller.steps import (
    ConsultMissed,
    GiveUp,
    OfferAnswered,
    ToCallBack,
    ToFlow,
    ToFlowByKey,
    ToOutside,
    ToQueue,
)
from callcenter.controller.told_places import ToldPlaces
from callcenter.domain import events as e
from callcenter.domain.abandoned_places import AbandonedPlaces
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.last_agents import LastAgents
from callcenter.domain.overflow import OVERFLOW_OUTCOME
from callcenter.domain.switch import (
    HangUp,
    LegEndCause,
    LegRole,
    Play,
    PlaybackEnded,
    StartMusic,
    StopPlay,
)
from callcenter.domain.waiting_room import WaitingPolicy, WaitingRoom
from ivr_flows.effects import PromptText
from ivr_flows.effects import QueueOutcome as FlowOutcome

ALARM = "room"
RING_GRACE_SEC = 5
"""The switch gives up a ringing phone this much after the Router's own deadline: a safety net only."""

FLOW_OUTCOME = {
    e.QueueOutcome.OVERFLOW_TIMEOUT: FlowOutcome.TIMEOUT,
    e.QueueOutcome.OVERFLOW_FULL: FlowOutcome.FULL,
    e.QueueOutcome.OVERFLOW_NO_AGENT: FlowOutcome.NO_AGENT,
    e.QueueOutcome.OVERFLOW_CLOSED: FlowOutcome.CLOSED,
}
"""The branch of its queue node by which a call goes on that comes back to its flow."""
ABANDONED = (e.QueueOutcome.ABANDONED, e.QueueOutcome.SHORT_ABANDONED)
CONSULT_END = {c.OfferEnd.BUSY: e.ConsultEnd.BUSY, c.OfferEnd.DECLINED: e.ConsultEnd.BUSY}
OFFER_FAILURE = {
    LegEndCause.BUSY: r.OfferFailure.BUSY,
    LegEndCause.DECLINED: r.OfferFailure.DECLINED,
}


def _requirements(skills: dict[str, int]) -> tuple[SkillRequirement, ...]:
    return tuple(SkillRequirement(skill, level) for skill, level in sorted(skills.items()))


def _to_queue(call: Call, queue: str, now: int) -> ToQueue:
    """On to another queue, with the wait and the place that the call has."""
    queued_at, place_at = call.queued_at or now, call.waits_by.place_at if call.waits_by else None
    return ToQueue(call.call_id, queue, queued_at, call.priority, dict(call.skills), place_at=place_at)


def _announcement_id(call: Call, room: WaitingRoom) -> str:
    """The playback of what the waiting caller was told last."""
    return f"{call.call_id}.w.{room.spoken}"


class QueueDriver:
    """Owns the Router: whatever it is told is journaled first, whatever it asks is carried out in order."""

    def __init__(self, floor: Floor, router: Router, waiting_policy: Callable[[Call], WaitingPolicy]) -> None:
        self._floor = floor
        self._waiting_policy = waiting_policy
        self.router = router
        self.phones: dict[str, str] = {}
        self._rooms: dict[str, WaitingRoom] = {}
        self.told_places = ToldPlaces(floor)
        self._asked_for: set[PromptText] = set()
        self.wrap_ups: dict[str, tuple[str, str, int]] = {}
        self.last_agents = LastAgents()
        self.abandoned = AbandonedPlaces()

    def configure(self, config: AcdConfig) -> None:
        """Set the Router to this configuration, unless it is already."""
        if self.router.config.version != config.version:
            self.tell(r.ConfigChanged(config))

    def tell(self, event: r.RouterEvent) -> list[c.RouterCommand]:
        """Tell the Router, and carry out what it asks."""
        floor = self._floor
        floor.record(e.RoutingInput(floor.now, codec.event_to_dict(event)))
        commands = self.router.handle(event, floor.now)
        for command in commands:
            self._carry_out(command)
        return commands

    def enter(self, call: Call, step: ToQueue) -> None:
        """Let the call wait in the queue; one without a caller on the line waits there as a promise."""
        floor, virtual = self._floor, not call.leg_id
        if step.at_once and (why := self._why_not(step.agent_id)):
            floor.then(ToFlow(call.call_id, why))
            return
        if step.queue not in self.router.config.queues:
            floor.hang_up(call, e.EndedBy.SYSTEM, "no_such_queue")
            return
        floor.record(
            e.CallQueued(
                floor.now,
                call.call_id,
                step.queue,
                step.queued_at,
                step.priority,
                step.skills,
                step.agent_id,
                step.place_at,
                virtual,
            )
        )
        if step.place_at is not None:
            self.abandoned.taken(floor.config.canonical_caller(call), step.queue)
        if not virtual:
            self.wait(call)
        self.tell(
            r.CallQueued(
                call.call_id,
                step.queue,
                step.queued_at if step.place_at is None else step.place_at,
                step.priority,
                _requirements(step.skills),
                step.agent_id,
                self._preferred_for(call, step),
                virtual,
            )
        )
        self.told_places.keep(call)

    def line_up(self, call: Call) -> None:
        """Tell the Router, which does not know it, of a call that waits."""
        if (asked := call.waits_by) is not None:
            place, needs, virtual = call.place or asked.at, _requirements(call.skills), not call.leg_id
            waits = (call.call_id, asked.queue, place, call.priority, needs, asked.agent_id)
            self.tell(r.CallQueued(*waits, virtual=virtual, entered_at=asked.at))

    def _preferred_for(self, call: Call, step: ToQueue) -> str | None:
        """The agent whom the call should get if free: whom it asks for, or the caller's last one where the
        queue is set to that."""
        if step.preferred_id is not None:
            return step.preferred_id
        config = self._floor.config
        policy = config.queues.get(step.queue)
        prefers_last = policy is not None and policy.prefers_last_agent
        return self.last_agents.of(config.canonical_caller(call)) if prefers_last else None

    def change(self, call: Call, priority: int, skills: dict[str, int]) -> None:
        """The waiting call asks for something else from now on, of the same agent if only one may have it."""
        self._floor.record(e.CallChanged(self._floor.now, call.call_id, priority, skills))
        self._ask_again(call, priority=priority, requirements=_requirements(skills))
        self.told_places.change(call)

    def give_only_to(self, call: Call, agent_id: str | None) -> None:
        """From now on only this agent may have the waiting call, which keeps its place; None: anybody who can
        serve it."""
        self._ask_again(call, agent_id=agent_id)

    def _ask_again(self, call: Call, **changes: Any) -> None:
        for one in [one for one in self.router.waiting(call.queue or "") if one.call_id == call.call_id]:
            waits = (one.call_id, one.queue, one.queued_at, one.priority, one.requirements, one.agent_id)
            self.tell(replace(r.CallQueued(*waits), **changes))

    def move(self, call: Call, queue: str) -> None:
        """The waiting call goes on waiting in another queue."""
        step = _to_queue(call, queue, self._floor.now)
        self.caller_left(call, e.QueueOutcome.TRANSFERRED)
        self._floor.then(step)

    def has_offered_call_back(self, call_id: str) -> bool:
        """Whether the waiting caller has been told how to ask for a call-back."""
        room = self._rooms.get(call_id)
        return room is not None and room.offered

    def ask_call_back(self, call: Call) -> None:
        """The waiting caller wants to be called back instead."""
        self._leave_by_wish(call, e.QueueOutcome.CALLBACK_REQUESTED)
        self._floor.then(ToCallBack(call.call_id))

    def leave_by_key(self, call: Call, digit: str) -> None:
        """The waiting caller takes the way out that this key is, whatever rings for the call."""
        self._leave_by_wish(call, e.QueueOutcome.KEY_EXIT)
        self._floor.then(ToFlowByKey(call.call_id, digit))

    def _leave_by_wish(self, call: Call, outcome: e.QueueOutcome) -> None:
        """Whoever wants to leave need not hear out what is being said."""
        room = self._rooms.get(call.call_id)
        if room is not None and room.spoken:
            self._floor.order(StopPlay(call.leg_id, _announcement_id(call, room)))
        self.caller_left(call, outcome)

    def open_or_close(self, queue: str, *, is_open: bool) -> None:
        """A supervisor's word about a queue; nothing is done when it is so already."""
        if self.router.is_open(queue) is not is_open:
            self._floor.record(e.QueueStateChanged(self._floor.now, queue, is_open))
            self.tell(r.QueueOpened(queue) if is_open else r.QueueClosed(queue))

    def wait(self, call: Call) -> None:
        """Begin (or, after a restart, begin anew) what the caller hears while waiting."""
        self._floor.alarms.set((ALARM, call.call_id), self.remember(call).next_at)

    def remember(self, call: Call) -> WaitingRoom:
        """What the waiting caller was told: after a restart nobody knows it but by how long they waited."""
        floor = self._floor
        policy = floor.config.call_back(call)
        offered = policy is not None and policy.key is not None
        waited_ms = floor.now - (call.waits_by.at if call.waits_by else floor.now)
        waiting = self._waiting_policy(call)
        room = WaitingRoom.entered(waiting, call.language, floor.now, offered, waited_ms)
        self._rooms[call.call_id] = room
        return room

    def announce(self, call: Call) -> None:
        """The waiting caller is due to be spoken to."""
        room = self._rooms.get(call.call_id)
        if room is None or call.phase is not CallPhase.QUEUED:
            return
        floor = self._floor
        position, wait_ms = self.router.position(call.call_id), self.router.estimated_wait_ms(call.call_id)
        prompts = room.announcement(position, wait_ms, floor.now)
        missing = tuple(prompt for prompt in prompts if floor.config.audio(prompt) is None)
        if new := tuple(prompt for prompt in missing if prompt not in self._asked_for):
            self._asked_for.update(new)  # the next announcement has it, if it can be had
            floor.ask(MakePrompts(call.call_id, "", new, floor.config.prompt_wait_ms))
        media = tuple(uri for prompt in prompts if (uri := floor.config.audio(prompt)))
        if media:
            floor.order(Play(call.leg_id, _announcement_id(call, room), media))
        floor.alarms.set((ALARM, call.call_id), room.next_at)

    def playback_ended(self, call: Call, event: PlaybackEnded) -> None:
        """After an announcement the music goes on."""
        if call.phase is CallPhase.QUEUED and event.playback_id.startswith(f"{call.call_id}.w."):
            self._floor.order(StartMusic(call.leg_id))

    def _why_not(self, agent_id: str | None) -> FlowOutcome | None:
        """Why this agent can take no call now; None when they can."""
        agent = self.router.agent(agent_id or "")
        if agent is None or agent.presence is Presence.LOGGED_OUT or not agent.phone_reachable:
            return FlowOutcome.NO_AGENT
        return None if agent.presence is Presence.READY else FlowOutcome.FULL

    def wait_no_longer(self, call: Call) -> None:
        """The flow's own time for the wait is over; who has an agent meanwhile waits no more."""
        if call.phase is CallPhase.QUEUED:
            self.caller_left(call, e.QueueOutcome.OVERFLOW_TIMEOUT)
            self._floor.then(ToFlow(call.call_id, FlowOutcome.TIMEOUT))

    def offer_answered(self, offer_id: str, leg_id: str) -> None:
        """The agent's phone was picked up. The Router may find it too late; the phone is then hung up."""
        ends = [end for end in self.tell(r.OfferAccepted(offer_id)) if isinstance(end, c.EndOffer)]
        if not any(end.end is c.OfferEnd.ACCEPTED for end in ends):
            self._floor.order(HangUp(leg_id))

    def offer_failed(self, offer_id: str, cause: LegEndCause) -> None:
        """The agent's phone ended without an answer. When the switch gave it up, the Router's own deadline
        has passed unseen."""
        if cause is LegEndCause.NO_ANSWER:
            self.tell(r.DeadlineReached())
        self.tell(r.OfferFailed(offer_id, OFFER_FAILURE.get(cause, r.OfferFailure.UNREACHABLE)))

    def caller_left(self, call: Call, outcome: e.QueueOutcome, at: int | None = None) -> None:
        """The waiting caller is gone, or taken elsewhere, now or (unseen) ``at`` that time."""
        self._leave(call, outcome, at=at)
        self.tell(r.CallLeft(call.call_id))

    def _carry_out(self, command: c.RouterCommand) -> None:
        match command:
            case c.MakeOffer():
                self._make_offer(command)
            case c.EndOffer():
                self._end_offer(command)
            case c.OverflowCall(call_id) if self._floor.calls[call_id].consult is not None:
                self._floor.then(ConsultMissed(call_id, e.ConsultEnd.FAILED, for_good=True))
            case c.OverflowCall():
                self._overflow(command)
            case c.ChangePresence():
                self._presence(command)
            case c.NoteWaiting(reason):
                floor = self._floor
                floor.record(e.CallWaits(floor.now, reason.call_id, reason.queue, reason.to_dict()))
            case c.PauseOverdue(agent_id, pause_reason):
                self._floor.record(e.PauseOverdue(self._floor.now, agent_id, pause_reason))

    def _make_offer(self, offer: c.MakeOffer) -> None:
        floor = self._floor
        call = floor.calls[offer.call_id]
        leg_id = f"a-{offer.offer_id}{call.life}"
        phone = self.phones[offer.agent_id]
        decision, until = offer.decision.to_dict(), offer.expires_at
        floor.record(
            e.OfferMade(
                floor.now, call.call_id, offer.offer_id, offer.queue, offer.agent_id, leg_id, decision, until
            )
        )
        ring_sec = max(1, (offer.expires_at - floor.now) // 1000) + RING_GRACE_SEC
        ref = LegRef(call.call_id, LegRole.AGENT, offer.offer_id)
        floor.ring(call, phone, leg_id, ref, ring_sec, offer.agent_id)

    def _end_offer(self, end: c.EndOffer) -> None:
        floor = self._floor
        call = floor.calls.get(end.call_id)
        offer = call.offers.get(end.offer_id) if call else None
        if call is None or offer is None:
            floor.order(HangUp(f"a-{end.offer_id}"))
            return
        floor.record(
            e.OfferEnded(floor.now, end.call_id, end.offer_id, end.queue, end.agent_id, end.end.value)
        )
        if end.end is c.OfferEnd.ACCEPTED:
            if call.consult is None:
                self._leave(call, e.QueueOutcome.ANSWERED)
            floor.then(OfferAnswered(call.call_id, end.offer_id, end.agent_id, offer.leg_id, end.queue))
        elif end.end in (c.OfferEnd.EXPIRED, c.OfferEnd.REVOKED):
            floor.order(HangUp(offer.leg_id))
        self.told_places.keep(call)
        if call.consult is not None and end.end is not c.OfferEnd.ACCEPTED:
            floor.then(ConsultMissed(call.call_id, CONSULT_END.get(end.end, e.ConsultEnd.NO_ANSWER)))

    def _overflow(self, command: c.OverflowCall) -> None:
        """Carry out an overflow. Who cannot be called back goes back to the flow instead."""
        floor = self._floor
        call = floor.calls[command.call_id]
        outcome, kind = OVERFLOW_OUTCOME[command.reason], command.target.kind
        calls_back = kind is OverflowKind.CALL_BACK and floor.config.call_back(call) is not None
        self._leave(call, e.QueueOutcome.CALLBACK_REQUESTED if calls_back else outcome, command)
        if not call.leg_id:
            floor.then(GiveUp(call.call_id, e.CallBackEnd.QUEUE_GONE))
            return
        match kind:
            case OverflowKind.QUEUE:
                floor.then(_to_queue(call, command.target.name, floor.now))
            case OverflowKind.CALL_BACK if calls_back:
                floor.then(ToCallBack(call.call_id))
            case OverflowKind.FLOW | OverflowKind.CALL_BACK:
                floor.then(ToFlow(call.call_id, FLOW_OUTCOME[outcome]))
            case OverflowKind.OUTSIDE:
                floor.then(ToOutside(call.call_id, command.target.name))
            case OverflowKind.HANG_UP:
                floor.hang_up(call, e.EndedBy.SYSTEM, command.reason.value)

    def _leave(
        self,
        call: Call,
        outcome: e.QueueOutcome,
        overflow: c.OverflowCall | None = None,
        at: int | None = None,
    ) -> None:
        floor = self._floor
        at = floor.now if at is None else at
        wait_ms = max(0, at - (call.queued_at or at))
        self._rooms.pop(call.call_id, None)
        floor.alarms.set((ALARM, call.call_id), None)
        why = None
        if overflow is not None:
            target = overflow.target
            why = {"reason": overflow.reason.value, "kind": target.kind.value, "name": target.name}
        if outcome in ABANDONED and call.place is not None:
            caller = floor.config.canonical_caller(call)
            self.abandoned.left(caller, call.queue or "", call.place, floor.now)
        floor.record(e.QueueLeft(at, call.call_id, call.queue or "", outcome, wait_ms, why))
        self.told_places.forget(call)

    def _presence(self, change: c.ChangePresence) -> None:
        floor, agent_id = self._floor, change.agent_id
        goes_on = change.presence is Presence.WRAP_UP and agent_id in self.wrap_ups
        began = None if goes_on else self.wrap_ups.pop(agent_id, None)
        if began is not None:
            call_id, queue, at = began
            floor.record(e.WrapUpEnded(floor.now, call_id, agent_id, queue, floor.now - at))
        if change.presence is Presence.LOGGED_OUT and self.phones.pop(agent_id, None) is not None:
            floor.record(e.AgentPhoneChanged(floor.now, agent_id, None))
        if change.presence is Presence.WRAP_UP and change.call_id is not None and not goes_on:
            call = floor.calls.get(change.call_id)
            queue = (call.queue if call else None) or ""
            self.wrap_ups[agent_id] = (change.call_id, queue, floor.now)
        floor.record(
            e.PresenceChanged(
                floor.now, agent_id, change.presence.value, change.reason, change.call_id, change.until_at
            )
        )
