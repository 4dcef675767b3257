"""FlowSession: told what happened, it answers what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ivr_flows.calendars import Calendar
from ivr_flows.effects import (
    DeadlineReached,
    DigitReceived,
    FlowEffect,
    FlowEvent,
    LeftByKey,
    LookUpDone,
    NodeEntered,
    PlayEnded,
    PromptKept,
    QueueLeft,
    SpeechHeard,
    SpeechUnavailable,
    TakeDone,
    TicketDone,
    TransferAnswered,
    TransferEnded,
)
from ivr_flows.facts import CallFacts
from ivr_flows.interpreter import (
    asking,
    choosing,
    collecting,
    confirming,
    deciding,
    playing,
    recording,
    surveying,
    telling,
    transferring,
    waiting,
)
from ivr_flows.interpreter.checkpoint import checkpoint_of, restore
from ivr_flows.interpreter.state import MAX_TYPED_AHEAD, Phase, SessionState
from ivr_flows.model import (
    DIGITS,
    BranchNode,
    CallerListNode,
    CollectNode,
    Flow,
    HangUpNode,
    HearNode,
    HoursNode,
    KeepNode,
    LanguageNode,
    ListenNode,
    LookUpNode,
    MenuNode,
    Node,
    PlayNode,
    QueueNode,
    RecordNode,
    ReturnNode,
    SayNode,
    SendNode,
    SetNode,
    SplitNode,
    SubflowNode,
    SurveyNode,
    TicketNode,
    TransferNode,
    UpdateTicketNode,
    VoicemailNode,
    WaitNode,
)
from ivr_flows.sealing import Seal

MAX_INSTANT_NODES: Final = 500
"""Nodes passed without waiting before a flow counts as broken."""
MAX_NODES: Final = 1000
"""Nodes of one call before it counts as abuse."""


class FlowSession:
    """One caller's way through a flow.

    Call ``start`` once, then ``handle`` for each event, and carry out the effects in order. Tell
    DeadlineReached when the instant of ``next_deadline`` (ask after every call) has come. After EndCall
    nothing is asked any more. It waits only where ``next_deadline`` (or, in a queue, the queue itself) bounds
    the wait; whatever it is told, in whatever order, it never raises or loops.

    ``seed`` is the call's own text (its id): the same one draws the same lots. ``seal`` keeps sensitive
    digits unreadable in checkpoints; without one they are lost by a restart.
    """

    __slots__ = ("_state",)

    def __init__(
        self,
        flow: Flow,
        facts: CallFacts,
        calendars: Mapping[str, Calendar],
        seed: str = "",
        seal: Seal | None = None,
    ) -> None:
        self._state = SessionState(flow, facts, calendars, seed, seal)

    @classmethod
    def resumed(
        cls,
        flow: Flow,
        facts: CallFacts,
        calendars: Mapping[str, Calendar],
        checkpoint: Mapping[str, Any],
        parked: bool = False,
        seed: str = "",
        seal: Seal | None = None,
    ) -> FlowSession:
        """The session of a checkpoint; ``start`` enters its node anew (a menu is heard again from its start).

        ``parked``: the call is still in its queue (or with an agent, or handed on), so ``start`` asks nothing
        and QueueLeft or TransferEnded takes it up. A node that this version of the flow lacks begins at the
        start.
        """
        session = cls(flow, facts, calendars, seed, seal)
        restore(session._state, checkpoint)
        if parked:
            session._state.phase = Phase.QUEUED
        return session

    @property
    def path(self) -> tuple[str, ...]:
        """The nodes entered so far (after ``resumed``, those that the checkpoint still named)."""
        return tuple(self._state.path)

    @property
    def phase(self) -> Phase:
        """What the session waits for."""
        return self._state.phase

    @property
    def node(self) -> Node | None:
        """The node the call is in, of whatever sub-flow; None before the first."""
        return self._state.flow.nodes.get(self._state.node)

    @property
    def queue_node(self) -> QueueNode | None:
        """The node in whose queue (or with whose agent) the call is; None when it is in none."""
        node = self._state.flow.nodes.get(self._state.node)
        return node if self._state.phase is Phase.QUEUED and isinstance(node, QueueNode) else None

    @property
    def language(self) -> str:
        """The language the caller is spoken to in."""
        return self._state.language

    def next_deadline(self) -> int | None:
        """When DeadlineReached is due; None while nothing of the session's own is awaited."""
        return self._state.deadline

    def checkpoint(self) -> dict[str, Any]:
        """What ``resumed`` needs; plain JSON, sensitive digits sealed."""
        return checkpoint_of(self._state)

    def start(self, now: int) -> list[FlowEffect]:
        """Enter the first node (or the node of the checkpoint)."""
        state = self._state
        state.started_at = now
        if state.phase is Phase.QUEUED:
            transferring.taken_up(state, now)
        if state.phase is not Phase.START:
            return []
        again = state.flow.nodes.get(state.node)
        if again is None:
            return self._go(state.flow.content.start, now)
        return self._go(ENTRIES[type(again)](state, again, now), now)

    def handle(self, event: FlowEvent, now: int) -> list[FlowEffect]:
        """What to do about the event; [] for one that comes too late or to nobody."""
        state = self._state
        react = REACTIONS.get((state.phase, type(event)))
        if react is None or (type(event) is DeadlineReached and now < (state.deadline or 0)):
            return []
        if type(event) is DigitReceived and (event.digit not in DIGITS or self._is_stray(event.digit, now)):
            return []
        return self._go(react(state, event, now), now)

    def _go(self, target: str | None, now: int) -> list[FlowEffect]:
        """Enter the node, and on through all nodes that do not wait; None: the session already waits."""
        state = self._state
        for _ in range(MAX_INSTANT_NODES):
            if target is None or len(state.path) >= MAX_NODES:
                break
            node = state.enter(target)
            state.effects.append(
                NodeEntered(state.flow.name, state.flow.version, target, checkpoint_of(state))
            )
            target = ENTRIES[type(node)](state, node, now)
        if target is not None:
            state.end("error")
        effects, state.effects = state.effects, []
        return effects

    def _is_stray(self, digit: str, now: int) -> bool:
        """Whether the key is the terminator of an entry that was complete without it."""
        stray, self._state.stray = self._state.stray, None
        return stray is not None and digit == stray[0] and now < stray[1]


