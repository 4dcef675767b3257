"""Nodes that ask and tell other systems, and what the lists say of the caller."""

from __future__ import annotations

from collections.abc import Mapping

from ivr_flows.effects import (
    AskLookUp,
    CallerListed,
    DeadlineReached,
    LookUpDone,
    LookUpOutcome,
    PlayEnded,
    Send,
)
from ivr_flows.expressions import Value, kind_of
from ivr_flows.interpreter import waiting
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import CallerListNode, LookUpNode, SendNode


def enter_look_up(state: SessionState, node: LookUpNode, now: int) -> None:
    """Ask, and let something be heard meanwhile."""
    given = {name: state.value(expression, now) for name, expression in node.with_.items()}
    within_ms = node.timeout_sec * 1000
    state.asked, state.answer = state.new_token(), None
    waiting.begin(state, node, Phase.LOOKING_UP, now)
    state.wait(Phase.LOOKING_UP, now + within_ms)
    state.effects.append(AskLookUp(state.asked, node.look_up, given, within_ms))


def answered(state: SessionState, event: LookUpDone, now: int) -> str | None:
    """Words that are just heard are heard to their end."""
    if event.token != state.asked:
        return None
    state.asked, state.answer = "", event
    return None if state.token else _take(state, event)


def words_ended(state: SessionState, event: PlayEnded, now: int) -> str | None:
    """On, if the answer is there; else music or silence."""
    if state.answer is None or event.token != state.token:
        waiting.words_ended(state, event, now)
        return None
    state.token = ""
    return _take(state, state.answer, is_quiet=True)


def overdue(state: SessionState, event: DeadlineReached, now: int) -> str:
    """No (whole) answer in time; or one that waited for words which do not end."""
    return _take(state, state.answer or LookUpDone("", LookUpOutcome.FAILED))


def enter_send(state: SessionState, node: SendNode, now: int) -> str:
    """What is to be told, with the values of now."""
    body = {name: state.value(expression, now) for name, expression in node.body.items()}
    secret = frozenset(name for name, expression in node.body.items() if state.is_secret(expression))
    state.effects.append(Send(node.send, body, secret))
    return node.next


def enter_caller_list(state: SessionState, node: CallerListNode, now: int) -> str:
    """The way of the first list that has the caller."""
    for name, target in node.caller_list.items():
        if name in state.facts.lists:
            state.effects.append(CallerListed(name))
            return target
    return node.otherwise


def _take(state: SessionState, answer: LookUpDone, *, is_quiet: bool = False) -> str:
    """The way of the answer. What is missing or of another kind makes it none."""
    node = state.node_of(LookUpNode)
    state.asked, state.answer = "", None
    if not is_quiet:
        waiting.quiet(state, node)
    if answer.outcome is LookUpOutcome.NOT_FOUND:
        return node.not_found
    if answer.outcome is not LookUpOutcome.FOUND or not _fits(state, node, answer.results):
        return node.failed
    for variable, result in node.into.items():
        state.assign(variable, answer.results[result], secret=node.sensitive)
    return node.next


def _fits(state: SessionState, node: LookUpNode, results: Mapping[str, Value]) -> bool:
    kinds = state.flow.content.known.kinds
    return all(
        isinstance(value := results.get(result), str | int | float) and kind_of(value) is kinds.get(variable)
        for variable, result in node.into.items()
    )
