"""Messages and takes: the caller speaks after a beep. Takes are heard again, and kept as prompts."""

from __future__ import annotations

from typing import Final

from ivr_flows.effects import (
    BEEP,
    NUMBERED,
    TAKEN,
    BeginMessage,
    BeginTake,
    DeadlineReached,
    DigitReceived,
    EndMessage,
    EndTake,
    KeepPrompt,
    PlayEnded,
    PromptKept,
    PromptText,
    TakeDone,
    TakeFault,
)
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import HearNode, KeepNode, RecordNode, VoicemailNode

READY_MS: Final = 15_000
"""How long a take may need until it is checked, or a prompt until it is kept."""
LONGEST_MS: Final = 200_000
"""A prompt or take longer than this is cut."""


def enter_voicemail(state: SessionState, node: VoicemailNode, now: int) -> None:
    """Invite the caller to speak."""
    _invite(state, node.voicemail[state.language], now)


def enter_record(state: SessionState, node: RecordNode, now: int) -> None:
    """Invite the caller to speak."""
    _invite(state, node.record[state.language], now)


def announced(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The beep is over."""
    if event.token == state.token:
        _begin(state, now)
    return None


def announcement_cut(state: SessionState, event: DigitReceived | DeadlineReached, now: int) -> str | None:
    """Whoever knows the words presses a key, hears the beep and speaks; another key, and they speak at once.
    The human key leads to a human."""
    state.stop_play()
    target = _human(state, event)
    skipped, state.typed = state.typed, ""  # what skipped the words skips nothing else
    if target is None and isinstance(event, DigitReceived) and not skipped:
        state.typed = event.digit
        state.play_prompts(Phase.ANNOUNCING, now, (BEEP,))
    elif target is None:
        _begin(state, now)
    return target


def message_ended(state: SessionState, event: DigitReceived | DeadlineReached, now: int) -> str | None:
    """A key, or its time, ends the message or take."""
    node = _node(state)
    if isinstance(node, RecordNode):
        state.effects.append(EndTake(state.token))
        state.wait(Phase.TAKING, now + READY_MS)
        return _human(state, event)
    state.effects.append(EndMessage())
    return _human(state, event) or node.next


def taken(state: SessionState, event: TakeDone, now: int) -> str | None:
    """The take is ready, or of no use."""
    if event.token != state.token:
        return None
    node = state.node_of(RecordNode)
    if event.fault is not None:
        return node.way_of(event.fault)
    state.assign(node.into, event.name, secret=False)
    return node.next


def take_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """Nothing is heard of the take."""
    return state.node_of(RecordNode).way_of(TakeFault.FAILED)


def enter_hear(state: SessionState, node: HearNode, now: int) -> None:
    """Play it, as long as it may be."""
    sound = node.hear
    expression, kind = (sound.prompt, NUMBERED) if sound.prompt else (sound.take, TAKEN)
    assert expression is not None
    state.typed = ""
    state.play_prompts(Phase.PLAYING, now, (PromptText(str(state.value(expression, now)), kind),))
    state.wait(Phase.PLAYING, now + LONGEST_MS)


def enter_keep(state: SessionState, node: KeepNode, now: int) -> None:
    """Ask for it."""
    number, take = (str(state.value(asked, now)) for asked in (node.keep.prompt, node.keep.take))
    state.wait(Phase.KEEPING, now + READY_MS)
    state.effects.append(KeepPrompt(number, take))


def kept(state: SessionState, event: PromptKept, now: int) -> str:
    """It is heard from now on, or not."""
    node = state.node_of(KeepNode)
    return node.next if event.kept else node.failed


def keeping_overdue(state: SessionState, event: DeadlineReached, now: int) -> str:
    """Nobody knows whether it is heard."""
    return state.node_of(KeepNode).failed


def _invite(state: SessionState, words: str, now: int) -> None:
    state.typed = ""
    state.play_prompts(Phase.ANNOUNCING, now, (PromptText(words, state.language), BEEP))


def _begin(state: SessionState, now: int) -> None:
    node, state.typed = _node(state), ""
    state.wait(Phase.RECORDING, now + node.max_sec * 1000)
    if isinstance(node, RecordNode):
        state.effects.append(BeginTake(state.token))
    else:
        state.effects.append(BeginMessage(node.category, node.text))


def _human(state: SessionState, event: DigitReceived | DeadlineReached) -> str | None:
    if isinstance(event, DigitReceived) and _node(state).human:
        return state.to_human(event.digit)
    return None


def _node(state: SessionState) -> VoicemailNode | RecordNode:
    node = state.flow.nodes[state.node]
    assert isinstance(node, VoicemailNode | RecordNode)
    return node
