"""Menus, and nodes that listen: one key or one saying, one choice."""

from __future__ import annotations

from ivr_flows.effects import (
    ChoiceSpoken,
    DeadlineReached,
    DigitReceived,
    HeardWord,
    PlayEnded,
    SpeechHeard,
    SpeechUnavailable,
)
from ivr_flows.interpreter.confirming import ask_back
from ivr_flows.interpreter.offering import SPEECH_MS, AskingNode, accepted, hear, let_speak, repeat, say
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import ListenNode, MenuNode
from ivr_flows.understanding import Understood, joined, understood


def enter_asking(state: SessionState, node: AskingNode, now: int) -> str | None:
    """Take a key typed ahead, or say what can be chosen."""
    state.attempts = 0
    if state.typed and node.barge_in:
        key, state.typed = state.typed[0], state.typed[1:]
        return _choose(state, node, key, now)
    state.typed = ""
    say(state, node, now, node.asks)
    return None


def digit_while_prompting(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """A key stops the words and counts; without barge-in only the human key does."""
    node = _node(state)
    if node.barge_in:
        state.stop_play()
        return digit(state, event, now)
    target = state.to_human(event.digit) if node.human else None
    if target is not None:
        state.stop_play()
    return target


def prompt_ended(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The words are said: now the caller has time to choose."""
    if event.token == state.token:
        _listen(state, now)
    return None


def prompt_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """The words do not end: cut them, and listen."""
    state.stop_play()
    _listen(state, now)
    return None


def digit(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The choice; whoever presses keys is not listened to any more."""
    state.end_listening()
    return _choose(state, _node(state), event.digit, now)


def speech_while_prompting(state: SessionState, event: SpeechHeard, now: int) -> str | None:
    """Whoever begins to speak is not spoken to."""
    if event.token != state.hearing or not event.words:
        return None
    state.stop_play()
    return speech(state, event, now)


def speech(state: SessionState, event: SpeechHeard, now: int) -> str | None:
    """The choice, once it is said to the end."""
    if event.token != state.hearing or not event.words:
        return None
    node = _node(state)
    if not event.final:
        let_speak(
            state, SPEECH_MS if isinstance(node, MenuNode) else node.max_sec * 1000, Phase.LISTENING, now
        )
        return None
    state.speech_until = None
    return _understand(state, node, event.words, now)


def speech_unavailable(state: SessionState, event: SpeechUnavailable, now: int) -> str | None:
    """The keys of a menu go on; a node that does nothing but listen is left."""
    if event.token != state.hearing:
        return None
    state.hearing, state.deaf = "", True
    node = _node(state)
    if isinstance(node, MenuNode):
        return None
    if state.phase is Phase.PROMPTING:
        state.stop_play()
    return node.unavailable


def silence(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No key: once more, or out by ``no_input``."""
    node = _node(state)
    return repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _listen(state: SessionState, now: int) -> None:
    node = _node(state)
    hear(state, node)
    state.wait(Phase.LISTENING, now + node.timeout_sec * 1000)


def _understand(state: SessionState, node: AskingNode, words: tuple[HeardWord, ...], now: int) -> str | None:
    meant = understood(words, node.spoken(state.language), state.language)
    if meant is not None and meant.confidence >= node.min_confidence:
        return _chosen(state, node, meant, now)
    if isinstance(node, ListenNode) and node.into is not None and node.next is not None:
        state.assign(node.into, joined(words, state.language), secret=True)
        state.effects.append(ChoiceSpoken("", min(word.confidence for word in words)))
        return node.next
    return repeat(state, node, node.no_match, state.hints.no_match if state.hints else None, now)


def _chosen(state: SessionState, node: AskingNode, meant: Understood, now: int) -> str | None:
    if isinstance(node, MenuNode):
        state.effects.append(ChoiceSpoken(meant.choice, meant.confidence))
        return _choose(state, node, meant.choice, now)
    if meant.confidence < node.confirm_below:
        return ask_back(state, node, meant.choice, meant.confidence, now)
    return accepted(state, node, meant.choice, meant.confidence)


def _node(state: SessionState) -> AskingNode:
    node = state.flow.nodes[state.node]
    assert isinstance(node, MenuNode | ListenNode)
    return node


def _choose(state: SessionState, node: AskingNode, key: str, now: int) -> str | None:
    """Where the key leads; None when the menu is repeated because it leads nowhere."""
    target = node.keys.get(key) or (state.to_human(key) if node.human else None)
    if target is not None:
        return target
    return repeat(state, node, node.no_match, state.hints.no_match if state.hints else None, now)
