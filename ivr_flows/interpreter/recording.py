"""Messages: the caller speaks after a beep."""

from __future__ import annotations

from ivr_flows.effects import (
    BEEP,
    BeginMessage,
    DeadlineReached,
    DigitReceived,
    EndMessage,
    PlayEnded,
    PromptText,
)
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import VoicemailNode


def enter_voicemail(state: SessionState, node: VoicemailNode, now: int) -> str | None:
    """Invite the caller to speak."""
    state.typed = ""
    invitation = PromptText(node.voicemail[state.language], state.language)
    state.play_prompts(Phase.ANNOUNCING, now, (invitation, BEEP))
    return None


def announced(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """The beep is over."""
    if event.token == state.token:
        _begin(state, now)
    return None


def announcement_cut(state: SessionState, event: DigitReceived | DeadlineReached, now: int) -> str | None:
    """Whoever knows the words presses a key and speaks at once; the human key leads to a human."""
    state.stop_play()
    target = _human(state, event)
    if target is None:
        _begin(state, now)
    return target


def message_ended(state: SessionState, event: DigitReceived | DeadlineReached, now: int) -> str:
    """A key, or its time, ends the message."""
    state.effects.append(EndMessage())
    return _human(state, event) or state.node_of(VoicemailNode).next


def _begin(state: SessionState, now: int) -> None:
    node = state.node_of(VoicemailNode)
    state.wait(Phase.RECORDING, now + node.max_sec * 1000)
    state.effects.append(BeginMessage(node.category, node.text))


def _human(state: SessionState, event: DigitReceived | DeadlineReached) -> str | None:
    if isinstance(event, DigitReceived) and state.node_of(VoicemailNode).human:
        return state.to_human(event.digit)
    return None
