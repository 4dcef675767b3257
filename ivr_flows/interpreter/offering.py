"""What all nodes have in common that ask for a choice: words, listening, repeats."""

from __future__ import annotations

from typing import Final

from ivr_flows.effects import ChoiceSpoken
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import ListenNode, MenuNode, Texts

SPEAKING_MS: Final = 5000
"""Who has begun to speak is waited for so long after each sound, ..."""
SPEECH_MS: Final = 20_000
"""... and in a menu so long in all: a noise that never ends is no choice."""

AskingNode = MenuNode | ListenNode


def say(state: SessionState, node: AskingNode, now: int, *parts: Texts | None) -> None:
    """Say these words; with barge-in the caller is heard from their beginning on."""
    state.prompt(Phase.PROMPTING, now, *parts)
    if node.barge_in:
        hear(state, node)
    else:
        state.end_listening()


def hear(state: SessionState, node: AskingNode) -> None:
    """Listen to the answer, if it may be said."""
    phrases = node.phrases(state.language)
    if phrases or isinstance(node, ListenNode):
        state.listen_for(phrases, round(node.pause_sec * 1000))


def let_speak(state: SessionState, at_most_ms: int, phase: Phase, now: int) -> None:
    """Wait for the end of what the caller has begun to say."""
    if state.speech_until is None:
        state.speech_until = now + at_most_ms
    state.wait(phase, min(now + SPEAKING_MS, state.speech_until))


def accepted(state: SessionState, node: ListenNode, choice: str, confidence: float) -> str:
    """The way of a choice that was said."""
    state.effects.append(ChoiceSpoken(choice, confidence))
    return node.choices[choice].next


def repeat(state: SessionState, node: AskingNode, way_out: str, hint: Texts | None, now: int) -> str | None:
    """Ask once more, after the hint, or out by this way."""
    state.typed = ""
    state.attempts += 1
    if state.attempts > node.retries:
        return way_out
    say(state, node, now, hint, node.asks)
    return None
