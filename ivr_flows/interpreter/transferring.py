"""Transfers: to a queue or an agent of this centre, to a number outside, to another centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr_flows.effects import (
    AskTicket,
    DeadlineReached,
    DialOutside,
    DigitReceived,
    EnterQueue,
    LeaveQueue,
    QueueOutcome,
    StopDialling,
    TicketDone,
    TransferAnswered,
    TransferEnd,
    TransferEnded,
)
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import TransferNode

TICKET_MS: Final = 10_000
"""How long another centre's caller waits for the ticket; then the call goes without its id."""
RING_GRACE_MS: Final = 10_000
"""The switch itself ends the ringing in time; this much later nobody waits for its word any more."""
END_OF: Final[Mapping[QueueOutcome, TransferEnd]] = {
    QueueOutcome.TIMEOUT: TransferEnd.NO_ANSWER,
    QueueOutcome.FULL: TransferEnd.BUSY,
    QueueOutcome.NO_AGENT: TransferEnd.FAILED,
    QueueOutcome.CLOSED: TransferEnd.FAILED,
    QueueOutcome.CALL_BACK: TransferEnd.DONE,
    QueueOutcome.AGENT_DONE: TransferEnd.DONE,
}
"""What the end of a stay in a queue means to a transfer."""


def enter_transfer(state: SessionState, node: TransferNode, now: int) -> None:
    """Into the queue; or the outside party is rung, another centre as soon as there is a ticket."""
    state.typed = ""
    target = node.transfer
    if target.queue is not None:
        agent_id = str(state.value(target.agent, now)) if target.agent else None
        state.wait(Phase.QUEUED, now + node.ring_sec * 1000)
        state.effects.append(EnterQueue(target.queue, agent_id=agent_id))
    elif target.centre is not None:
        state.wait(Phase.TICKETING, now + TICKET_MS)
        state.effects.append(AskTicket(node.category, node.text))
    else:
        _dial(state, node, now)


def ticket_known(state: SessionState, event: TicketDone | DeadlineReached, now: int) -> str | None:
    """With or without the ticket: the caller does not wait for it."""
    _dial(state, state.node_of(TransferNode), now)
    return None


def taken_up(state: SessionState, now: int) -> None:
    """A transfer under way when the controller was restarted may last as long as one that begins."""
    node = state.flow.nodes.get(state.node)
    if isinstance(node, TransferNode):
        if node.rings_outside:
            _ring(state, node, now)
        else:
            state.wait(Phase.QUEUED, now + node.ring_sec * 1000)


def waited_in_queue(state: SessionState, event: DeadlineReached, now: int) -> None:
    """Long enough in the queue; who talks with an agent meanwhile goes on talking."""
    state.wait(Phase.QUEUED, None)
    state.effects.append(LeaveQueue())


def answered(state: SessionState, event: TransferAnswered, now: int) -> None:
    """They talk: the flow waits for the end."""
    state.wait(Phase.HANDED_ON, None)


def ended(state: SessionState, event: TransferEnded, now: int) -> str | None:
    """The way of the end; without one after the talk the call is over."""
    node = state.flow.nodes.get(state.node)
    if not isinstance(node, TransferNode):  # resumed on a version of the flow that lacks the node
        return state.flow.content.start
    if target := node.way_of(event.end):
        return target
    state.end("done")
    return None


def overdue(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """It should have ended long ago."""
    state.effects.append(StopDialling())
    return ended(state, TransferEnded(TransferEnd.NO_ANSWER), now)


def digit_while_ringing(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The human key; other keys mean nothing here."""
    node = state.node_of(TransferNode)
    target = state.to_human(event.digit) if node.human else None
    if target is not None:
        state.effects.append(StopDialling())
    return target


def _dial(state: SessionState, node: TransferNode, now: int) -> None:
    target = node.transfer
    number = str(state.value(target.number, now)) if target.number else ""
    _ring(state, node, now)
    state.effects.append(
        DialOutside(number, target.trunk, target.centre, node.ring_sec, node.music, node.recorded)
    )


def _ring(state: SessionState, node: TransferNode, now: int) -> None:
    state.wait(Phase.RINGING, now + node.ring_sec * 1000 + RING_GRACE_MS)
