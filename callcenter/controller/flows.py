"""Calls in their IVR flows: FlowEffects become facts and commands, facts become FlowEvents."""

from __future__ import annotations

from typing import Final

from callcenter.controller.floor import Floor
from callcenter.controller.hearing import HearingDriver
from callcenter.controller.messages import (
    MakePrompts,
    MessageDone,
    OpenTicket,
    ToFlow,
    ToMessage,
    ToQueue,
)
from callcenter.controller.published_flows import PublishedFlows
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.listening import ListeningFailed
from callcenter.domain.switch import (
    DigitPressed,
    LegEndCause,
    Play,
    PlaybackEnded,
    StartMusic,
    StopMusic,
    StopPlay,
)
from ivr_flows import effects as f
from ivr_flows.interpreter import CallFacts, FlowSession
from ivr_flows.model import MenuNode, PlayNode

ALARM = "flow"
UNTOLD = "?"
PROMPT_ALARM = "prompts"
UNHEARD_PROMPT_MS = 30_000
"""A prompt playback longer than this per prompt is taken for stuck and ended as failed."""
CAUSES: Final = {"normal": LegEndCause.NORMAL, "busy": LegEndCause.BUSY, "rejected": LegEndCause.DECLINED}
"""What the caller's telephone system is told, by the flow's word for it."""


class FlowDriver:
    """Runs one FlowSession per call that is (or may come back to) a flow."""

    def __init__(self, floor: Floor, published: PublishedFlows) -> None:
        self._floor = floor
        self._published = published
        self._hearing = HearingDriver(floor)
        self._sessions: dict[str, FlowSession] = {}
        self._unplayed: dict[str, f.PlayPrompts] = {}
        """What a call is to hear as soon as its audio is made; the caller hears silence so long. It is not
        journaled: after a restart the flow enters its node again, and asks again."""

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
            seed=call.call_id,
            seal=self._floor.config.seal,
        )

    def take_up(self, call: Call) -> None:
        """Let a resumed flow go on: the caller hears the node again."""
        self._carry_out(call, self._sessions[call.call_id].start(self._floor.now))

    def digit(self, call: Call, event: DigitPressed) -> None:
        """The caller pressed a digit. What is keyed while talking is nobody's business here."""
        if call.phase is CallPhase.IN_FLOW:
            told = event.digit if self._is_choice(call) else UNTOLD
            self._floor.record(e.KeyPressed(self._floor.now, call.call_id, told))
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

    def prompts_made(self, call: Call, token: str) -> None:
        """The audio that was missing is there, or is not to be had in time."""
        waiting = self._unplayed.get(call.call_id)
        if waiting is not None and waiting.token == token:
            self.prompts_overdue(call)

    def prompts_overdue(self, call: Call) -> None:
        """The caller has waited long enough: what there is is played; with nothing, the prompt has failed."""
        waiting = self._unplayed.get(call.call_id)
        self._no_longer_unplayed(call.call_id)
        if waiting is not None and not self._play_what_there_is(call, waiting):
            self._note_failure(call)
            self._tell(call, f.PlayEnded(waiting.token, failed=True))

    def speech_ready(self, call: Call, token: str) -> None:
        """What the caller says will be recognised."""
        self._hearing.ready(call, token)

    def speech_told(self, call: Call, event: f.SpeechHeard | f.SpeechUnavailable) -> None:
        """The caller has spoken, or nobody can hear it."""
        if isinstance(event, f.SpeechUnavailable):
            self._hearing.end(call.call_id, event.token)
        self._tell(call, event)

    def listening_failed(self, call: Call, event: ListeningFailed) -> None:
        """The switch does not let us hear the caller (any more)."""
        token = self._hearing.token_of(call, event.listening_id)
        if token is not None:
            self.speech_told(call, f.SpeechUnavailable(token))

    def deadline(self, call: Call) -> None:
        """The session's own deadline has come."""
        self._tell(call, f.DeadlineReached())

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._sessions.pop(call_id, None)
        self._hearing.end(call_id)
        self._no_longer_unplayed(call_id)
        self._floor.alarms.set((ALARM, call_id), None)

    def _is_choice(self, call: Call) -> bool:
        """A key is a choice here, and no part of a number that only the caller should know."""
        node = self._published.flow_of(call).nodes.get(call.path[-1] if call.path else "")
        return isinstance(node, PlayNode | MenuNode)

    def _session(self, call: Call) -> FlowSession:
        return FlowSession(
            self._published.flow_of(call),
            self._facts(call),
            self._floor.config.route(call.did).calendars,
            seed=call.call_id,
            seal=self._floor.config.seal,
        )

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
                    self._no_longer_unplayed(call_id)
                    floor.ending.pop(call_id, None)
                    floor.record(
                        e.NodeEntered(
                            floor.now, call_id, effect.flow, effect.version, effect.node, session.checkpoint()
                        )
                    )
                case f.PlayPrompts():
                    self._play(call, effect)
                case f.StopPrompts() | f.PlayMusic() | f.StopMusic():
                    self._sound(call, effect)
                case f.EnterQueue():
                    floor.order(StartMusic(call.leg_id))
                    floor.then(
                        ToQueue(call_id, effect.queue, floor.now, effect.priority, dict(effect.skills))
                    )
                case f.AskTicket():
                    ask_ticket(floor, call, effect.category, effect.text)
                    if call.ticket_id is not None:
                        answers.append(f.TicketDone(call.ticket_id))
                case f.BeginMessage() | f.EndMessage():
                    floor.then(_message_step(call_id, effect))
                case f.BeginListening() | f.EndListening():
                    self._hearing.carry_out(call, effect)
                case f.ChoiceSpoken() | f.LanguageChosen():
                    floor.record(_fact(floor.now, call_id, effect))
                case f.EndCall():
                    floor.hang_up(call, e.EndedBy.FLOW, effect.reason, CAUSES[effect.cause])
        floor.alarms.set((ALARM, call_id), session.next_deadline())
        for answer in answers:
            self._tell(call, answer)

    def _note_failure(self, call: Call) -> None:
        node = call.path[-1] if call.path else ""
        self._floor.record(e.PromptFailed(self._floor.now, call.call_id, call.flow, node))

    def _play(self, call: Call, effect: f.PlayPrompts) -> None:
        """Play it, at once or when what is missing has been made; PlayEnded follows."""
        floor, call_id = self._floor, call.call_id
        missing = tuple(prompt for prompt in effect.prompts if floor.config.audio(prompt) is None)
        if not missing and self._play_what_there_is(call, effect):
            return
        wait_ms = floor.config.prompt_wait_ms
        self._unplayed[call_id] = effect
        floor.alarms.set((PROMPT_ALARM, call_id), floor.now + wait_ms)
        floor.ask(MakePrompts(call_id, effect.token, missing, wait_ms))

    def _sound(self, call: Call, effect: f.StopPrompts | f.PlayMusic | f.StopMusic) -> None:
        if isinstance(effect, f.StopPrompts) and call.call_id in self._unplayed:
            self._no_longer_unplayed(call.call_id)
        else:
            self._floor.order(_sound_command(call, effect))

    def _play_what_there_is(self, call: Call, effect: f.PlayPrompts) -> bool:
        """Play the prompts that have audio; False when none has."""
        media = tuple(uri for prompt in effect.prompts if (uri := self._floor.config.audio(prompt)))
        timeout_ms = UNHEARD_PROMPT_MS * max(1, len(media))
        playback_id = f"{call.call_id}.p.{effect.token}"
        if media:
            self._floor.order(Play(call.leg_id, playback_id, media, timeout_ms))
        return bool(media)

    def _no_longer_unplayed(self, call_id: str) -> None:
        if self._unplayed.pop(call_id, None) is not None:
            self._floor.alarms.set((PROMPT_ALARM, call_id), None)


