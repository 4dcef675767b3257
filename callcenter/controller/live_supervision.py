"""Supervisors in calls: rung at their phones, heard by whom they should be, let go when nobody is there.

What should be follows from the call alone: ``follow``, at the end of each message, brings about what is not
so yet. So whatever else happens to a call, and after a restart, the supervisor hears the agent who has it.
"""

from __future__ import annotations

from dataclasses import replace

from acd import events as r
from acd.model import Presence
from callcenter.controller.agents import AgentDesk
from callcenter.controller.conversation import TALKING, ConversationDriver
from callcenter.controller.floor import Floor, LegRef
from callcenter.controller.queueing import QueueDriver
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.overhearing import (
    OverhearingFailed,
    StartOverhearing,
    StartSilence,
    StopOverhearing,
    StopSilence,
    SupervisionMode,
)
from callcenter.domain.supervision import Supervision
from callcenter.domain.switch import HangUp, LegEnded, LegRole, SetVariables, StartMusic

RING_SEC = 30
SPEAKING = (SupervisionMode.WHISPER, SupervisionMode.BARGE)


class LiveSupervision:
    """Carries out Supervise and StopSupervising, and keeps every supervision in step with its call."""

    def __init__(
        self, floor: Floor, queueing: QueueDriver, conversation: ConversationDriver, agents: AgentDesk
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._conversation = conversation
        self._agents = agents
        self._heard: dict[str, StartOverhearing | None] = {}
        """What each supervisor whose phone is up hears, as far as this controller brought it about: None is
        music."""
        self._silenced: dict[str, str] = {}
        """The agent's leg of each call that is sent silence (empty: none is), as far as that is known."""
        self._begun = 0

    # --- what supervisors ask ------------------------------------------------------------------------------

    def supervise(self, asked: c.Supervise) -> c.Refused | None:
        """Ring the supervisor's phone, or go on in the other mode."""
        floor, call = self._floor, self._floor.calls.get(asked.call_id)
        if call is None or call.phase not in TALKING:
            return c.Refused(f"call {asked.call_id} has no agent", "choose a call that talks now")
        if not floor.switch_up:
            return c.Refused("the telephone switch cannot be reached", "try again in a moment")
        if call.consult is not None and asked.mode is SupervisionMode.TAKE_OVER:
            return c.Refused("a consultation is under way", "barge in, or wait for its end")
        if call.supervision is not None:
            return self._change(call, call.supervision, asked)
        phone = self._phone(asked)
        if isinstance(phone, c.Refused):
            return phone
        works_there = self._queueing.phones.get(asked.agent_id or "") == phone
        if asked.mode is SupervisionMode.TAKE_OVER and not works_there:
            return c.Refused("only an agent at work can take a call over", "log in as an agent first")
        earlier = sum(isinstance(event, e.SupervisionBegan) for event in call.history)
        leg_id = f"m-{call.call_id}.{earlier}"
        agent_id = asked.agent_id if works_there else None
        floor.record(
            e.SupervisionBegan(floor.now, call.call_id, leg_id, asked.by, phone, asked.mode, agent_id)
        )
        floor.supervised.add(call.call_id)
        floor.ring(call, phone, leg_id, LegRef(call.call_id, LegRole.MONITOR), RING_SEC)
        return None

    def stop(self, asked: c.StopSupervising) -> c.Refused | None:
        """Let the supervisor go."""
        call = self._floor.calls.get(asked.call_id)
        if call is None or call.supervision is None:
            return c.Refused(f"nobody supervises call {asked.call_id}", "nothing is to be done")
        self._end(call, call.supervision, "stopped", by=asked.by)
        return None

    def _change(self, call: Call, known: Supervision, asked: c.Supervise) -> c.Refused | None:
        if known.by != asked.by:
            return c.Refused(f"{known.by} supervises this call", "ask them to stop, or stop it")
        if asked.phone not in (None, known.phone):
            return c.Refused(f"you take part from phone {known.phone}", "stop first, then choose another")
        if asked.mode is SupervisionMode.TAKE_OVER and known.agent_id is None:
            return c.Refused(
                f"no agent works at phone {known.phone}",
                "stop, log in as an agent, and take the call over from that phone",
            )
        if asked.mode is not known.mode:
            floor = self._floor
            floor.record(e.SupervisionChanged(floor.now, call.call_id, asked.mode, asked.by))
        return None

    def _phone(self, asked: c.Supervise) -> str | c.Refused:
        """The phone at which to ring the supervisor."""
        phones = self._queueing.phones
        phone = asked.phone or phones.get(asked.agent_id or "")
        if phone is None:
            return c.Refused("no phone to ring you at", "name a phone, or log in as an agent")
        works_there = next((agent_id for agent_id, taken in phones.items() if taken == phone), None)
        if works_there not in (None, asked.agent_id):
            return c.Refused(f"phone {phone} is taken by agent {works_there}", "choose another phone")
        agent = self._queueing.router.agent(works_there or "")
        if agent is not None and agent.presence is not Presence.NOT_READY:
            return c.Refused(f"agent {works_there} takes calls at phone {phone}", "pause first")
        if any(one.phone == phone for one in self._floor.supervisions()):
            return c.Refused(f"phone {phone} supervises another call", "stop that first")
        if phone not in self._agents.reachable:
            return c.Refused("the phone cannot be rung", "see that the phone is on and registered")
        return phone

    # --- what the switch tells -----------------------------------------------------------------------------

    def answered(self, call: Call, leg_id: str) -> None:
        """The supervisor picked up; one who is not expected any more is let go. Safe to repeat."""
        floor, known = self._floor, call.supervision
        if known is None or known.leg_id != leg_id:
            floor.order(HangUp(leg_id))
        elif not known.answered:
            floor.record(e.SupervisionAnswered(floor.now, call.call_id, leg_id))
            self._silenced.setdefault(call.call_id, "")

    def leg_ended(self, call: Call, event: LegEnded) -> None:
        """The supervisor hung up, or never came."""
        known = call.supervision
        if known is not None and known.leg_id == event.leg_id:
            self._record_end(call, known, event.cause.value)

    def failed(self, call: Call, event: OverhearingFailed) -> None:
        """Who can hear nothing is told so by the hang-up."""
        heard, known = self._heard.get(call.call_id), call.supervision
        if heard is not None and known is not None and heard.overhearing_id == event.overhearing_id:
            self._end(call, known, "failed")

    def call_over(self, call: Call) -> None:
        """The caller's leg is gone."""
        if call.supervision is not None:
            self._end(call, call.supervision, "call_over")

    # --- what follows from it ------------------------------------------------------------------------------

    def seen_anew(self) -> None:
        """The switch is in sight again; what was asked of it last may have been lost."""
        self._silenced.clear()

    def follow(self) -> None:
        """Bring every supervision in step with its call. Out of sight of the switch nothing is done."""
        floor = self._floor
        for call_id in sorted(floor.supervised) if floor.switch_up else ():
            call = floor.calls.get(call_id)
            known = call.supervision if call is not None else None
            if call is None or known is None:
                if call is not None:
                    self._silence(call, wanted=False)
                self._forget(call_id)
            elif known.agent_id is not None and self._queueing.phones.get(known.agent_id) != known.phone:
                self._end(call, known, "logged_out")
            elif call.phase not in (*TALKING, CallPhase.QUEUED):
                self._end(call, known, "agent_gone")
            elif known.answered and known.mode is SupervisionMode.TAKE_OVER:
                self._take_over(call, known)
            elif known.answered:
                self._let_hear(call, known)
                if call.consult is None or call.consult.answered:  # ringing would end with the silence
                    alone = call.phase is CallPhase.HELD and call.consult is None
                    self._silence(call, wanted=alone and known.mode in SPEAKING)

    def _let_hear(self, call: Call, known: Supervision) -> None:
        """The agent, or music while the call waits for one, or the agent's phone is lost."""
        agent_leg_id = call.conversation.leg_id if call.conversation else ""
        new = call.call_id not in self._heard
        heard = self._heard.get(call.call_id)
        if not agent_leg_id:
            if new or heard is not None:
                self._hear_no_more(call)
                self._floor.order(StartMusic(known.leg_id))
                self._heard[call.call_id] = None
        elif heard is None or (heard.leg_id, heard.mode) != (agent_leg_id, known.mode):
            self._hear_no_more(call)
            self._begun += 1
            overhearing_id = f"{known.leg_id}-{self._begun}"
            wanted = StartOverhearing(agent_leg_id, known.leg_id, overhearing_id, known.mode)
            self._floor.order(wanted)
            self._heard[call.call_id] = wanted

    def _silence(self, call: Call, *, wanted: bool) -> None:
        """Let an agent who is spoken to hear it also while nothing else sounds, the caller being held. An
        agent who left the call has no leg any more in which it could be silent."""
        leg_id = call.conversation.leg_id if call.conversation is not None else ""
        silenced, wished = self._silenced.get(call.call_id, leg_id), leg_id if wanted else ""
        if leg_id and silenced == leg_id != wished:
            self._floor.order(StopSilence(leg_id, call.bridge_id))
        if wished and self._silenced.get(call.call_id) != wished:
            self._floor.order(StartSilence(wished))
        self._silenced[call.call_id] = wished

    def _forget(self, call_id: str) -> None:
        self._floor.supervised.discard(call_id)
        self._heard.pop(call_id, None)
        self._silenced.pop(call_id, None)

    def _take_over(self, call: Call, known: Supervision) -> None:
        """The supervisor, on the line already, becomes the agent of the call; the agent wraps up."""
        floor, talk, agent_id = self._floor, call.conversation, known.agent_id
        assert talk is not None
        assert agent_id is not None
        self._queueing.tell(r.CallTaken(agent_id, call.call_id, talk.queue))
        floor.record(e.CallTakenOver(floor.now, call.call_id, talk.agent_id, agent_id, known.by))
        self._record_end(call, known, "took_over")
        floor.legs[known.leg_id] = replace(floor.legs[known.leg_id], role=LegRole.AGENT)
        self._queueing.last_agents.talked(floor.config.canonical_caller(call), agent_id)
        floor.order(
            SetVariables(known.leg_id, leg_variables.of_agent(call, agent_id, known.phone, floor.now))
        )
        self._conversation.hand_over(call, agent_id, known.leg_id)

    def _end(self, call: Call, known: Supervision, reason: str, by: str = "") -> None:
        self._record_end(call, known, reason, by)
        self._floor.order(HangUp(known.leg_id))

    def _record_end(self, call: Call, known: Supervision, reason: str, by: str = "") -> None:
        floor = self._floor
        self._hear_no_more(call)
        self._silence(call, wanted=False)
        floor.record(e.SupervisionEnded(floor.now, call.call_id, known.leg_id, reason, by, known.agent_id))
        self._forget(call.call_id)

    def _hear_no_more(self, call: Call) -> None:
        heard = self._heard.get(call.call_id)
        if heard is not None:
            self._floor.order(StopOverhearing(heard.leg_id, heard.overhearing_id))
