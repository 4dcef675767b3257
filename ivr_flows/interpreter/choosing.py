"""Menus: one key or one word, one choice."""

from __future__ import annotations

from typing import Final

from ivr_flows.effects import (
    ChoiceSpoken,
    DeadlineReached,
    DigitReceived,
    HeardWord,
    PlayEnded,
    SpeechHeard,
    SpeechUnavailable,
)
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import MenuNode, Texts
from ivr_flows.understanding import understood

SPEAKING_MS: Final = 5000
"""Who has begun to speak is waited for so long after each sound, ..."""
SPEECH_MS: Final = 20_000
"""... and so long in all: a noise that never ends is no choice."""


def enter_menu(state: SessionState, node: MenuNode, now: int) -> str | None:
    """Take a key typed ahead, or say what can be chosen."""
    state.attempts = 0
    if state.typed and node.barge_in:
        key, state.typed = state.typed[0], state.typed[1:]
        return _choose(state, node, key, now)
    state.typed = ""
    _say(state, node, now, node.menu)
    return None


def digit_while_prompting(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """A key stops the words and counts; without barge-in only the human key does."""
    node = state.node_of(MenuNode)
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
    return _choose(state, state.node_of(MenuNode), event.digit, now)


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
    if not event.final:
        _let_speak(state, now)
        return None
    state.speech_until = None
    return _understand(state, state.node_of(MenuNode), event.words, now)


def speech_unavailable(state: SessionState, event: SpeechUnavailable, now: int) -> None:
    """The keys go on."""
    if event.token == state.hearing:
        state.hearing = ""
        state.deaf = True


def silence(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No key: once more, or out by ``no_input``."""
    node = state.node_of(MenuNode)
    return _repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _say(state: SessionState, node: MenuNode, now: int, *parts: Texts | None) -> None:
    """Say these words; with barge-in the caller is heard from their beginning on."""
    state.prompt(Phase.PROMPTING, now, *parts)
    if node.barge_in:
        _hear(state, node)
    else:
        state.end_listening()


def _hear(state: SessionState, node: MenuNode) -> None:
    phrases = tuple(phrase for spoken in node.spoken(state.language).values() for phrase in spoken)
    if phrases:
        state.listen_for(phrases, round(node.pause_sec * 1000))


def _listen(state: SessionState, now: int) -> None:
    node = state.node_of(MenuNode)
    _hear(state, node)
    state.wait(Phase.LISTENING, now + node.timeout_sec * 1000)


def _let_speak(state: SessionState, now: int) -> None:
    if state.speech_until is None:
        state.speech_until = now + SPEECH_MS
    state.wait(Phase.LISTENING, min(now + SPEAKING_MS, state.speech_until))


def _understand(state: SessionState, node: MenuNode, words: tuple[HeardWord, ...], now: int) -> str | None:
    meant = understood(words, node.spoken(state.language), state.language)
    if meant is None or meant.confidence < node.min_confidence:
        return _repeat(state, node, node.no_match, state.hints.no_match if state.hints else None, now)
    state.effects.append(ChoiceSpoken(meant.choice, meant.confidence))
    return _choose(state, node, meant.choice, now)


def _choose(state: SessionState, node: MenuNode, key: str, now: int) -> str | None:
    """Where the key leads; None when the menu is repeated because it leads nowhere."""
    target = node.digits.get(key) or (state.to_human(key) if node.human else None)
    if target is not None:
        return target
    return _repeat(state, node, node.no_match, state.hints.no_match if state.hints else None, now)


def _repeat(state: SessionState, node: MenuNode, way_out: str, hint: Texts | None, now: int) -> str | None:
    state.typed = ""
    state.attempts += 1
    if state.attempts > node.retries:
        return way_out
    _say(state, node, now, hint, node.menu)
    return None
