"""A Call as the fold of its DomainEvents.

Two rules: a Call changes only through ``apply``, so that the live call and the one rebuilt from the journal
are the same; and its phase moves only along TRANSITIONS, where an absent entry is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callcenter.domain import events as e
from callcenter.domain.call_parts import CallBack, Conversation, DialOut, OpenOffer, OutsideParty
from callcenter.domain.consult import Consult, consult_after
from callcenter.domain.overhearing import SupervisionMode
from callcenter.domain.supervision import Supervision, supervision_after


class CallPhase(StrEnum):
    """Where a Call is in its life."""

    IN_FLOW = "in_flow"
    PROMISED = "promised"
    QUEUED = "queued"
    TALKING = "talking"
    HELD = "held"
    RELEASED = "released"
    DIALLING = "dialling"
    ENDED = "ended"
    SETTLED = "settled"


TRANSITIONS: Mapping[tuple[CallPhase, type], CallPhase] = {
    (CallPhase.IN_FLOW, e.CallQueued): CallPhase.QUEUED,
    (CallPhase.IN_FLOW, e.OutsideDialled): CallPhase.RELEASED,
    (CallPhase.IN_FLOW, e.CallEnded): CallPhase.ENDED,
    # out of the queue: to an agent, back to the flow (overflow), or away
    (CallPhase.QUEUED, e.QueueLeft): CallPhase.RELEASED,
    # between two places, or with an outside party: nobody of ours has the caller
    (CallPhase.RELEASED, e.NodeEntered): CallPhase.IN_FLOW,
    (CallPhase.RELEASED, e.CallQueued): CallPhase.QUEUED,
    (CallPhase.RELEASED, e.OutsideDialled): CallPhase.RELEASED,
    (CallPhase.RELEASED, e.AgentConnected): CallPhase.TALKING,
    (CallPhase.RELEASED, e.CallEnded): CallPhase.ENDED,
    (CallPhase.TALKING, e.CallHeld): CallPhase.HELD,
    (CallPhase.HELD, e.CallRetrieved): CallPhase.TALKING,
    # the agent's phone is gone: the caller is held until it is back
    (CallPhase.TALKING, e.AgentPhoneLost): CallPhase.HELD,
    (CallPhase.HELD, e.AgentPhoneLost): CallPhase.HELD,
    (CallPhase.HELD, e.AgentPhoneBack): CallPhase.TALKING,
    (CallPhase.TALKING, e.AgentReleased): CallPhase.RELEASED,
    (CallPhase.HELD, e.AgentReleased): CallPhase.RELEASED,
    # a call-back: nobody is on the line; it waits for an agent, who then waits for the caller
    (CallPhase.PROMISED, e.CallQueued): CallPhase.QUEUED,
    (CallPhase.PROMISED, e.CallEnded): CallPhase.ENDED,
    (CallPhase.RELEASED, e.CallBackDialled): CallPhase.DIALLING,
    (CallPhase.DIALLING, e.AgentConnected): CallPhase.TALKING,
    (CallPhase.DIALLING, e.CallBackMissed): CallPhase.PROMISED,
    # a call that an agent makes
    (CallPhase.DIALLING, e.CallEnded): CallPhase.ENDED,
    (CallPhase.ENDED, e.CallSettled): CallPhase.SETTLED,
}
"""Every change of phase. An event that is named in no row changes no phase."""

_MOVERS = frozenset(kind for _, kind in TRANSITIONS)
_STAYING = frozenset({(CallPhase.IN_FLOW, e.NodeEntered)})


class ImpossibleEvent(Exception):
    """The event cannot happen to a call in this phase: a defect of whoever made it."""


@dataclass(slots=True)
class Call:
    """One whole conversation with a caller, from the trunk to the last piece of after-work. ``leg_id`` is
    empty as long as nobody is on the line: that of a call-back not dialled yet."""

    call_id: str
    leg_id: str
    trunk: str
    did: str
    caller: str
    caller_name: str
    wideband: bool
    arrived_at: int
    language: str
    flow: str
    flows_number: int = 0
    phase: CallPhase = CallPhase.IN_FLOW
    path: list[str] = field(default_factory=list)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    queue: str | None = None
    queued_at: int | None = None
    waits_by: e.CallQueued | None = None
    """What it asked for when it came to the queue where it waits, or waited last."""
    priority: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    outcome: e.QueueOutcome | None = None
    wait_ms: int = 0
    promises: int = 0
    back: CallBack | None = None
    out: DialOut | None = None
    offers: dict[str, OpenOffer] = field(default_factory=dict)
    offers_made: int = 0
    conversation: Conversation | None = None
    consult: Consult | None = None
    supervision: Supervision | None = None
    agent_id: str | None = None
    survey_offered: bool = False
    outside: OutsideParty | None = None
    meetings: int = 0
    life: str = ""
    """What sets ids of this life of the call apart from those of one before that is lost."""
    talk_ms: int = 0
    ended_at: int | None = None
    leaves_message: bool = False
    recording: e.RecordingBegan | None = None
    recording_result: e.RecordingStored | e.RecordingFailed | None = None
    history: list[e.DomainEvent] = field(default_factory=list)
    transcripts: dict[str, e.TranscriptStored | e.TranscriptMissing] = field(default_factory=dict)
    ticket_asked: e.TicketAsked | None = None
    ticket_id: str | None = None
    ticket_updates: dict[str, e.TicketUpdateAsked] = field(default_factory=dict)
    """All that is to be added to its ticket, in order; ``ticket_updated`` are those that are."""
    ticket_updated: set[str] = field(default_factory=set)
    sends: dict[str, e.WebhookAsked] = field(default_factory=dict)
    """All that webhooks are to be told; ``sends_over`` are those that are done or given up."""
    sends_over: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    """The lists whose way the caller went."""

    @staticmethod
    def begun(event: e.CallBegan) -> Call:
        """The Call that begins with this event."""
        call = Call(
            call_id=event.call_id,
            leg_id="",
            trunk=event.trunk,
            did=event.did,
            caller=event.caller,
            caller_name=event.caller_name,
            wideband=False,
            arrived_at=event.at,
            language=event.language,
            flow=event.flow,
            flows_number=event.flows_number,
        )
        match event:
            case e.CallArrived():
                call.leg_id, call.wideband = event.leg_id, event.wideband
            case e.CallBackPromised():
                call.phase, call.checkpoint = CallPhase.PROMISED, event.checkpoint
                call.queue, call.queued_at = event.queue, event.queued_at
                call.priority, call.skills = event.priority, dict(event.skills)
                call.back = CallBack(event.call_back_of, event.give_up_at)
            case e.CallDialledOut():
                call.phase, call.queue = CallPhase.DIALLING, event.queue
                call.out = DialOut(event.agent_id, event.agent_leg_id, event.queue, event.missed_call_id)
        call.history.append(event)
        return call

    @property
    def live(self) -> bool:
        """It is not over: the caller's leg is there, or the caller is still to be called back."""
        return self.phase not in (CallPhase.ENDED, CallPhase.SETTLED)

    @property
    def place(self) -> int | None:
        """Since when it stands in line, for its place in the order; the wait counts from ``queued_at``."""
        kept = self.waits_by.place_at if self.waits_by else None
        return self.queued_at if kept is None else kept

    @property
    def call_back_of(self) -> str | None:
        """The call whose caller is called back by this one: as promised, or by an agent who saw it missed."""
        if self.back is not None:
            return self.back.of
        return self.out.missed_call_id or None if self.out is not None else None

    @property
    def agent_in_hand(self) -> str | None:
        """The agent whose work the call is now: who talks with the caller, or waits for the answer."""
        if self.conversation is not None:
            return self.conversation.agent_id
        if self.out is not None and self.phase is CallPhase.DIALLING:
            return self.out.agent_id
        return self.back.dialled.agent_id if self.back and self.back.dialled else None

    @property
    def agents_at_work(self) -> dict[str, str]:
        """The legs of the agents whose work the call is now: the one in hand (empty while their phone is
        lost), and who is consulted."""
        legs = {self.agent_in_hand: self.agent_leg_id or ""} if self.agent_in_hand else {}
        if self.consult is not None and self.consult.agent_id and self.consult.leg_id:
            legs[self.consult.agent_id] = self.consult.leg_id
        return legs

    @property
    def talks_with_agent(self) -> str | None:
        """The leg of whom the agent presses keys for: the consulted party when that is whom the agent talks
        with, or is outside in a conference; else the caller; None when nobody hears the agent."""
        consult = self.consult
        if consult is not None and consult.answered:
            outside = consult.joined and not consult.agent_id
            if outside or self.phase is CallPhase.HELD:
                return consult.leg_id
        return self.leg_id if self.phase is CallPhase.TALKING else None

    @property
    def is_being_taken_over(self) -> bool:
        """A supervisor is about to have the caller."""
        return self.supervision is not None and self.supervision.mode is SupervisionMode.TAKE_OVER

    @property
    def in_line(self) -> bool:
        """The Router has it to find an agent: for the caller, or for the agent who wants to consult one."""
        return self.phase is CallPhase.QUEUED or (self.consult is not None and self.consult.sought)

    @property
    def agent_leg_id(self) -> str | None:
        """The leg of the agent in hand."""
        if self.conversation is not None:
            return next(iter(self.conversation.leg_ids), None)
        if self.out is not None and self.phase is CallPhase.DIALLING:
            return self.out.agent_leg_id
        return self.back.dialled.agent_leg_id if self.back and self.back.dialled else None

    @property
    def agent_ids(self) -> list[str]:
        """Those who have talked with the caller, in order, each once."""
        talks = [event.agent_id for event in self.history if isinstance(event, e.AgentConnected)]
        return list(dict.fromkeys(talks))

    @property
    def outside_leg_id(self) -> str | None:
        """The leg of the outside party."""
        return self.outside.leg_id if self.outside else None

    @property
    def bridge_id(self) -> str:
        """Where the caller meets the present party: a bridge of its own for each, because the switch takes a
        moment to clear away the one before."""
        return f"b-{self.call_id}.{self.meetings}"

    def apply(self, event: e.DomainEvent) -> None:
        """Take in one fact about this call, in the order of the journal.

        Raises ImpossibleEvent, without having changed anything, when TRANSITIONS has no row for it.
        """
        self.phase = self._next_phase(event)
        self.history.append(event)
        self.supervision = supervision_after(self.supervision, event)
        match event:
            case e.NodeEntered():
                self.path.append(event.node)
                self.checkpoint = event.checkpoint
            case e.SurveyOffered():
                self.survey_offered = True
            case e.SurveyAnswered():
                self.checkpoint = event.checkpoint
            case e.LanguageChosen():
                self.language = event.language
            case e.CallQueued():
                self.waits_by, self.queue, self.queued_at = event, event.queue, event.queued_at
                self.priority = event.priority
                self.skills = dict(event.skills)
                self.outcome = None
            case e.CallChanged():
                self.priority = event.priority
                self.skills = dict(event.skills)
            case e.QueueLeft():
                self.outcome = event.outcome
                self.promises += event.outcome is e.QueueOutcome.CALLBACK_REQUESTED
                self.wait_ms = event.wait_ms
            case e.OfferMade():
                self.offers_made += 1
                self.offers[event.offer_id] = OpenOffer(
                    event.offer_id, event.agent_id, event.leg_id, event.queue, event.at
                )
            case e.OfferEnded():
                self.offers.pop(event.offer_id, None)
            case e.CallEnded():
                self.ended_at = event.at
            case e.CallBackDialled() | e.CallBackMissed() if self.back is not None:
                self._apply_call_back(self.back, event)
            case _:
                self._apply_conversation(event)

    def _apply_call_back(self, back: CallBack, event: e.CallBackDialled | e.CallBackMissed) -> None:
        match event:
            case e.CallBackDialled():
                back.dials += 1
                back.dialled, self.leg_id = event, event.leg_id
            case e.CallBackMissed():
                back.missed += event.cause is not e.MissedCause.AGENT_LEFT
                back.retry_at, back.dialled, self.leg_id = event.retry_at, None, ""

    def _next_phase(self, event: e.DomainEvent) -> CallPhase:
        kind = type(event)
        if kind not in _MOVERS or (self.phase, kind) in _STAYING:
            return self.phase
        try:
            return TRANSITIONS[self.phase, kind]
        except KeyError:
            raise ImpossibleEvent(
                f"call {self.call_id}: {kind.__name__} cannot happen while {self.phase}"
            ) from None

    def _apply_conversation(self, event: e.DomainEvent) -> None:
        match event:
            case e.AgentConnected():
                self.agent_id, self.queue = event.agent_id, event.queue
                self.meetings += 1
                if self.back is not None:
                    self.back.dialled = None
                self.conversation = Conversation(event.agent_id, event.leg_id, event.queue, event.at)
            case e.ConsultAsked() | e.ConsultAnswered() | e.ConferenceBegan() | e.ConsultEnded():
                self.consult = consult_after(self.consult, event)
            case e.CallHeld() if self.conversation:
                self.conversation.held_at = event.at
            case e.CallRetrieved() if self.conversation:
                self.conversation.on_line_again(event.at)
            case e.AgentPhoneLost() | e.AgentPhoneRung() | e.AgentPhoneBack() if self.conversation:
                self.conversation.phone(event)
            case e.OutsideDialled():
                self.outside = OutsideParty(event.leg_id, event.by_flow, event.record)
                self.meetings += 1
            case e.OutsideAnswered() if self.outside:
                self.outside.answered = True
            case e.OutsideEnded():
                self.outside = None
            case e.AgentReleased():
                self.talk_ms += event.talk_ms
                self.conversation = None
            case _:
                self._apply_after_work(event)

    def _apply_after_work(self, event: e.DomainEvent) -> None:
        match event:
            case e.MessageBegan() | e.MessageEnded():
                self.leaves_message = isinstance(event, e.MessageBegan)
            case e.RecordingBegan():
                self.recording = event
            case e.RecordingStored() | e.RecordingFailed():
                self.recording_result = event
            case e.TranscriptStored() | e.TranscriptMissing():
                self.transcripts[event.leg] = event
            case e.TicketAsked():
                self.ticket_asked = event
            case e.TicketLinked():
                self.ticket_id = event.ticket_id
            case _:
                self._apply_outside(event)

    def _apply_outside(self, event: e.DomainEvent) -> None:
        match event:
            case e.TicketUpdateAsked():
                self.ticket_updates[event.update_id] = event
            case e.TicketUpdated():
                self.ticket_updated.add(event.update_id)
            case e.WebhookAsked():
                self.sends[event.send_id] = event
            case e.WebhookDelivered() | e.WebhookGivenUp():
                self.sends_over.add(event.send_id)
            case e.CallerListed():
                self.listed.add(event.list)
            case e.CallRecovered():
                self.meetings, self.life = event.meetings, f".{event.at}"
            case e.PartyDialled():
                self.leg_id = event.leg_id
            case _:
                pass

    @property
    def sends_owed(self) -> list[e.WebhookAsked]:
        """What webhooks must still be told."""
        return [asked for send_id, asked in self.sends.items() if send_id not in self.sends_over]

    @property
    def ticket_update_owed(self) -> e.TicketUpdateAsked | None:
        """What the ticket, as soon as there is one, must have next."""
        owed = (asked for key, asked in self.ticket_updates.items() if key not in self.ticket_updated)
        return next(owed, None)

    @property
    def after_work_done(self) -> bool:
        """Recording, transcripts, ticket and webhooks have all come to their end, one way or the other."""
        if self.sends_owed:
            return False
        if self.ticket_asked is not None and (self.ticket_id is None or self.ticket_update_owed):
            return False
        if self.recording is None or isinstance(self.recording_result, e.RecordingFailed):
            return True
        return self.recording_result is not None and len(self.transcripts) == len(TRANSCRIBED_LEGS)


TRANSCRIBED_LEGS = ("caller", "agent")
"""The sides of a call, in the order of the recording's channels."""
