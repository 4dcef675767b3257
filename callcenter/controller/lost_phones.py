"""Talks whose agent's phone is gone without a word: a page that was reloaded, a browser that crashed, a desk
phone without power. The caller is never dropped for it: music, the agent's phone rung as soon as it is there
again, and the queue when it does not come back in time."""

from __future__ import annotations

from callcenter.controller.conversation import TALKING, ConversationDriver
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.queueing import QueueDriver
from callcenter.controller.steps import ToQueue
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.call_parts import Conversation
from callcenter.domain.switch import (
    Connect,
    HangUp,
    LegEndCause,
    LegRole,
    Separate,
    StartMusic,
)

ALARM = "lost_phone"
_UNWANTED = (LegEndCause.DECLINED, LegEndCause.NO_ANSWER)
"""Ends of the ringing after which the agent is not going to take the call."""


class LostPhones:
    """Keeps callers for agents whose phone is lost. ``reachable`` tells of each phone whether it can be
    rung; the phones of agents are the queue driver's."""

    def __init__(
        self, floor: Floor, queueing: QueueDriver, conversation: ConversationDriver, reachable: set[str]
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._conversation = conversation
        self._reachable = reachable

    def leg_ended(self, call: Call, leg_id: str, cause: LegEndCause) -> bool:
        """Take the end of an agent's leg, if it means that a phone was lost or did not come back."""
        talk = call.conversation
        if talk is None or call.consult is not None:  # in a consultation the other party has the caller
            return False
        if leg_id == talk.rung_leg_id:
            if cause in _UNWANTED:
                self._give_up(call, talk)
            return True
        if leg_id != talk.leg_id or cause is not LegEndCause.MEDIA_LOST:
            return False
        self._lost(call, talk)
        return True

    def phone_restarted(self, agent_id: str, phone: str) -> None:
        """The phone has no call any more; its leg in the switch, if there is one, is dead."""
        call = self._call_of(agent_id)
        talk = call.conversation if call else None
        if call is None or talk is None or self._queueing.phones.get(agent_id) != phone:
            return
        dead = talk.leg_ids
        if talk.leg_id and call.consult is None:
            self._lost(call, talk)
        self._floor.order(*(HangUp(leg_id, LegEndCause.MEDIA_LOST) for leg_id in dead))

    def phone_there(self, agent_id: str) -> None:
        """The agent's phone can be rung: for the call that is kept, if one is."""
        call = self._call_of(agent_id)
        if call is not None and call.conversation is not None:
            self._ring(call, call.conversation)

    def answered(self, call: Call, leg_id: str) -> bool:
        """Bring the agent, whose phone is back, and the caller together again, if that is what it is."""
        floor, talk = self._floor, call.conversation
        if talk is None or talk.rung_leg_id != leg_id:
            return False
        floor.alarms.set((ALARM, call.call_id), None)
        floor.record(e.AgentPhoneBack(floor.now, call.call_id, talk.agent_id, leg_id))
        floor.order(Connect(call.bridge_id, (call.leg_id, leg_id)))
        return True

    def deadline(self, call: Call) -> None:
        """The phone did not come back in time: the caller waits for another agent, ahead of the others."""
        talk = call.conversation
        if talk is not None and talk.kept_until_at is not None:
            self._give_up(call, talk)

    def take_up(self, call: Call) -> bool:
        """Go on after a restart, if the call is kept for a lost phone; it is rung when it is told of."""
        talk = call.conversation
        if talk is None or talk.kept_until_at is None:
            return False
        self._floor.order(StartMusic(call.leg_id))
        self._floor.alarms.set((ALARM, call.call_id), talk.kept_until_at)
        return True

    def _lost(self, call: Call, talk: Conversation) -> None:
        floor = self._floor
        joined = call.phase is CallPhase.TALKING
        until = floor.now + floor.config.agent_back_within_ms
        floor.record(e.AgentPhoneLost(floor.now, call.call_id, talk.agent_id, until))
        if joined:
            floor.order(Separate(call.bridge_id, call.leg_id), StartMusic(call.leg_id))
        floor.alarms.set((ALARM, call.call_id), until)
        if self._queueing.phones.get(talk.agent_id) in self._reachable:
            self._ring(call, talk)

    def _ring(self, call: Call, talk: Conversation) -> None:
        floor, phone = self._floor, self._queueing.phones.get(talk.agent_id)
        rings = talk.rung_leg_id in floor.legs
        if talk.kept_until_at is None or phone is None or rings or talk.kept_until_at <= floor.now:
            return
        leg_id = f"a-{call.call_id}.p{talk.rung + 1}"
        floor.record(e.AgentPhoneRung(floor.now, call.call_id, talk.agent_id, leg_id))
        until_sec = max(1, (talk.kept_until_at - floor.now) // 1000)
        ref = LegRef(call.call_id, LegRole.AGENT)
        floor.ring(call, phone, leg_id, ref, until_sec, talk.agent_id)

    def _give_up(self, call: Call, talk: Conversation) -> None:
        floor = self._floor
        floor.alarms.set((ALARM, call.call_id), None)
        self._conversation.leave_agent(call, talk)
        floor.part(call, joined=False)
        floor.then(
            ToQueue(
                call.call_id,
                talk.queue,
                floor.now,
                call.priority,
                dict(call.skills),
                place_at=call.place or call.arrived_at,
            )
        )

    def _call_of(self, agent_id: str) -> Call | None:
        agent = self._queueing.router.agent(agent_id)
        call = self._floor.calls.get((agent.call_id if agent else None) or "")
        talks = call is not None and call.phase in TALKING
        return call if talks and call and call.agent_in_hand == agent_id else None
