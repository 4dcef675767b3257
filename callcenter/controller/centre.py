"""The Centre: every machine behind one door.

``handle(message, now)`` is the whole of the controller's thinking: synchronous, without clock, IO or dice.
The shell carries out the Outcome and arms one timer for ``next_deadline``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from acd import events as r
from acd.router import Router
from callcenter.controller import (
    after_work,
    call_back,
    consulting,
    flows,
    lost_phones,
    queueing,
    recovery,
)
from callcenter.controller import steps as st
from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.agents import AgentDesk
from callcenter.controller.arrival import arrive
from callcenter.controller.call_back import CallBackDriver
from callcenter.controller.consulting import ConsultDriver
from callcenter.controller.conversation import TALKING, ConversationDriver
from callcenter.controller.dialling_out import DialOutDriver
from callcenter.controller.floor import CentreConfig, Floor, LegRef
from callcenter.controller.flows import FlowDriver
from callcenter.controller.live_transcripts import LiveTranscripts
from callcenter.controller.messages import (
    AgentAsked,
    CallerListsChanged,
    DeadlineReached,
    FlowsChanged,
    JobDone,
    LookUpAnswered,
    Message,
    Outcome,
    PromptAnswered,
    PromptsMade,
    Reconfigured,
    RecordingUnfinished,
    SpeechReady,
    SpeechTold,
    Started,
    SupervisorAsked,
    TakeChecked,
    TalkAudioWanted,
    TicketDelayed,
)
from callcenter.controller.outside import OutsideDriver
from callcenter.controller.published_flows import PublishedFlows
from callcenter.controller.queueing import QueueDriver
from callcenter.controller.supervision import Supervision
from callcenter.controller.transfers import TransferDriver
from callcenter.domain import events as e
from callcenter.domain import switch as sw
from callcenter.domain.alarms import earlier
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.listening import ListeningFailed, StartListening
from callcenter.domain.overhearing import OverhearingFailed

REMEMBERED_SETTLED = 500
"""Settled calls kept in memory for whoever looks at the last ones; the store has them all."""


class Centre:
    """All live calls, all agents, all queues. Only ``handle`` changes anything."""

    def __init__(self, config: CentreConfig, router: Router) -> None:
        self.floor = Floor(config)
        self.published = PublishedFlows(self.floor)
        self.outside = OutsideDriver(self.floor)
        self.flows = FlowDriver(self.floor, self.published, self.outside)
        self.queueing = QueueDriver(self.floor, router, self.flows.waiting_policy)
        self.after_work = AfterWorkDriver(self.floor)
        self.conversation = ConversationDriver(self.floor, self.flows, self.after_work)
        self.transfers = TransferDriver(self.floor, self.flows, self.after_work)
        self.call_backs = CallBackDriver(self.floor, self.queueing, self.flows, self.after_work)
        self.consults = ConsultDriver(
            self.floor, self.queueing, self.conversation, self.transfers, self.after_work
        )
        self.dial_outs = DialOutDriver(self.floor, self.queueing, self.after_work)
        self.agents = AgentDesk(self.floor, self.queueing, self.conversation, self.consults, self.dial_outs)
        self.supervision = Supervision(self.floor, self.queueing, self.conversation, self.agents)
        self.live_transcripts = LiveTranscripts(self.floor)
        self.adopted: set[str] = set()
        """Calls of the journal that have not been seen in the switch yet."""
        self._settled: deque[str] = deque()

    def handle(self, message: Message, now: int) -> Outcome:
        """Take in one message. Never raises for anything that the world may do."""
        floor = self.floor
        floor.now, floor.outcome = now, Outcome()
        self._dispatch(message)
        self._go_on()
        self.supervision.follow()
        self._go_on()
        self.live_transcripts.follow()
        self.published.watch_over()
        self._forget_settled()
        return floor.outcome

    def next_deadline(self) -> int | None:
        """When DeadlineReached is to be told, or None. While the switch is out of sight nothing is due: what
        a deadline decides could not be carried out, and may have been overtaken unseen."""
        if not self.floor.switch_up:
            return None
        return earlier(self.floor.alarms.next(), self.queueing.router.next_deadline())

    def _dispatch(self, message: Message) -> None:  # noqa: PLR0912  (one branch per message)
        match message:
            case sw.LegAnswered() | sw.LegEnded():  # what comes most, asked for first
                self._leg_event(message)
            case AgentAsked(command):
                self.floor.outcome.refusal = self.agents.ask(command)
            case SupervisorAsked(asked):
                self.floor.outcome.refusal = self.supervision.ask(asked)
            case JobDone(event) | (RecordingUnfinished() as event):
                self._job_done(event)
            case (
                TicketDelayed()
                | LookUpAnswered()
                | PromptsMade()
                | TakeChecked()
                | PromptAnswered()
                | SpeechReady()
                | SpeechTold()
            ):
                if call := self.floor.calls.get(message.call_id):
                    self.flows.work_done(call, message)
            case TalkAudioWanted():
                self.live_transcripts.audio_wanted(message)
            case Started():
                self.floor.record(e.CentreStarted(self.floor.now, self.floor.config.version))
                self.published.begin()
                self.queueing.configure(self.floor.config.acd)
                recovery.resume(self)
            case Reconfigured():
                self._reconfigure(message)
            case FlowsChanged():
                self.published.change(message)
            case CallerListsChanged(lists):
                self.floor.config = replace(self.floor.config, caller_lists=lists)
            case DeadlineReached():
                self._deadlines()
            case _:
                self._switch_event(message)

    def _reconfigure(self, message: Reconfigured) -> None:
        """Waiting calls keep their places, agents their Presence, talks go on."""
        self.floor.config = self.floor.config.reconfigured(message)
        self.queueing.configure(message.acd)
        self.live_transcripts.look_at_all()

    def _go_on(self) -> None:
        while self.floor.steps:
            self._step(self.floor.steps.popleft())

    def _step(self, step: st.Step) -> None:  # noqa: PLR0912  (one branch per step)
        call = self.floor.calls.get(step.call_id)
        if call is None or (not call.live and not isinstance(step, st.AgentFree)):
            return
        match step:
            case st.ToQueue():
                self.after_work.pause_recording(call)
                self.queueing.enter(call, self.call_backs.place_of(call, step))
            case st.ConsultMissed() | st.OfferAnswered() if call.consult is not None:
                self.consults.take(call, step)
            case st.OfferAnswered() if not call.leg_id:
                self.call_backs.dial(call, step)
            case st.OfferAnswered():
                caller = self.floor.config.canonical_caller(call)
                self.queueing.last_agents.talked(caller, step.agent_id)
                self.conversation.connect(call, step.agent_id, step.leg_id, step.queue)
            case st.AgentFree():
                self.queueing.tell(r.AgentReleased(step.agent_id, step.call_id, step.talked))
            case st.ToFlow() | st.ToFlowByKey():
                self.flows.come_back(call, step)
            case st.ToCallBack():
                self.call_backs.promise(call)
            case st.GiveUp():
                self.call_backs.end(call, step.why)
            case st.ToMessage():
                self.after_work.take_message(call)
                flows.ask_ticket(self.floor, call, step.category, step.text)
            case st.MessageDone():
                self.after_work.message_done(call)
            case st.LeaveQueue():
                self.queueing.wait_no_longer(call)
            case st.ToOutside() | st.LetOutsideGo():
                self.transfers.take(call, step)

    # --- what the switch tells -----------------------------------------------------------------------------

    def _switch_event(self, event: sw.SwitchEvent) -> None:
        match event:
            case sw.CallerArrived():
                if event.leg_id not in self.floor.legs:
                    self.flows.begin(arrive(self.floor, event, self.published))
            case sw.SwitchConnected():
                recovery.reconcile(self, event)
            case sw.SwitchLost():
                self.floor.switch_up = False
                self.floor.record(e.SwitchStateChanged(event.at, up=False))
            case sw.PhoneReachabilityChanged():
                self.agents.phone_reachable(event.phone, reachable=event.reachable)
            case sw.PhoneDialled():
                self.dial_outs.phone_dialled(event)
            case sw.CommandFailed():
                self._command_failed(event)
            case _:
                self._leg_event(event)

    def _leg_event(self, event: sw.SwitchEvent) -> None:
        ref = self.floor.legs.get(getattr(event, "leg_id", ""))
        call = self.floor.calls.get(ref.call_id) if ref else None
        if ref is None or call is None:
            if isinstance(event, sw.LegAnswered) and self.floor.switch_up:  # given up before it was dialled
                self.floor.order(sw.HangUp(event.leg_id))
            self.dial_outs.refusal_heard(event)
            return
        match event:
            case sw.LegEnded():
                self.leg_ended(call, ref, event)
            case sw.LegAnswered():
                self.leg_answered(call, ref, event.leg_id)
            case sw.DigitPressed() if ref.role is sw.LegRole.CALLER and call.phase is CallPhase.QUEUED:
                self._key_while_waiting(call, event.digit)
            case sw.DigitPressed() if ref.role is sw.LegRole.CALLER:
                self.flows.digit(call, event)
            case sw.HoldChanged() if (
                ref.role is sw.LegRole.AGENT and call.phase in TALKING and not call.consult
            ):
                self.conversation.note_hold(call, held=event.held)
            case sw.TransferAsked() if ref.role is sw.LegRole.AGENT:
                self.agents.transfer_asked_by_phone(call, event)
            case sw.RecordingStarted() | sw.RecordingFailed():
                self.after_work.switch_told(call, event)
            case _:
                self._media_event(call, event)

    def _media_event(self, call: Call, event: sw.SwitchEvent) -> None:
        match event:
            case sw.PlaybackEnded():
                self.flows.playback_ended(call, event)
                self.queueing.playback_ended(call, event)
            case ListeningFailed():
                if not self.live_transcripts.listening_failed(call, event):
                    self.flows.listening_failed(call, event)
            case OverhearingFailed():
                self.supervision.live.failed(call, event)

    def _key_while_waiting(self, call: Call, digit: str) -> None:
        if self.flows.is_way_out(call, digit):
            self.queueing.leave_by_key(call, digit)
        else:
            self.call_backs.key_pressed(call, digit)

    def leg_answered(self, call: Call, ref: LegRef, leg_id: str) -> None:
        """A phone that we rang was picked up."""
        if ref.role is sw.LegRole.CONSULTED:
            if not self.consults.outside_answered(call, leg_id):
                self.transfers.answered(call, leg_id)
        elif ref.role is sw.LegRole.MONITOR:
            self.supervision.live.answered(call, leg_id)
        elif ref.role is sw.LegRole.CALLER:
            self._called_back(call, leg_id)
        elif self.agents.lost_phones.answered(call, leg_id):
            pass
        elif call.out is not None and ref.offer_id is None:
            self.dial_outs.agent_answered(call, leg_id)
        elif ref.offer_id is not None and leg_id not in call.agents_at_work.values():
            self.queueing.offer_answered(ref.offer_id, leg_id)

    def _called_back(self, call: Call, leg_id: str) -> None:
        """A caller whom we dialled picked up; one whose agent has hung up meanwhile has nobody to talk to."""
        if call.phase is CallPhase.DIALLING and call.leg_id == leg_id:
            (self.call_backs if call.out is None else self.dial_outs).answered(call)
        elif call.leg_id != leg_id:
            self.floor.order(sw.HangUp(leg_id))

    def leg_ended(self, call: Call, ref: LegRef, event: sw.LegEnded) -> None:
        """A leg is gone: what that means depends on whose it was and on what the call was doing."""
        del self.floor.legs[event.leg_id]
        match ref.role:
            case _ if self.dial_outs.leg_ended(call, event.leg_id, event.cause):
                pass
            case sw.LegRole.CALLER if call.leg_id != event.leg_id:
                pass  # a try to call back that is over
            case sw.LegRole.CALLER if call.phase is CallPhase.DIALLING:
                self.call_backs.missed(call, event.cause)
            case sw.LegRole.CALLER:
                self._caller_gone(call, event)
            case _ if self.consults.leg_ended(call, event.leg_id, event.cause):
                pass
            case sw.LegRole.CONSULTED:
                self.transfers.ended(call, event.leg_id, event.cause)
            case sw.LegRole.MONITOR:
                self.supervision.live.leg_ended(call, event)
            case _ if self.agents.lost_phones.leg_ended(call, event.leg_id, event.cause):
                pass
            case _ if call.conversation is not None and call.conversation.leg_id == event.leg_id:
                self.conversation.agent_leg_ended(call)
            case _ if call.agent_leg_id == event.leg_id:
                self.call_backs.agent_left(call)
            case _ if ref.offer_id in call.offers:
                self.queueing.offer_failed(ref.offer_id, event.cause)

    def _caller_gone(self, call: Call, event: sw.LegEnded) -> None:
        floor = self.floor
        lost = event.cause is sw.LegEndCause.FAILED
        default = (e.EndedBy.SYSTEM, "switch_lost") if lost else (e.EndedBy.CALLER, event.cause.value)
        by, reason = floor.ending.pop(call.call_id, default)
        if call.phase is CallPhase.QUEUED:
            waited_ms = floor.now - (call.queued_at or floor.now)
            outcome = floor.config.queue(call.queue).outcome_of_end(by, waited_ms, lost=lost)
            self.queueing.caller_left(call, outcome)
        self.consults.caller_gone(call)
        self.supervision.live.call_over(call)
        self.conversation.caller_gone(call)
        self.transfers.caller_gone(call)
        floor.record(e.CallEnded(floor.now, call.call_id, by, reason))
        self.flows.forget(call.call_id)
        self.after_work.call_over(call)

    def _command_failed(self, event: sw.CommandFailed) -> None:
        match event.command:
            case sw.StartRecording() | StartListening() | sw.Play() | sw.DialPhone() | sw.DialNumber():
                pass  # answered by RecordingFailed, ListeningFailed, PlaybackEnded and LegEnded
            case sw.Connect(leg_ids=(leg_id, *_)) if ref := self.floor.legs.get(leg_id):
                call = self.floor.calls[ref.call_id]
                if call.consult and call.consult.leg_id == leg_id:
                    self.consults.leg_ended(call, leg_id, sw.LegEndCause.FAILED)
                elif call.phase in TALKING:
                    self.floor.hang_up(call, e.EndedBy.SYSTEM, "connect_failed")
            case _:
                pass

    # --- what jobs and time tell ---------------------------------------------------------------------------

    def _job_done(self, event: e.DomainEvent | RecordingUnfinished) -> None:
        call = self.floor.calls.get(getattr(event, "call_id", ""))
        if call is None:
            return
        match event:
            case e.RecordingStored():
                self.after_work.recording_stored(call, event)
            case RecordingUnfinished():
                self.after_work.recording_unfinished(call, event)
            case e.TranscriptStored() | e.TranscriptMissing():
                self.after_work.transcript_known(call, event)
            case e.TicketLinked():
                self.after_work.ticket_known(call, event)
                self.outside.update_ticket(call)
                self.flows.ticket_done(call, event.ticket_id)
            case e.TicketUpdated() | e.WebhookDelivered() | e.WebhookGivenUp():
                self.outside.done(call, event)
                self.after_work.settle(call)
            case _:
                pass

    def _deadlines(self) -> None:
        floor = self.floor
        if not floor.switch_up:
            return
        for kind, call_id in floor.alarms.due(floor.now):
            call = floor.calls.get(call_id)
            if call is None:
                continue
            match kind:
                case flows.ALARM:
                    self.flows.deadline(call)
                case flows.PROMPT_ALARM:
                    self.flows.prompts_overdue(call)
                case queueing.ALARM:
                    self.queueing.announce(call)
                case after_work.ALARM:
                    self.after_work.deadline(call)
                case call_back.ALARM:
                    self.call_backs.deadline(call)
                case lost_phones.ALARM:
                    self.agents.lost_phones.deadline(call)
                case consulting.ALARM:
                    self.consults.deadline(call)
        due = self.queueing.router.next_deadline()
        if due is not None and due <= floor.now:
            self.queueing.tell(r.DeadlineReached())

    def _forget_settled(self) -> None:
        for event in self.floor.outcome.events:
            if isinstance(event, e.CallSettled):
                self._settled.append(event.call_id)
        while len(self._settled) > REMEMBERED_SETTLED:
            self.floor.calls.pop(self._settled.popleft(), None)
