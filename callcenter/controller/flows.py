"""Calls in their IVR flows: FlowEffects become facts and commands, facts become FlowEvents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callcenter.controller import takes
from callcenter.controller.floor import Floor
from callcenter.controller.flow_orders import queue_step, sound_command, step_of
from callcenter.controller.hearing import HearingDriver
from callcenter.controller.messages import (
    LookUpAnswered,
    MakePrompts,
    OpenTicket,
    PromptAnswered,
    PromptsMade,
    SpeechReady,
    SpeechTold,
    TakeChecked,
    TicketDelayed,
)
from callcenter.controller.outside import OutsideDriver
from callcenter.controller.published_flows import PublishedFlows
from callcenter.controller.steps import (
    ToFlow,
    ToFlowByKey,
)
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
)
from callcenter.domain.waiting_room import WaitingPolicy
from ivr_flows import effects as f
from ivr_flows.interpreter import CallFacts, FlowSession
from ivr_flows.model import ListenNode, MenuNode, PlayNode, QueueNode, SurveyNode

ALARM = "flow"
UNTOLD = "?"
PROMPT_ALARM = "prompts"
UNHEARD_PROMPT_MS = 30_000
"""A prompt playback longer than this per prompt is taken for stuck and ended as failed."""
MUSIC_AFTER_MS = 500
"""So long a caller hears silence until a prompt is made, and music from then on."""
CAUSES: Final = {"normal": LegEndCause.NORMAL, "busy": LegEndCause.BUSY, "rejected": LegEndCause.DECLINED}
"""What the caller's telephone system is told, by the flow's word for it."""


@dataclass(slots=True)
class _Unplayed:
    """What a call is to hear as soon as its audio is made, and how long that may take."""

    effect: f.PlayPrompts
    give_up_at: int
    music: bool = False


class FlowDriver:
    """Runs one FlowSession per call that is (or may come back to) a flow."""

    def __init__(self, floor: Floor, published: PublishedFlows, outside: OutsideDriver) -> None:
        self._floor = floor
        self._outside = outside
        self._published = published
        self._hearing = HearingDriver(floor)
        self._sessions: dict[str, FlowSession] = {}
        self._unplayed: dict[str, _Unplayed] = {}
        """Not journaled: after a restart the flow enters its node again, and asks again."""

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
        """Let a resumed flow go on: the caller hears the node again. A call that an agent made has none."""
        if self.knows(call.call_id):
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

    def come_back(self, call: Call, step: ToFlow | ToFlowByKey) -> None:
        """The call returns from a queue or from an agent, or from an outside party. One that an agent made
        has no flow to return to."""
        if not self.knows(call.call_id):
            self._floor.hang_up(call, e.EndedBy.SYSTEM, "no_flow")
        match step:
            case ToFlow(outcome=f.QueueOutcome() as outcome):
                self._tell(call, f.QueueLeft(outcome))
            case ToFlow(outcome=f.TransferEnd() as end):
                self._tell(call, f.TransferEnded(end))
            case ToFlowByKey(digit=digit):
                self._floor.record(e.KeyPressed(self._floor.now, call.call_id, digit))
                self._tell(call, f.LeftByKey(digit))

    def outside_answered(self, call: Call) -> None:
        """The outside party that the flow had rung picked up."""
        self._tell(call, f.TransferAnswered())

    def waiting_policy(self, call: Call) -> WaitingPolicy:
        """What the call hears while it waits: what the node says whose queue it is in, else the settings."""
        node = self._queue_node(call)
        return self._floor.config.waiting.changed_by(node.waiting if node else None)

    def is_way_out(self, call: Call, digit: str) -> bool:
        """Whether by this key the waiting caller leaves the queue."""
        node = self._queue_node(call)
        return node is not None and digit in node.keys

    def ends_with_agent(self, call: Call) -> bool:
        """Whether the call is over when the agent hangs up: its flow has nothing more to say."""
        node = self._queue_node(call)
        return node is not None and node.agent_done is None

    def _queue_node(self, call: Call) -> QueueNode | None:
        session = self._sessions.get(call.call_id)
        return session.queue_node if session else None

    def ticket_done(self, call: Call, ticket_id: str | None) -> None:
        """The ticket that the flow waits for exists, or is delayed."""
        self._tell(call, f.TicketDone(ticket_id))

    def work_done(
        self,
        call: Call,
        message: TicketDelayed
        | LookUpAnswered
        | PromptsMade
        | TakeChecked
        | PromptAnswered
        | SpeechReady
        | SpeechTold,
    ) -> None:
        """Slow work that the flow waits for has come to its end, or will come later."""
        match message:
            case TicketDelayed():
                self.ticket_done(call, None)
            case LookUpAnswered():
                self._outside.look_up_answered(call, message)
                self._tell(call, f.LookUpDone(message.token, message.outcome, message.results))
            case PromptsMade(token=token):
                self._prompts_made(call, token)
            case TakeChecked():
                self._tell(call, f.TakeDone(message.token, message.name, message.fault))
            case PromptAnswered(kept=kept):
                if kept:
                    self._floor.record(e.PromptRecorded(self._floor.now, call.call_id, message.number))
                self._tell(call, f.PromptKept(kept))
            case SpeechReady(token=token):
                self._hearing.ready(call, token)
            case SpeechTold(event=event):
                self._speech_told(call, event)

    def _prompts_made(self, call: Call, token: str) -> None:
        """The audio that was missing is there, or is not to be had in time."""
        waiting = self._unplayed.get(call.call_id)
        if waiting is not None and waiting.effect.token == token:
            self._play_at_last(call, waiting)

    def prompts_overdue(self, call: Call) -> None:
        """The caller has waited for audio: a while, or long enough."""
        waiting = self._unplayed.get(call.call_id)
        if waiting is None:
            return
        if self._floor.now >= waiting.give_up_at:
            self._play_at_last(call, waiting)
            return
        waiting.music = True
        self._floor.order(StartMusic(call.leg_id))
        self._floor.alarms.set((PROMPT_ALARM, call.call_id), waiting.give_up_at)

    def _speech_told(self, call: Call, event: f.SpeechHeard | f.SpeechUnavailable) -> None:
        """The caller has spoken, or nobody can hear it."""
        if isinstance(event, f.SpeechUnavailable):
            self._hearing.end(call.call_id, event.token)
        self._tell(call, event)

    def listening_failed(self, call: Call, event: ListeningFailed) -> None:
        """The switch does not let us hear the caller (any more)."""
        token = self._hearing.token_of(call, event.listening_id)
        if token is not None:
            self._speech_told(call, f.SpeechUnavailable(token))

    def deadline(self, call: Call) -> None:
        """The session's own deadline has come."""
        self._tell(call, f.DeadlineReached())

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._outside.forget(call_id)
        self._sessions.pop(call_id, None)
        self._hearing.end(call_id)
        self._unplayed.pop(call_id, None)
        self._floor.alarms.set((PROMPT_ALARM, call_id), None)
        self._floor.alarms.set((ALARM, call_id), None)

    def _is_choice(self, call: Call) -> bool:
        """A key is a choice here, and no part of a number that only the caller should know."""
        session = self._sessions.get(call.call_id)
        return session is not None and isinstance(session.node, PlayNode | MenuNode | ListenNode | SurveyNode)

    def _session(self, call: Call) -> FlowSession:
        return FlowSession(
            self._published.flow_of(call),
            self._facts(call),
            self._floor.config.route(call.did).calendars,
            seed=call.call_id,
            seal=self._floor.config.seal,
        )

    def _facts(self, call: Call) -> CallFacts:
        lists = self._floor.config.lists_of(call, self._floor.now)
        return CallFacts(
            caller=call.caller,
            did=call.did,
            trunk=call.trunk,
            language=call.language,
            lists=frozenset(lists),
            variables=self._floor.config.route(call.did).variables,
        )

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
                case (
                    f.NodeEntered()
                    | f.ChoiceSpoken()
                    | f.LanguageChosen()
                    | f.SurveyOffered()
                    | f.SurveyAnswered()
                ):
                    self._note(call, effect)
                case f.PlayPrompts():
                    answers += self._play(call, effect)
                case f.StopPrompts() | f.PlayMusic() | f.StopMusic():
                    self._sound(call, effect)
                case f.EnterQueue():
                    floor.order(StartMusic(call.leg_id))
                    floor.then(queue_step(call_id, effect, floor.now))
                case f.BeginMessage() | f.EndMessage() | f.LeaveQueue() | f.DialOutside() | f.StopDialling():
                    floor.then(step_of(call_id, effect))
                case f.AskTicket():
                    answers += self._ask_ticket(call, effect)
                case f.AskLookUp() | f.Send() | f.UpdateTicket() | f.CallerListed():
                    self._outside.carry_out(call, effect)
                case f.BeginTake() | f.EndTake() | f.KeepPrompt():
                    takes.carry_out(floor, call, effect)
                case f.BeginListening() | f.EndListening():
                    self._hearing.carry_out(call, effect)
                case f.EndCall():
                    floor.hang_up(call, e.EndedBy.FLOW, effect.reason, CAUSES[effect.cause])
        floor.alarms.set((ALARM, call_id), session.next_deadline())
        for answer in answers:
            self._tell(call, answer)

    def _note(
        self,
        call: Call,
        effect: f.NodeEntered | f.ChoiceSpoken | f.LanguageChosen | f.SurveyOffered | f.SurveyAnswered,
    ) -> None:
        """A fact of the flow's own. A call is asked once how it was, however often its flow asks."""
        floor, call_id = self._floor, call.call_id
        match effect:
            case f.NodeEntered(flow, version, node, checkpoint):
                self._no_longer_unplayed(call)
                floor.ending.pop(call_id, None)
                floor.record(e.NodeEntered(floor.now, call_id, flow, version, node, dict(checkpoint)))
            case f.ChoiceSpoken(choice, confidence):
                floor.record(e.ChoiceSpoken(floor.now, call_id, choice, round(confidence, 3)))
            case f.LanguageChosen():
                floor.record(e.LanguageChosen(floor.now, call_id, effect.language))
            case f.SurveyOffered() if not call.survey_offered:
                agents, node = call.agent_ids, call.path[-1] if call.path else ""
                floor.record(e.SurveyOffered(floor.now, call_id, call.flow, node, call.queue or "", agents))
            case f.SurveyAnswered(question, score, satisfied, counts, checkpoint):
                floor.record(
                    e.SurveyAnswered(floor.now, call_id, question, score, satisfied, counts, dict(checkpoint))
                )
            case _:
                pass

    def _ask_ticket(self, call: Call, effect: f.AskTicket) -> list[f.TicketDone]:
        """Ask for it; what the flow is told at once, when the call has one already."""
        ask_ticket(self._floor, call, effect.category, effect.text)
        return [f.TicketDone(call.ticket_id)] if call.ticket_id is not None else []

    def _note_failure(self, call: Call) -> None:
        node = call.path[-1] if call.path else ""
        self._floor.record(e.PromptFailed(self._floor.now, call.call_id, call.flow, node))

    def _play(self, call: Call, effect: f.PlayPrompts) -> list[f.FlowEvent]:
        """Play it, at once or when what is missing has been made; PlayEnded follows. What is asked for by its
        name and is not there cannot be made: that is answered."""
        floor, call_id = self._floor, call.call_id
        missing = tuple(prompt for prompt in effect.prompts if floor.config.audio(prompt) is None)
        if not missing:
            self._play_now(call, effect)
            return []
        if any(prompt.language in (f.NUMBERED, f.TAKEN) for prompt in missing):
            return [f.PlayEnded(effect.token, failed=True)]
        wait_ms = floor.config.prompt_wait_ms
        self._unplayed[call_id] = _Unplayed(effect, floor.now + wait_ms)
        floor.alarms.set((PROMPT_ALARM, call_id), floor.now + min(MUSIC_AFTER_MS, wait_ms))
        floor.ask(MakePrompts(call_id, effect.token, missing, wait_ms))
        return []

    def _sound(self, call: Call, effect: f.StopPrompts | f.PlayMusic | f.StopMusic) -> None:
        if isinstance(effect, f.StopPrompts) and call.call_id in self._unplayed:
            self._no_longer_unplayed(call)
        else:
            self._floor.order(sound_command(call, effect))

    def _play_at_last(self, call: Call, waiting: _Unplayed) -> None:
        """Play what there is by now; a text without audio is a failure, and beeps when nothing else is
        heard."""
        effect, audio = waiting.effect, self._floor.config.audio
        self._no_longer_unplayed(call)
        if any(audio(prompt) is None for prompt in effect.prompts):
            self._note_failure(call)
        if not self._play_now(call, effect):
            self._tell(call, f.PlayEnded(effect.token, failed=True))

    def _play_now(self, call: Call, effect: f.PlayPrompts) -> bool:
        """Play the prompts that have audio, or beeps; False when there is nothing to play."""
        config = self._floor.config
        media = tuple(uri for prompt in effect.prompts if (uri := config.audio(prompt)))
        if not media and config.beeps is not None:
            media = (config.beeps,)
        timeout_ms = UNHEARD_PROMPT_MS * max(1, len(media))
        playback_id = f"{call.call_id}.p.{effect.token}"
        if media:
            self._floor.order(Play(call.leg_id, playback_id, media, timeout_ms))
        return bool(media)

    def _no_longer_unplayed(self, call: Call) -> None:
        waiting = self._unplayed.pop(call.call_id, None)
        if waiting is not None:
            self._floor.alarms.set((PROMPT_ALARM, call.call_id), None)
            if waiting.music:
                self._floor.order(StopMusic(call.leg_id))


def ask_ticket(floor: Floor, call: Call, category: str, text: str) -> None:
    """See to it that the call has a ticket, once: from here the journal knows that one is owed."""
    if call.ticket_asked is None:
        floor.record(e.TicketAsked(floor.now, call.call_id, category, text, call.queue or ""))
    asked = call.ticket_asked
    if asked is not None and call.ticket_id is None:
        about = asked.category, asked.text, asked.queue, call.language
        floor.ask(OpenTicket(call.call_id, call.caller, *about, floor.config.known_as(call)))
