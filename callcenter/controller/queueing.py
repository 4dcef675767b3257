"""Calls that wait for a human: the Router's commands become facts, ringing phones and music."""

from __future__ import annotations

from acd import codec
from acd import commands as c
from acd import events as r
from acd.model import AcdConfig, OverflowKind, OverflowReason, Presence, SkillRequirement
from acd.router import Router
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.messages import OfferAnswered, ToFlow, ToQueue
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import (
    DialPhone,
    HangUp,
    LegEndCause,
    LegRole,
    Play,
    PlaybackEnded,
    SetVariables,
    StartMusic,
)
from callcenter.domain.waiting_room import WaitingRoom
from ivr_flows.effects import QueueOutcome as FlowOutcome

ALARM = "room"
RING_GRACE_SEC = 5
"""The switch gives up a ringing phone this much after the Router's own deadline: a safety net only."""

OVERFLOW_OUTCOME = {
    OverflowReason.TIMEOUT: (e.QueueOutcome.OVERFLOW_TIMEOUT, FlowOutcome.TIMEOUT),
    OverflowReason.FULL: (e.QueueOutcome.OVERFLOW_FULL, FlowOutcome.FULL),
    OverflowReason.NO_AGENT: (e.QueueOutcome.OVERFLOW_NO_AGENT, FlowOutcome.NO_AGENT),
    OverflowReason.CLOSED: (e.QueueOutcome.OVERFLOW_CLOSED, FlowOutcome.CLOSED),
}
OFFER_FAILURE = {
    LegEndCause.BUSY: r.OfferFailure.BUSY,
    LegEndCause.DECLINED: r.OfferFailure.DECLINED,
}


