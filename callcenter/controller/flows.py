"""Calls in their IVR flows: FlowEffects become facts and commands, facts become FlowEvents."""

from __future__ import annotations

from callcenter.controller.floor import Floor
from callcenter.controller.messages import OpenTicket, ToFlow, ToQueue
from callcenter.controller.published_flows import PublishedFlows
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import DigitPressed, Play, PlaybackEnded, StartMusic, StopPlay
from ivr_flows import effects as f
from ivr_flows.interpreter import CallFacts, FlowSession

ALARM = "flow"
UNHEARD_PROMPT_MS = 30_000
"""A prompt playback longer than this per prompt is taken for stuck and ended as failed."""


class FlowDriver:
    """Runs one FlowSession per call that is (or may come back to) a flow."""

    def __init__(self, floor: Floor, published: PublishedFlows) -> None:
        self._floor = floor
        self._published = published
        self._sessions: dict[str, FlowSession] = {}

    def begin(self, call: Call) -> None:
        """Put a new call at the start of its flow."""
        session = self._session(call)
        self._sessions[call.call_id] = session
        self._carry_out(call, session.start(self._floor.now))

    def knows(self, call_id: str) -> bool:
        """Whether the call's flow is already run here."""
        return call_id in self._sessions

    def resume(self, call: Call) -> None:
        """Stand the flow of a call found after a restart where the journal says it was."""
        self._sessions[call.call_id] = FlowSession.resumed(
            self._published.flow_of(call),
            self._facts(call),
            self._floor.config.route(call.did).calendars,
            call.checkpoint,
            parked=call.phase is not CallPhase.IN_FLOW,
        )

    def take_up(self, call: Call) -> None:
        """Let a resumed flow go on: the caller hears the node again."""
        self._carry_out(call, self._sessions[call.call_id].start(self._floor.now))

    def digit(self, call: Call, event: DigitPressed) -> None:
        """The caller pressed a digit."""
        self._tell(call, f.DigitReceived(event.digit))

    def playback_ended(self, call: Call, event: PlaybackEnded) -> None:
        """A playback on the caller's leg is over; one of another part of the centre is not ours."""
        prefix = f"{call.call_id}.p."
        if event.playback_id.startswith(prefix):
            if event.failed:
                self._note_failure(call)
            self._tell(call, f.PlayEnded(event.playback_id.removeprefix(prefix), event.failed))

    def come_back(self, call: Call, step: ToFlow) -> None:
        """The call returns from a queue or from an agent."""
        self._tell(call, f.QueueLeft(step.outcome))

    def ticket_done(self, call: Call, ticket_id: str | None) -> None:
        """The ticket that the flow waits for exists, or is delayed."""
        self._tell(call, f.TicketDone(ticket_id))

    def deadline(self, call: Call) -> None:
        """The session's own deadline has come."""
        self._tell(call, f.DeadlineReached())

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._sessions.pop(call_id, None)
        self._floor.alarms.set((ALARM, call_id), None)

    def _session(self, call: Call) -> FlowSession:
        calendars = self._floor.config.route(call.did).calendars
        return FlowSession(self._published.flow_of(call), self._facts(call), calendars)

    @staticmethod
    def _facts(call: Call) -> CallFacts:
        return CallFacts(caller=call.caller, did=call.did, trunk=call.trunk, language=call.language)

    def _tell(self, call: Call, event: f.FlowEvent) -> None:
        session = self._sessions.get(call.call_id)
        if session is not None:
            self._carry_out(call, session.handle(event, self._floor.now))

    def _carry_out(self, call: Call, effects: list[f.FlowEffect]) -> None:
        floor, call_id = self._floor, call.call_id
        session = self._sessions[call_id]
        answers: list[f.FlowEvent] = []
        for effect in effects:
            match effect:
                case f.NodeEntered():
                    floor.ending.pop(call_id, None)
                    floor.record(
                        e.NodeEntered(
                            floor.now, call_id, effect.flow, effect.version, effect.node, session.checkpoint()
                        )
                    )
                case f.PlayPrompts():
                    if not self._play(call, effect):
                        self._note_failure(call)
                        answers.append(f.PlayEnded(effect.token, failed=True))
                case f.StopPrompts():
                    floor.order(StopPlay(call.leg_id, f"{call_id}.p.{effect.token}"))
                case f.EnterQueue():
                    floor.order(StartMusic(call.leg_id))
                    floor.then(
                        ToQueue(call_id, effect.queue, floor.now, effect.priority, dict(effect.skills))
                    )
                case f.AskTicket():
                    ask_ticket(floor, call, effect.category, effect.text)
                    if call.ticket_id is not None:
                        answers.append(f.TicketDone(call.ticket_id))
                case f.LanguageChosen():
                    floor.record(e.LanguageChosen(floor.now, call_id, effect.language))
                case f.EndCall():
                    floor.hang_up(call, e.EndedBy.FLOW, effect.reason)
        floor.alarms.set((ALARM, call_id), session.next_deadline())
        for answer in answers:
            self._tell(call, answer)

    def _note_failure(self, call: Call) -> None:
        node = call.path[-1] if call.path else ""
        self._floor.record(e.PromptFailed(self._floor.now, call.call_id, call.flow, node))

    def _play(self, call: Call, effect: f.PlayPrompts) -> bool:
        """Play what there is; False when there is no audio at all."""
        media = tuple(uri for prompt in effect.prompts if (uri := self._floor.config.audio(prompt)))
        timeout_ms = UNHEARD_PROMPT_MS * max(1, len(media))
        playback_id = f"{call.call_id}.p.{effect.token}"
        if media:
            self._floor.order(Play(call.leg_id, playback_id, media, timeout_ms))
        return bool(media)


def ask_ticket(floor: Floor, call: Call, category: str, text: str) -> None:
    """See to it that the call has a ticket, once: from here the journal knows that one is owed."""
    if call.ticket_asked is None:
        floor.record(e.TicketAsked(floor.now, call.call_id, category, text, call.queue or ""))
    asked = call.ticket_asked
    if asked is not None and call.ticket_id is None:
        floor.ask(
            OpenTicket(call.call_id, call.caller, asked.category, asked.text, asked.queue, call.language)
        )