def _digit_before_start(state: SessionState, event: DigitReceived, now: int) -> None:
    """Pressed while no controller was there: kept for the node that a resumed session enters again."""
    state.typed = (state.typed + event.digit)[:MAX_TYPED_AHEAD]


ENTRIES: Final[Mapping[type, Callable[[SessionState, Any, int], str | None]]] = {
    PlayNode: playing.enter_play,
    SayNode: playing.enter_say,
    MenuNode: choosing.enter_asking,
    ListenNode: choosing.enter_asking,
    CollectNode: collecting.enter_collect,
    HoursNode: deciding.enter_hours,
    BranchNode: deciding.enter_branch,
    LanguageNode: deciding.enter_language,
    SetNode: deciding.enter_set,
    SplitNode: deciding.enter_split,
    SubflowNode: deciding.enter_subflow,
    ReturnNode: deciding.enter_return,
    QueueNode: asking.enter_queue,
    TicketNode: asking.enter_ticket,
    TransferNode: transferring.enter_transfer,
    UpdateTicketNode: asking.enter_update_ticket,
    LookUpNode: telling.enter_look_up,
    CallerListNode: telling.enter_caller_list,
    SendNode: telling.enter_send,
    WaitNode: waiting.enter_wait,
    VoicemailNode: recording.enter_voicemail,
    SurveyNode: surveying.enter_survey,
    RecordNode: recording.enter_record,
    HearNode: recording.enter_hear,
    KeepNode: recording.enter_keep,
    HangUpNode: asking.enter_hang_up,
}