class QueueDriver:
    """Owns the Router: whatever it is told is journaled first, whatever it asks is carried out in order."""

    def __init__(self, floor: Floor, router: Router) -> None:
        self._floor = floor
        self.router = router
        self.phones: dict[str, str] = {}
        self._rooms: dict[str, WaitingRoom] = {}
        self.wrap_ups: dict[str, tuple[str, str, int]] = {}

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
        """Let the call wait in the queue."""
        floor = self._floor
        if step.queue not in self.router.config.queues:
            floor.hang_up(call, e.EndedBy.SYSTEM, "no_such_queue")
            return
        floor.record(
            e.CallQueued(
                floor.now, call.call_id, step.queue, step.queued_at, step.priority, step.skills, step.agent_id
            )
        )
        self.wait(call)
        skills = tuple(SkillRequirement(skill, level) for skill, level in sorted(step.skills.items()))
        self.tell(
            r.CallQueued(call.call_id, step.queue, step.queued_at, step.priority, skills, step.agent_id)
        )
        # Behind the ringing, for which somebody waits.
        floor.order(SetVariables(call.leg_id, {"CC_QUEUE": step.queue, "CC_QUEUED_AT": str(step.queued_at)}))

    def wait(self, call: Call) -> None:
        """Begin (or, after a restart, begin anew) what the caller hears while waiting."""
        room = WaitingRoom.entered(self._floor.config.waiting, call.language, self._floor.now)
        self._rooms[call.call_id] = room
        self._floor.alarms.set((ALARM, call.call_id), room.next_at)

    def announce(self, call: Call) -> None:
        """The waiting caller is due to be spoken to."""
        room = self._rooms.get(call.call_id)
        if room is None or call.phase is not CallPhase.QUEUED:
            return
        floor = self._floor
        prompts = room.announcement(self.router.position(call.call_id), floor.now)
        media = tuple(uri for prompt in prompts if (uri := floor.config.audio(prompt)))
        if media:
            floor.order(Play(call.leg_id, f"{call.call_id}.w.{room.spoken}", media))
        floor.alarms.set((ALARM, call.call_id), room.next_at)

    def playback_ended(self, call: Call, event: PlaybackEnded) -> None:
        """After an announcement the music goes on."""
        if call.phase is CallPhase.QUEUED and event.playback_id.startswith(f"{call.call_id}.w."):
            self._floor.order(StartMusic(call.leg_id))

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

    def caller_left(self, call: Call, outcome: e.QueueOutcome) -> None:
        """The waiting caller is gone, or taken elsewhere."""
        self._leave(call, outcome)
        self.tell(r.CallLeft(call.call_id))

    def _carry_out(self, command: c.RouterCommand) -> None:
        match command:
            case c.MakeOffer():
                self._make_offer(command)
            case c.EndOffer():
                self._end_offer(command)
            case c.OverflowCall():
                self._overflow(command)
            case c.ChangePresence():
                self._presence(command)

    def _make_offer(self, offer: c.MakeOffer) -> None:
        floor = self._floor
        call = floor.calls[offer.call_id]
        leg_id = f"a-{offer.offer_id}"
        phone = self.phones[offer.agent_id]
        floor.record(
            e.OfferMade(
                floor.now,
                call.call_id,
                offer.offer_id,
                offer.queue,
                offer.agent_id,
                leg_id,
                offer.decision.to_dict(),
            )
        )
        floor.dial(
            DialPhone(
                leg_id=leg_id,
                call_id=call.call_id,
                phone=phone,
                caller=call.caller,
                caller_name=call.caller_name,
                ring_timeout_sec=max(1, (offer.expires_at - floor.now) // 1000) + RING_GRACE_SEC,
                wideband=call.wideband,
                variables={
                    "CC_CALL": call.call_id,
                    "CC_OFFER": offer.offer_id,
                    "CC_AGENT": offer.agent_id,
                },
            ),
            LegRef(call.call_id, LegRole.AGENT, offer.offer_id),
        )

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
            self._leave(call, e.QueueOutcome.ANSWERED)
            floor.then(OfferAnswered(call.call_id, end.offer_id, end.agent_id, offer.leg_id, end.queue))
        elif end.end in (c.OfferEnd.EXPIRED, c.OfferEnd.REVOKED):
            floor.order(HangUp(offer.leg_id))

    def _overflow(self, command: c.OverflowCall) -> None:
        floor = self._floor
        call = floor.calls[command.call_id]
        outcome, flow_outcome = OVERFLOW_OUTCOME[command.reason]
        queued_at, priority, skills = call.queued_at or floor.now, call.priority, call.skills
        self._leave(call, outcome)
        match command.target.kind:
            case OverflowKind.QUEUE:
                floor.then(ToQueue(call.call_id, command.target.name, queued_at, priority, skills))
            case OverflowKind.FLOW:
                floor.then(ToFlow(call.call_id, flow_outcome))
            case OverflowKind.HANG_UP:
                floor.hang_up(call, e.EndedBy.SYSTEM, command.reason.value)

    def _leave(self, call: Call, outcome: e.QueueOutcome) -> None:
        floor = self._floor
        wait_ms = max(0, floor.now - (call.queued_at or floor.now))
        self._rooms.pop(call.call_id, None)
        floor.alarms.set((ALARM, call.call_id), None)
        floor.record(e.QueueLeft(floor.now, call.call_id, call.queue or "", outcome, wait_ms))

    def _presence(self, change: c.ChangePresence) -> None:
        floor, agent_id = self._floor, change.agent_id
        began = self.wrap_ups.pop(agent_id, None)
        if began is not None:
            call_id, queue, at = began
            floor.record(e.WrapUpEnded(floor.now, call_id, agent_id, queue, floor.now - at))
        if change.presence is Presence.LOGGED_OUT and self.phones.pop(agent_id, None) is not None:
            floor.record(e.AgentPhoneChanged(floor.now, agent_id, None))
        if change.presence is Presence.WRAP_UP and change.call_id is not None:
            call = floor.calls.get(change.call_id)
            queue = (call.queue if call else None) or ""
            self.wrap_ups[agent_id] = (change.call_id, queue, floor.now)
        floor.record(
            e.PresenceChanged(
                floor.now, agent_id, change.presence.value, change.reason, change.call_id, change.until_at
            )
        )
