"""Nodes that ask the rest of the centre, or end the call."""

from __future__ import annotations

from ivr_flows.effects import (
    AskTicket,
    DeadlineReached,
    EnterQueue,
    LeftByKey,
    QueueLeft,
    TicketDone,
    UpdateTicket,
)
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import HangUpNode, QueueNode, TicketNode, UpdateTicketNode


def enter_queue(state: SessionState, node: QueueNode, now: int) -> None:
    """Queued; the queue's own settings bound the wait."""
    state.typed = ""
    state.wait(Phase.QUEUED, None)
    state.effects.append(EnterQueue(node.queue, node.priority, dict(node.skills)))


def queue_left(state: SessionState, event: QueueLeft, now: int) -> str | None:
    """The way of the outcome."""
    node = state.flow.nodes.get(state.node)
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


def ticket_done(state: SessionState, event: TicketDone, now: int) -> str:
    """With or without the ticket."""
    node = state.node_of(TicketNode)
    return node.next if event.ticket_id is not None else node.failed or node.next


def ticket_overdue(state: SessionState, event: DeadlineReached, now: int) -> str:
    """No ticket in time."""
    node = state.node_of(TicketNode)
    return node.failed or node.next


def enter_update_ticket(state: SessionState, node: UpdateTicketNode, now: int) -> str:
    """What is to be added is told; secret values are passed over (``check`` refuses them)."""
    words = state.written(node.update_ticket, now)
    state.effects.append(UpdateTicket(words, node.category))
    return node.next


def enter_hang_up(state: SessionState, node: HangUpNode, now: int) -> None:
    """The end."""
    state.end(node.hang_up, node.cause)
