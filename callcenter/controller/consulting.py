"""Consultations: an agent asks somebody while the caller hears music, and perhaps hands the caller on.

The agent stays in the call's bridge all the time; caller and consulted party come to it and go. When the
agent leaves, however that comes about, the two others are brought together; when the consulted party leaves
or never comes, the agent has the caller back. Agents are found and rung by the Router, which gives its
reasons; for it the call waits once more meanwhile, as one with nobody on the line. That is no wait of the
caller's, and no figure counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acd import events as r
from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.conversation import ConversationDriver
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.queueing import QueueDriver
from callcenter.controller.steps import AgentFree, ConsultMissed, OfferAnswered
from callcenter.controller.transfers import RING_SEC, RINGING, TransferDriver
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.call_parts import Conversation
from callcenter.domain.consult import Consult
from callcenter.domain.switch import (
    Connect,
    DestroyBridge,
    DialNumber,
    HangUp,
    LegEndCause,
    LegRole,
    Play,
    Separate,
    StartMusic,
    StopPlay,
)

ALARM = "consult"
SOUGHT_MS = RING_SEC * 1000
"""For how long the Router seeks an agent to be consulted."""
NEVER_CAME: Final[Mapping[LegEndCause, e.ConsultEnd]] = {
    LegEndCause.BUSY: e.ConsultEnd.BUSY,
    LegEndCause.DECLINED: e.ConsultEnd.BUSY,
    LegEndCause.NO_ANSWER: e.ConsultEnd.NO_ANSWER,
}


class ConsultDriver:
    """What happens between caller, agent and whoever the agent consults."""

    def __init__(
        self,
        floor: Floor,
        queueing: QueueDriver,
        conversation: ConversationDriver,
        transfers: TransferDriver,
        after_work: AfterWorkDriver,
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._conversation = conversation
        self._transfers = transfers
        self._after_work = after_work

    # --- what the agent asks -------------------------------------------------------------------------------

    def begin(self, call: Call, command: c.Consult) -> c.Refused | None:
        """Ask a target that exists; the caller hears music, and the agent that it rings."""
        floor, talk, kind, target = self._floor, _talk(call), command.kind, command.target
        queue = {e.TransferKind.QUEUE: target, e.TransferKind.AGENT: talk.queue}.get(kind, "")
        if call.is_being_taken_over:
            return c.Refused("a supervisor takes the call over", "leave the caller to them")
        if refused := self._not_to_be_had(kind, target, queue):
            return refused
        if call.phase is CallPhase.TALKING:
            self._conversation.hold(call)
        earlier = sum(isinstance(event, e.ConsultAsked) for event in call.history)
        consult_id = f"{call.call_id}.q{earlier + 1}"
        leg_id = "" if queue else f"q-{consult_id}"
        floor.record(
            e.ConsultAsked(floor.now, call.call_id, consult_id, talk.agent_id, kind, target, queue, leg_id)
        )
        self._let_hear_ringing(call)
        if queue:
            only = target if kind is e.TransferKind.AGENT else None
            self._queueing.tell(
                r.CallQueued(call.call_id, queue, floor.now, call.priority, agent_id=only, virtual=True)
            )
            self.resume(call)
        else:
            self._dial(call, leg_id, target)
        return None

    def ask(self, call: Call, command: c.ConsultControl) -> c.Refused | None:
        """Do with the consultation what its agent wants."""
        consult = call.consult
        if consult is None:
            return c.Refused("nobody is consulted", "consult somebody first")
        match command:
            case c.EndConsult():
                self._end(call, e.ConsultEnd.CANCELLED)
            case c.CompleteTransfer():
                self._hand_on(call)
            case _ if not consult.answered:
                return c.Refused("the consulted party has not answered yet", "wait, or end the consultation")
            case c.Swap() if consult.joined:
                return c.Refused("all three hear each other", "hand the caller on, or end the consultation")
            case c.Swap():
                self._swap(call, consult)
            case c.Confer() if not consult.joined:
                self._join(call, consult)
            case c.Confer():
                pass
        return None

    # --- what the others do --------------------------------------------------------------------------------

    def take(self, call: Call, step: OfferAnswered | ConsultMissed) -> None:
        """The Router has taken the answer of the agent to be consulted; or one did not answer: another of the
        queue is sought then, but nobody instead of the one asked for."""
        consult = call.consult
        match step:
            case OfferAnswered():
                self._answered(call, step.leg_id, step.agent_id, step.queue)
            case ConsultMissed() if consult is not None and consult.sought:
                if step.for_good or consult.kind is e.TransferKind.AGENT:
                    self._end(call, step.end)

    def outside_answered(self, call: Call, leg_id: str) -> bool:
        """Whether this leg is the consulted party's, who has picked up. Safe to repeat."""
        consult = call.consult
        if consult is None or consult.leg_id != leg_id:
            return False
        if not consult.answered:
            self._answered(call, leg_id)
        return True

    def leg_ended(self, call: Call, leg_id: str, cause: LegEndCause) -> bool:
        """Whether this was the leg of somebody in the consultation, which is over thereby."""
        consult, talk = call.consult, call.conversation
        if consult is None or talk is None or leg_id not in (consult.leg_id, talk.leg_id):
            return False
        if leg_id == talk.leg_id:
            self._hand_on(call)
        else:
            left = e.ConsultEnd.LEFT if consult.answered else NEVER_CAME.get(cause, e.ConsultEnd.FAILED)
            self._end(call, left)
        return True

    def caller_gone(self, call: Call) -> None:
        """The caller's leg is gone: whoever is consulted is let go."""
        if call.consult is not None:
            self._let_go(call, call.consult, e.ConsultEnd.CALLER_LEFT)

    def deadline(self, call: Call) -> None:
        """Nobody was found in time."""
        if call.consult is not None and call.consult.sought:
            self._end(call, e.ConsultEnd.NO_ANSWER)

    # --- restarts ------------------------------------------------------------------------------------------

    def resume(self, call: Call) -> None:
        """Know until when an agent is sought."""
        if call.consult is not None and call.consult.sought:
            self._floor.alarms.set((ALARM, call.call_id), call.consult.asked_at + SOUGHT_MS)

    def mend(self, call: Call) -> None:
        """The Router, after a power cut, does not know that it seeks somebody: the agent has the caller back.
        The switch is told by ``recovery``."""
        if call.consult is not None:
            floor, talk = self._floor, _talk(call)
            floor.record(e.ConsultEnded(floor.now, call.call_id, talk.agent_id, e.ConsultEnd.FAILED))
            self._conversation.note_hold(call, held=False)

    def take_up(self, call: Call, joined: set[str]) -> None:
        """Let everybody hear again what belongs to the place where the consultation stands; legs that are
        ``joined`` as they should be are left alone."""
        consult, talk, floor = call.consult, _talk(call), self._floor
        assert consult is not None
        together, aside = [talk.leg_id], list[str]()
        (aside if call.phase is CallPhase.HELD else together).append(call.leg_id)
        if consult.answered:
            with_agent = consult.joined or call.phase is CallPhase.HELD
            (together if with_agent else aside).append(consult.leg_id)
        else:
            floor.order(StopPlay(talk.leg_id, _ringing(consult)))
        for leg_id in aside:
            floor.order(Separate(call.bridge_id, leg_id), StartMusic(leg_id))
        if joined != set(together):
            floor.order(Connect(call.bridge_id, tuple(together)))
        if not consult.answered:
            self._let_hear_ringing(call)

    # --- inner workings ------------------------------------------------------------------------------------

    def _not_to_be_had(self, kind: e.TransferKind, target: str, queue: str) -> c.Refused | None:
        router = self._queueing.router
        if queue and queue not in router.config.queues:
            return c.Refused(f"queue {queue} is no more", "choose a queue, or a number")
        if kind is e.TransferKind.AGENT:
            availability = router.availability(target)
            if availability is None or availability.rule is not None:
                return c.Refused(
                    f"agent {target} can take no call now", "choose an agent who is ready, or a queue"
                )
        return None

    def _dial(self, call: Call, leg_id: str, number: str) -> None:
        floor = self._floor
        floor.dial(
            DialNumber(
                leg_id=leg_id,
                call_id=call.call_id,
                trunk=floor.config.outbound_trunk or call.trunk,
                number=number,
                caller=call.did,
                ring_timeout_sec=RING_SEC,
                variables=leg_variables.of_outside(call),
            ),
            LegRef(call.call_id, LegRole.CONSULTED),
        )

    def _let_hear_ringing(self, call: Call) -> None:
        """The agent hears that it rings."""
        if call.consult is not None:
            leg_id, timeout_ms = _talk(call).leg_id, 2 * SOUGHT_MS
            self._floor.order(Play(leg_id, _ringing(call.consult), RINGING, timeout_ms))

    def _answered(self, call: Call, leg_id: str, agent_id: str = "", queue: str = "") -> None:
        floor, consult = self._floor, call.consult
        assert consult is not None
        asking = _talk(call)
        floor.record(e.ConsultAnswered(floor.now, call.call_id, asking.agent_id, leg_id, agent_id, queue))
        floor.alarms.set((ALARM, call.call_id), None)
        floor.order(StopPlay(asking.leg_id, _ringing(consult)), Connect(call.bridge_id, (leg_id,)))

    def _swap(self, call: Call, consult: Consult) -> None:
        floor = self._floor
        if call.phase is CallPhase.HELD:
            floor.order(Separate(call.bridge_id, consult.leg_id), StartMusic(consult.leg_id))
            self._conversation.retrieve(call)
        else:
            self._conversation.hold(call)
            floor.order(Connect(call.bridge_id, (consult.leg_id,)))

    def _join(self, call: Call, consult: Consult) -> None:
        floor = self._floor
        if call.phase is CallPhase.HELD:
            self._conversation.retrieve(call)
        else:
            floor.order(Connect(call.bridge_id, (consult.leg_id,)))
        floor.record(e.ConferenceBegan(floor.now, call.call_id, _talk(call).agent_id))
        self._record_anew(call)

    def _end(self, call: Call, end: e.ConsultEnd) -> None:
        """Nobody is consulted any more; the agent has the caller back."""
        consult = call.consult
        if consult is None:
            return
        self._let_go(call, consult, end)
        if call.phase is CallPhase.HELD:
            self._conversation.retrieve(call)
        if consult.joined:
            self._record_anew(call)

    def _let_go(self, call: Call, consult: Consult, end: e.ConsultEnd) -> None:
        """Whoever is consulted, or rung for it, hangs up."""
        floor = self._floor
        if consult.sought:
            self._queueing.tell(r.CallLeft(call.call_id))
        if not consult.answered:
            floor.order(StopPlay(_talk(call).leg_id, _ringing(consult)))
        self._over(call, end)
        if consult.leg_id:
            floor.order(HangUp(consult.leg_id))
        if consult.agent_id:
            floor.then(AgentFree(call.call_id, consult.agent_id, talked=False))

    def _over(self, call: Call, end: e.ConsultEnd) -> None:
        floor = self._floor
        floor.alarms.set((ALARM, call.call_id), None)
        floor.record(e.ConsultEnded(floor.now, call.call_id, _talk(call).agent_id, end))

    def _hand_on(self, call: Call) -> None:
        """The agent leaves (or has left) the caller to the consulted party; where an agent is still sought,
        the caller waits for one."""
        floor, consult, talk = self._floor, call.consult, _talk(call)
        assert consult is not None
        if consult.sought:
            self._let_go(call, consult, e.ConsultEnd.HANDED_ON)
            self._conversation.transfer(call, consult.kind, consult.target)
            return
        floor.record(e.CallTransferred(floor.now, call.call_id, talk.agent_id, consult.kind, consult.target))
        self._over(call, e.ConsultEnd.COMPLETED)
        if consult.answered:
            floor.order(Separate(call.bridge_id, consult.leg_id))
        if call.phase is CallPhase.TALKING:
            floor.order(Separate(call.bridge_id, call.leg_id))
        floor.order(DestroyBridge(call.bridge_id))
        self._after_work.pause_recording(call)
        self._conversation.leave_agent(call, talk)
        if consult.agent_id:
            floor.then(OfferAnswered(call.call_id, "", consult.agent_id, consult.leg_id, consult.queue))
        else:
            self._transfers.take_over(call, consult.leg_id, answered=consult.answered)

    def _record_anew(self, call: Call) -> None:
        """The caller hears another mixture from now on (see AfterWorkDriver.pause_recording)."""
        if call.recording is not None:
            self._after_work.pause_recording(call)
            self._after_work.resume_recording(call)


def _talk(call: Call) -> Conversation:
    """The part of the agent who consults somebody."""
    assert call.conversation is not None
    return call.conversation


def _ringing(consult: Consult) -> str:
    """The playback by which the agent hears it ring."""
    return f"{consult.consult_id}.ringing"
