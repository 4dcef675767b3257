"""Calls that agents make: the agent's phone is rung first, then the number, so that nobody is ever called by
a centre that has no one to talk with. An agent may as well dial the number at the phone itself. The Router is
told that the agent is busy (CallTaken)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acd import events as r
from acd.model import Presence
from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.queueing import QueueDriver
from callcenter.controller.steps import AgentFree, OfferAnswered
from callcenter.controller.transfers import RING_SEC, RINGING
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.call_parts import DialOut
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.domain.missed_calls import MissedCall, missed_in
from callcenter.domain.switch import (
    DialNumber,
    HangUp,
    LegEndCause,
    LegRole,
    PhoneDialled,
    Play,
    PlaybackEnded,
    SetVariables,
    SwitchEvent,
)

PHONE_RINGS_SEC = 20
FREE = (Presence.READY, Presence.NOT_READY)
NOT_REACHED: Final[Mapping[LegEndCause, str]] = {
    LegEndCause.BUSY: "busy",
    LegEndCause.DECLINED: "declined",
    LegEndCause.NO_ANSWER: "no_answer",
}
"""The reason of CallEnded when the party did not answer; whatever else it was, it failed."""
REFUSED: Final = ("tone:congestion",)
REFUSED_MS = 3000


class DialOutDriver:
    """Makes calls for agents, up to the moment in which the two talk."""

    def __init__(self, floor: Floor, queueing: QueueDriver, after_work: AfterWorkDriver) -> None:
        self._floor = floor
        self._queueing = queueing
        self._after_work = after_work

    def allows(self, agent_id: str) -> bool:
        """Whether the agent may make calls."""
        policy = self._floor.config.dial_out
        return policy is not None and agent_id in policy.agents

    def begin(self, command: c.DialOut) -> c.Refused | None:
        """Ring the agent's phone; the number follows."""
        made = self._made(command)
        if isinstance(made, c.Refused):
            return made
        phone, out = self._queueing.phones[command.agent_id], _out(made)
        ref = LegRef(made.call_id, LegRole.AGENT)
        self._floor.ring(made, phone, out.agent_leg_id, ref, PHONE_RINGS_SEC, out.agent_id)
        return None

    def phone_dialled(self, event: PhoneDialled) -> None:
        """What an agent dials at the phone is allowed to whom it is from the desk; who may not hears so. Safe
        to repeat."""
        floor, phones = self._floor, self._queueing.phones
        if event.leg_id in floor.legs:
            return
        agent_id = next((agent_id for agent_id, phone in phones.items() if phone == event.phone), "")
        made = self._made(c.DialOut(agent_id, event.number), event.leg_id)
        if isinstance(made, c.Refused):
            floor.order(Play(event.leg_id, _refusal(event.leg_id), REFUSED, REFUSED_MS))
            return
        floor.legs[event.leg_id] = LegRef(made.call_id, LegRole.AGENT)
        told = leg_variables.of_agent(made, agent_id, event.phone, floor.now)
        floor.order(SetVariables(event.leg_id, told))
        self.agent_answered(made, event.leg_id)

    def refusal_heard(self, event: SwitchEvent) -> None:
        """A phone that may not dial has heard so: it is hung up."""
        if isinstance(event, PlaybackEnded) and event.playback_id == _refusal(event.leg_id):
            self._floor.order(HangUp(event.leg_id))

    def _made(self, command: c.DialOut, leg_id: str = "") -> Call | c.Refused:
        """The call that the agent makes, over this leg if the phone has one already."""
        floor, agent_id = self._floor, command.agent_id
        policy = floor.config.dial_out
        if policy is None or agent_id not in policy.agents:
            return c.Refused(f"agent {agent_id} may not dial out", "have it allowed in the settings")
        if refused := self._busy(agent_id):
            return refused
        if command.number in self._queueing.phones.values():
            return c.Refused("that is a colleague's phone", "dial outside numbers; hand calls on to agents")
        number, shown, trunk = command.number, policy.shown, policy.trunk or floor.config.outbound_trunk
        if command.missed_call_id:
            missed = self._missed(command)
            if isinstance(missed, c.Refused):
                return missed
            number, shown, trunk = missed.caller, missed.did, trunk or missed.trunk
        if trunk is None or not c.DIALLABLE.fullmatch(number):
            return c.Refused(
                "that number cannot be dialled", "use digits, * and #, with + in front if need be"
            )
        return self._record(command, policy, number, shown, trunk, leg_id)

    def _busy(self, agent_id: str) -> c.Refused | None:
        agent = self._queueing.router.agent(agent_id)
        if agent is None or agent.presence not in FREE or not agent.logged_in:
            return c.Refused(f"agent {agent_id} is not free", "finish the work in hand first")
        if self._queueing.phones.get(agent_id) is None or not agent.phone_reachable:
            return c.Refused("the phone cannot be rung", "see that the phone is on and registered")
        if any(one.agent_id == agent_id for one in self._floor.supervisions()):
            return c.Refused(f"agent {agent_id} supervises a call", "stop that first")
        return None

    def _missed(self, command: c.DialOut) -> MissedCall | c.Refused:
        """The call whose caller hung up while waiting, and whom nobody is calling back."""
        call_id = command.missed_call_id
        known = self._floor.calls.get(call_id)
        missed = command.missed if known is None else missed_in(known)
        if missed is None:
            return c.Refused(f"{call_id} is no call missed lately", "dial the number itself")
        for call in self._floor.calls.values():
            if call.live and call.out is not None and call.out.missed_call_id == call_id:
                return c.Refused(f"agent {call.out.agent_id} calls them back", "leave it to that agent")
        return missed

    def _record(
        self, command: c.DialOut, policy: DialOutPolicy, number: str, shown: str, trunk: str, leg_id: str
    ) -> Call:
        floor, agent_id = self._floor, command.agent_id
        call_id = f"d-{agent_id}-{floor.now}"
        self._queueing.tell(r.CallTaken(agent_id, call_id, policy.queue))
        dialled = e.CallDialledOut(
            at=floor.now,
            call_id=call_id,
            agent_id=agent_id,
            agent_leg_id=leg_id or f"a-{call_id}",
            caller=number,
            did=shown,
            trunk=trunk,
            queue=policy.queue,
            language=floor.config.route(shown).language,
            missed_call_id=command.missed_call_id,
        )
        call = floor.calls[call_id] = Call.begun(dialled)
        floor.record(dialled)
        return call

    def agent_answered(self, call: Call, leg_id: str) -> None:
        """The agent has picked up: dial the party. Safe to repeat."""
        floor, out = self._floor, call.out
        if out is None or call.phase is not CallPhase.DIALLING or leg_id != out.agent_leg_id or call.leg_id:
            return
        party = f"k-{call.call_id}"
        floor.record(e.PartyDialled(floor.now, call.call_id, party))
        floor.dial(
            DialNumber(
                leg_id=party,
                call_id=call.call_id,
                trunk=call.trunk,
                number=call.caller,
                caller=call.did,
                ring_timeout_sec=RING_SEC,
                variables=leg_variables.of_party(call, out.queue, floor.now),
            ),
            LegRef(call.call_id, LegRole.CALLER),
        )
        self.let_hear_ringing(call)

    def let_hear_ringing(self, call: Call) -> None:
        """The agent hears that it rings."""
        out = _out(call)
        self._floor.order(Play(out.agent_leg_id, f"{call.leg_id}.ringing", RINGING, RING_SEC * 2000))

    def answered(self, call: Call) -> None:
        """The party picked up."""
        out = _out(call)
        self._floor.then(OfferAnswered(call.call_id, "", out.agent_id, out.agent_leg_id, out.queue))

    def leg_ended(self, call: Call, leg_id: str, cause: LegEndCause) -> bool:
        """Whether this was a leg of a call that is still being made, which is over thereby."""
        out = call.out
        if out is None or call.phase is not CallPhase.DIALLING:
            return False
        if leg_id == out.agent_leg_id:
            reason = "agent_hung_up" if call.leg_id else "agent_unreached"
            self._end(call, out, e.EndedBy.AGENT, reason)
        else:
            self._end(call, out, e.EndedBy.SYSTEM, NOT_REACHED.get(cause, "failed"))
        return True

    def _end(self, call: Call, out: DialOut, by: e.EndedBy, reason: str) -> None:
        """Nobody talked."""
        floor = self._floor
        for leg_id in (out.agent_leg_id, call.leg_id):
            if leg_id and floor.legs.pop(leg_id, None) is not None:
                floor.order(HangUp(leg_id))
        floor.record(e.CallEnded(floor.now, call.call_id, by, reason))
        floor.then(AgentFree(call.call_id, out.agent_id, talked=False))
        self._after_work.call_over(call)


def _refusal(leg_id: str) -> str:
    """The playback by which a phone hears that it may not dial."""
    return f"{leg_id}.refused"


def _out(call: Call) -> DialOut:
    """What is known of a call that an agent makes."""
    assert call.out is not None
    return call.out
