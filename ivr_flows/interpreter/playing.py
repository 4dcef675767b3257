"""Words that go on by themselves: play and say."""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded
from ivr_flows.interpreter.state import MAX_TYPED_AHEAD, MAX_WRITTEN, Phase, SessionState
from ivr_flows.model import PlayNode, SayNode
from ivr_flows.templates import Slot, Template, said


def enter_play(state: SessionState, node: PlayNode, now: int) -> str | None:
    """Say the words, unless keys typed ahead make them superfluous."""
    if _typed_past(state, node):
        return node.next
    language = node.speak_in or state.language
    state.play(Phase.PLAYING, now, language, node.play[language])
    return None


def enter_say(state: SessionState, node: SayNode, now: int) -> str | None:
    """As ``enter_play``, with the variables as they are now."""
    if _typed_past(state, node):
        return node.next
    state.play(Phase.PLAYING, now, state.language, composed(state, node.say[state.language], now))
    return None


def composed(state: SessionState, template: Template, now: int) -> str:
    """The text with the words of its variables; secret ones are passed over (``check`` refuses them)."""
    words = [_words(state, part, now) if isinstance(part, Slot) else part for part in template.parts]
    return "".join(words)[:MAX_WRITTEN]


def digit(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The human key, or a key that skips the rest."""
    node = _node(state)
    target = state.to_human(event.digit) if node.human else None
    if target is None:
        if not node.barge_in:
            return None
        state.typed = (state.typed + event.digit)[:MAX_TYPED_AHEAD]
        target = node.next
    state.stop_play()
    return target


def ended(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """On, whatever became of the audio."""
    return _node(state).next if event.token == state.token else None


def overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """The audio does not end: cut it and go on."""
    state.stop_play()
    return _node(state).next


def _node(state: SessionState) -> PlayNode | SayNode:
    node = state.flow.nodes[state.node]
    assert isinstance(node, PlayNode | SayNode)
    return node


def _typed_past(state: SessionState, node: PlayNode | SayNode) -> bool:
    if not node.barge_in:
        state.typed = ""
    return bool(state.typed)


def _words(state: SessionState, slot: Slot, now: int) -> str:
    if slot.name in state.secret:
        return ""
    value = state.values((slot.name,), now)[slot.name]
    return said(value, slot.kind or ("text" if isinstance(value, str) else "number"), state.language)
