"""A question back: did you mean this?"""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded, SpeechHeard, SpeechUnavailable
from ivr_flows.interpreter.offering import accepted, let_speak, repeat
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import CONFIRM_KEY, ListenNode
from ivr_flows.templates import Slot
from ivr_flows.understanding import understood

_YES = "yes"


def ask_back(state: SessionState, node: ListenNode, choice: str, confidence: float, now: int) -> str | None:
    """Have a choice confirmed that was not heard surely."""
    hints = state.hints
    if hints is None or hints.confirm is None:  # ``check`` refuses it
        return accepted(state, node, choice, confidence)
    state.meant = (choice, confidence)
    state.end_listening()
    named = node.choices[choice].words[state.language][0]
    parts = [named if isinstance(part, Slot) else part for part in hints.confirm[state.language].parts]
    state.play(Phase.ASKING_BACK, now, state.language, "".join(parts))
    if yes := hints.yes.get(state.language, ()):
        state.listen_for(tuple(yes), round(node.pause_sec * 1000))
    return None


def asked(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The question is said: now the caller has time for the answer."""
    if event.token == state.token:
        _wait(state, now)
    return None


def asking_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """The words do not end: cut them, and wait for the answer."""
    state.stop_play()
    _wait(state, now)
    return None


def key_while_asking(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """Whoever knows the question answers before its end."""
    state.stop_play()
    return key(state, event, now)


def key(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """Confirmed, a human asked for, or to be said again."""
    node = state.node_of(ListenNode)
    if event.digit == CONFIRM_KEY:
        return accepted(state, node, *state.meant)
    target = state.to_human(event.digit) if node.human else None
    return target if target is not None else _anew(state, node, now)


def speech_while_asking(state: SessionState, event: SpeechHeard, now: int) -> str | None:
    """Whoever begins to speak is not spoken to."""
    if event.token != state.hearing or not event.words:
        return None
    state.stop_play()
    return speech(state, event, now)


def speech(state: SessionState, event: SpeechHeard, now: int) -> str | None:
    """Yes, or anything else, which is no."""
    node = state.node_of(ListenNode)
    if event.token != state.hearing or not event.words:
        return None
    if not event.final:
        let_speak(state, node.max_sec * 1000, Phase.AWAITING_YES, now)
        return None
    hints = state.hints
    spoken = {_YES: tuple(hints.yes.get(state.language, ()))} if hints else {}
    answer = understood(event.words, spoken, state.language)
    if answer is not None and answer.confidence >= node.min_confidence:
        return accepted(state, node, *state.meant)
    return _anew(state, node, now)


def speech_unavailable(state: SessionState, event: SpeechUnavailable, now: int) -> None:
    """The key goes on."""
    if event.token == state.hearing:
        state.hearing, state.deaf = "", True


def no_answer(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """Nothing is taken for meant that nobody confirmed."""
    node = state.node_of(ListenNode)
    state.end_listening()
    return repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _wait(state: SessionState, now: int) -> None:
    state.wait(Phase.AWAITING_YES, now + state.node_of(ListenNode).timeout_sec * 1000)


def _anew(state: SessionState, node: ListenNode, now: int) -> str | None:
    state.end_listening()
    if state.deaf:
        return node.unavailable
    return repeat(state, node, node.no_match, None, now)
