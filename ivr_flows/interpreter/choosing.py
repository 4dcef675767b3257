"""Menus: one key, one choice."""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import MenuNode, Texts


def enter_menu(state: SessionState, node: MenuNode, now: int) -> str | None:
    """Take a key typed ahead, or say what can be chosen."""
    state.attempts = 0
    if state.typed and node.barge_in:
        key, state.typed = state.typed[0], state.typed[1:]
        return _choose(state, node, key, now)
    state.typed = ""
    state.prompt(Phase.PROMPTING, now, node.menu)
    return None


def digit_while_prompting(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """A key stops the words and counts; without barge-in only the human key does."""
    node = state.node_of(MenuNode)
    if node.barge_in:
        state.stop_play()
        return _choose(state, node, event.digit, now)
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
    """The choice."""
    return _choose(state, state.node_of(MenuNode), event.digit, now)


def silence(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No key: once more, or out by ``no_input``."""
    node = state.node_of(MenuNode)
    return _repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _listen(state: SessionState, now: int) -> None:
    state.wait(Phase.LISTENING, now + state.node_of(MenuNode).timeout_sec * 1000)


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
    state.prompt(Phase.PROMPTING, now, hint, node.menu)
    return None
