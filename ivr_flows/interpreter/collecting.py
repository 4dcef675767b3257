"""Digits: entered one by one, checked, read back, and put into a variable."""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.masks import DECIMALS
from ivr_flows.model import CONFIRM_KEY, CollectNode, Texts
from ivr_flows.templates import Slot, said


def enter_collect(state: SessionState, node: CollectNode, now: int) -> str | None:
    """Take the keys typed ahead, or ask for digits."""
    state.attempts = 0
    state.entered = ""
    if state.typed and node.barge_in:
        keys, state.typed = state.typed, ""
        return _take(state, node, keys, now)
    state.typed = ""
    state.prompt(Phase.ASKING_DIGITS, now, node.collect)
    return None


# --- the entry ---------------------------------------------------------------------------------------------


def digit_while_asking(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The first key stops the words; without barge-in only the human key does, and leads to a human at
    once."""
    node = state.node_of(CollectNode)
    if node.barge_in:
        state.stop_play()
        return _take(state, node, event.digit, now)
    target = state.to_human(event.digit) if node.human else None
    if target is not None:
        state.stop_play()
    return target


def asked(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The words are said: now the caller has time for the first digit."""
    if event.token == state.token:
        _wait_for_digit(state, state.node_of(CollectNode), now)
    return None


def asking_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """The words do not end: cut them, and listen."""
    state.stop_play()
    _wait_for_digit(state, state.node_of(CollectNode), now)
    return None


def digit(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """One more digit, or the terminator."""
    return _take(state, state.node_of(CollectNode), event.digit, now)


def pause(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No further digit: what there is counts."""
    node = state.node_of(CollectNode)
    if state.entered:
        return _complete(state, node, now)
    return _repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _take(state: SessionState, node: CollectNode, keys: str, now: int) -> str | None:
    most = node.lengths[1]
    star_is_x = node.check is not None and node.check.star_is_x
    for taken, key in enumerate(keys, start=1):
        if key == node.terminator:
            state.typed = keys[taken:]
            return _complete(state, node, now)
        if key not in DECIMALS and not (key == "*" and star_is_x):
            target = state.to_human(key) if node.human else None
            return target if target is not None else _wrong(state, node, now)
        state.entered += "X" if key == "*" else key
        if len(state.entered) == most:
            state.typed = keys[taken:].removeprefix(node.terminator)
            if taken == len(keys):  # whoever ends the number with # all the same means nothing else by it
                state.stray = (node.terminator, now + node.timeout_sec * 1000)
            return _complete(state, node, now)
    _wait_for_digit(state, node, now)
    return None


def _wait_for_digit(state: SessionState, node: CollectNode, now: int) -> None:
    state.wait(Phase.COLLECTING, now + node.timeout_sec * 1000)


def _complete(state: SessionState, node: CollectNode, now: int) -> str | None:
    fewest, most = node.lengths
    lone_key = state.entered.replace("X", "*")
    if node.human and len(lone_key) == 1 and (target := state.to_human(lone_key)) is not None:
        return target
    if not fewest <= len(state.entered) <= most or (node.check and not node.check.fits(state.entered)):
        return _wrong(state, node, now)
    return _read_back(state, node, now) if node.echo else _accepted(state, node)


def _wrong(state: SessionState, node: CollectNode, now: int) -> str | None:
    return _repeat(state, node, node.no_match, state.hints.no_match if state.hints else None, now)


def _repeat(state: SessionState, node: CollectNode, way_out: str, hint: Texts | None, now: int) -> str | None:
    state.typed = state.entered = ""
    state.attempts += 1
    if state.attempts > node.retries:
        return way_out
    state.prompt(Phase.ASKING_DIGITS, now, hint, node.collect)
    return None


def _accepted(state: SessionState, node: CollectNode) -> str:
    state.assign(node.into, state.entered, secret=node.sensitive)
    state.entered = ""
    return node.next


# --- reading back ------------------------------------------------------------------------------------------


def _read_back(state: SessionState, node: CollectNode, now: int) -> str | None:
    echo = state.hints.echo if state.hints else None
    if echo is None or node.sensitive:  # ``check`` refuses both
        return _accepted(state, node)
    if state.typed:
        key, state.typed = state.typed[0], state.typed[1:]
        return _answer(state, node, key, now)
    digits = said(state.entered, "ticket" if "X" in state.entered else "digits", state.language)
    parts = [digits if isinstance(part, Slot) else part for part in echo[state.language].parts]
    state.play(Phase.READING_BACK, now, state.language, "".join(parts))
    return None


def read_back(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The digits are said: now the caller has time to confirm them."""
    if event.token == state.token:
        _wait_for_answer(state, now)
    return None


def reading_back_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """The words do not end: cut them, and wait for the answer."""
    state.stop_play()
    _wait_for_answer(state, now)
    return None


def answer_while_reading_back(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """Whoever knows the question answers before its end."""
    state.stop_play()
    return answer(state, event, now)


def answer(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """Confirmed, a human asked for, or to be entered again."""
    return _answer(state, state.node_of(CollectNode), event.digit, now)


def no_answer(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """Nothing is taken for right that nobody confirmed."""
    node = state.node_of(CollectNode)
    return _repeat(state, node, node.no_input, state.hints.no_input if state.hints else None, now)


def _wait_for_answer(state: SessionState, now: int) -> None:
    state.wait(Phase.CONFIRMING, now + state.node_of(CollectNode).timeout_sec * 1000)


def _answer(state: SessionState, node: CollectNode, key: str, now: int) -> str | None:
    if key == CONFIRM_KEY:
        return _accepted(state, node)
    target = state.to_human(key) if node.human else None
    return target if target is not None else _repeat(state, node, node.no_match, None, now)
