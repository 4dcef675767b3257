"""Time that passes: words first, if there are any, then music or silence; the human key is heard."""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded, PlayMusic, StopMusic
from ivr_flows.interpreter.state import MAX_TYPED_AHEAD, Phase, SessionState
from ivr_flows.model import LookUpNode, WaitNode


def enter_wait(state: SessionState, node: WaitNode, now: int) -> None:
    """So many seconds, words included."""
    begin(state, node, Phase.WAITING, now)
    state.wait(Phase.WAITING, now + node.wait * 1000)


def waited(state: SessionState, event: DeadlineReached, now: int) -> str:
    """Long enough."""
    node = state.node_of(WaitNode)
    quiet(state, node)
    return node.next


# --- of every node in which time passes --------------------------------------------------------------------


def begin(state: SessionState, node: WaitNode | LookUpNode, phase: Phase, now: int) -> None:
    """What is heard first. The caller of this function says until when the session waits."""
    state.token = ""
    if node.prompt:
        state.prompt(phase, now, node.prompt)
    elif node.music:
        state.effects.append(PlayMusic())


def words_ended(state: SessionState, event: PlayEnded, now: int) -> None:
    """The rest of the wait has music or silence."""
    if state.token and event.token == state.token:
        state.token = ""
        if _node(state).music:
            state.effects.append(PlayMusic())


def digit(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The human key; other keys are kept for the next menu."""
    node = _node(state)
    target = state.to_human(event.digit) if node.human else None
    if target is None:
        state.typed = (state.typed + event.digit)[:MAX_TYPED_AHEAD]
    else:
        quiet(state, node)
    return target


def quiet(state: SessionState, node: WaitNode | LookUpNode) -> None:
    """Nothing of this wait is heard any more."""
    if state.token:
        state.stop_play()
    elif node.music:
        state.effects.append(StopMusic())


def _node(state: SessionState) -> WaitNode | LookUpNode:
    node = state.flow.nodes[state.node]
    assert isinstance(node, WaitNode | LookUpNode)
    return node
