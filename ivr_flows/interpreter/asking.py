"""Nodes that ask the rest of the centre, let time pass, or end the call."""

from __future__ import annotations

from ivr_flows.effects import (
    AskTicket,
    DeadlineReached,
    DigitReceived,
    EnterQueue,
    LeftByKey,
    PlayEnded,
    PlayMusic,
    QueueLeft,
    StopMusic,
    TicketDone,
    TransferEnded,
)
from ivr_flows.interpreter import transferring
from ivr_flows.interpreter.state import MAX_TYPED_AHEAD, Phase, SessionState
from ivr_flows.model import HangUpNode, QueueNode, TicketNode, TransferNode, WaitNode


def enter_queue(state: SessionState, node: QueueNode, now: int) -> None:
    """Queued; the queue's own settings bound the wait."""
    state.typed = ""
    state.wait(Phase.QUEUED, None)
    state.effects.append(EnterQueue(node.queue, node.priority, dict(node.skills)))


def queue_left(state: SessionState, event: QueueLeft, now: int) -> str | None:
    """The way of the outcome."""
    node = state.flow.nodes.get(state.node)
    if isinstance(node, TransferNode):
        return transferring.ended(state, TransferEnded(transferring.END_OF[event.outcome]), now)
    if not isinstance(node, QueueNode):  # resumed on a version of the flow that lacks the queue's node
        return state.flow.content.start
    if target := node.way_of(event.outcome):
        return target
    state.end("done")
    return None


def left_by_key(state: SessionState, event: LeftByKey, now: int) -> str | None:
    """Where the key leads."""
    node = state.flow.nodes.get(state.node)
    return node.keys.get(event.digit) if isinstance(node, QueueNode) else None


def enter_ticket(state: SessionState, node: TicketNode, now: int) -> None:
    """The ticket is asked for."""
    state.wait(Phase.TICKETING, now + node.timeout_sec * 1000)
    state.effects.append(AskTicket(node.ticket, node.text))


def ticket_done(state: SessionState, event: TicketDone, now: int) -> str | None:
    """With or without the ticket."""
    if isinstance(state.flow.nodes[state.node], TransferNode):
        return transferring.ticket_known(state, event, now)
    node = state.node_of(TicketNode)
    return node.next if event.ticket_id is not None else node.failed or node.next


def ticket_overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No ticket in time."""
    if isinstance(state.flow.nodes[state.node], TransferNode):
        return transferring.ticket_known(state, event, now)
    node = state.node_of(TicketNode)
    return node.failed or node.next


def enter_wait(state: SessionState, node: WaitNode, now: int) -> None:
    """Words first, if there are any; then music, if it is wanted."""
    state.token = ""
    if node.prompt:
        state.prompt(Phase.WAITING, now, node.prompt)
    elif node.music:
        state.effects.append(PlayMusic())
    state.wait(Phase.WAITING, now + node.wait * 1000)


def waiting_words_ended(state: SessionState, event: PlayEnded, now: int) -> None:
    """The rest of the wait has music or silence."""
    if state.token and event.token == state.token:
        state.token = ""
        if state.node_of(WaitNode).music:
            state.effects.append(PlayMusic())


def waited(state: SessionState, event: DeadlineReached, now: int) -> str:
    """Long enough."""
    node = state.node_of(WaitNode)
    _quiet(state, node)
    return node.next


def digit_while_waiting(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The human key; other keys are kept for the next menu."""
    node = state.node_of(WaitNode)
    target = state.to_human(event.digit) if node.human else None
    if target is None:
        state.typed = (state.typed + event.digit)[:MAX_TYPED_AHEAD]
    else:
        _quiet(state, node)
    return target


def enter_hang_up(state: SessionState, node: HangUpNode, now: int) -> None:
    """The end."""
    state.end(node.hang_up, node.cause)


def _quiet(state: SessionState, node: WaitNode) -> None:
    if state.token:
        state.stop_play()
    elif node.music:
        state.effects.append(StopMusic())