# What is not here comes too late, or to nobody, as races between telephone and controller make it.
REACTIONS: Final[Mapping[tuple[Phase, type], Callable[[SessionState, Any, int], str | None]]] = {
    (Phase.START, DigitReceived): _digit_before_start,
    (Phase.PLAYING, DigitReceived): playing.digit,
    (Phase.PLAYING, PlayEnded): playing.ended,
    (Phase.PLAYING, DeadlineReached): playing.overdue,
    (Phase.PROMPTING, DigitReceived): choosing.digit_while_prompting,
    (Phase.PROMPTING, PlayEnded): choosing.prompt_ended,
    (Phase.PROMPTING, DeadlineReached): choosing.prompt_overdue,
    (Phase.PROMPTING, SpeechHeard): choosing.speech_while_prompting,
    (Phase.PROMPTING, SpeechUnavailable): choosing.speech_unavailable,
    (Phase.LISTENING, DigitReceived): choosing.digit,
    (Phase.LISTENING, DeadlineReached): choosing.silence,
    (Phase.LISTENING, SpeechHeard): choosing.speech,
    (Phase.LISTENING, SpeechUnavailable): choosing.speech_unavailable,
    (Phase.ASKING_BACK, DigitReceived): confirming.key_while_asking,
    (Phase.ASKING_BACK, PlayEnded): confirming.asked,
    (Phase.ASKING_BACK, DeadlineReached): confirming.asking_overdue,
    (Phase.ASKING_BACK, SpeechHeard): confirming.speech_while_asking,
    (Phase.ASKING_BACK, SpeechUnavailable): confirming.speech_unavailable,
    (Phase.AWAITING_YES, DigitReceived): confirming.key,
    (Phase.AWAITING_YES, DeadlineReached): confirming.no_answer,
    (Phase.AWAITING_YES, SpeechHeard): confirming.speech,
    (Phase.AWAITING_YES, SpeechUnavailable): confirming.speech_unavailable,
    (Phase.ASKING_DIGITS, DigitReceived): collecting.digit_while_asking,
    (Phase.ASKING_DIGITS, PlayEnded): collecting.asked,
    (Phase.ASKING_DIGITS, DeadlineReached): collecting.asking_overdue,
    (Phase.COLLECTING, DigitReceived): collecting.digit,
    (Phase.COLLECTING, DeadlineReached): collecting.pause,
    (Phase.READING_BACK, DigitReceived): collecting.answer_while_reading_back,
    (Phase.READING_BACK, PlayEnded): collecting.read_back,
    (Phase.READING_BACK, DeadlineReached): collecting.reading_back_overdue,
    (Phase.CONFIRMING, DigitReceived): collecting.answer,
    (Phase.CONFIRMING, DeadlineReached): collecting.no_answer,
    (Phase.WAITING, DigitReceived): waiting.digit,
    (Phase.WAITING, PlayEnded): waiting.words_ended,
    (Phase.WAITING, DeadlineReached): waiting.waited,
    (Phase.QUEUED, QueueLeft): asking.queue_left,
    (Phase.QUEUED, LeftByKey): asking.left_by_key,
    (Phase.QUEUED, DeadlineReached): transferring.waited_in_queue,
    (Phase.QUEUED, TransferAnswered): transferring.answered,
    (Phase.QUEUED, TransferEnded): transferring.ended,
    (Phase.RINGING, TransferAnswered): transferring.answered,
    (Phase.RINGING, TransferEnded): transferring.ended,
    (Phase.RINGING, DigitReceived): transferring.digit_while_ringing,
    (Phase.RINGING, DeadlineReached): transferring.overdue,
    (Phase.HANDED_ON, TransferEnded): transferring.ended,
    (Phase.SURVEYING, DigitReceived): surveying.digit_while_asking,
    (Phase.SURVEYING, PlayEnded): surveying.asked,
    (Phase.SURVEYING, DeadlineReached): surveying.asking_overdue,
    (Phase.RATING, DigitReceived): surveying.digit,
    (Phase.RATING, DeadlineReached): surveying.silence,
    (Phase.TICKETING, TicketDone): asking.ticket_done,
    (Phase.TICKETING, DeadlineReached): asking.ticket_overdue,
    (Phase.LOOKING_UP, LookUpDone): telling.answered,
    (Phase.LOOKING_UP, DigitReceived): waiting.digit,
    (Phase.LOOKING_UP, PlayEnded): telling.words_ended,
    (Phase.LOOKING_UP, DeadlineReached): telling.overdue,
    (Phase.ANNOUNCING, DigitReceived): recording.announcement_cut,
    (Phase.ANNOUNCING, PlayEnded): recording.announced,
    (Phase.ANNOUNCING, DeadlineReached): recording.announcement_cut,
    (Phase.RECORDING, DigitReceived): recording.message_ended,
    (Phase.RECORDING, DeadlineReached): recording.message_ended,
    (Phase.TAKING, TakeDone): recording.taken,
    (Phase.TAKING, DeadlineReached): recording.take_overdue,
    (Phase.KEEPING, PromptKept): recording.kept,
    (Phase.KEEPING, DeadlineReached): recording.keeping_overdue,
}