def _sound_command(
    call: Call, effect: f.StopPrompts | f.PlayMusic | f.StopMusic
) -> StopPlay | StartMusic | StopMusic:
    match effect:
        case f.StopPrompts(token=token):
            return StopPlay(call.leg_id, f"{call.call_id}.p.{token}")
        case f.PlayMusic():
            return StartMusic(call.leg_id)
        case f.StopMusic():
            return StopMusic(call.leg_id)


def _fact(
    now: int, call_id: str, effect: f.ChoiceSpoken | f.LanguageChosen
) -> e.ChoiceSpoken | e.LanguageChosen:
    if isinstance(effect, f.LanguageChosen):
        return e.LanguageChosen(now, call_id, effect.language)
    return e.ChoiceSpoken(now, call_id, effect.choice, round(effect.confidence, 3))


def _message_step(call_id: str, effect: f.BeginMessage | f.EndMessage) -> ToMessage | MessageDone:
    if isinstance(effect, f.EndMessage):
        return MessageDone(call_id)
    return ToMessage(call_id, effect.category, effect.text)


def ask_ticket(floor: Floor, call: Call, category: str, text: str) -> None:
    """See to it that the call has a ticket, once: from here the journal knows that one is owed."""
    if call.ticket_asked is None:
        floor.record(e.TicketAsked(floor.now, call.call_id, category, text, call.queue or ""))
    asked = call.ticket_asked
    if asked is not None and call.ticket_id is None:
        floor.ask(
            OpenTicket(call.call_id, call.caller, asked.category, asked.text, asked.queue, call.language)
        )
