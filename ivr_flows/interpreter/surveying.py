"""Surveys: question after question, each answered by one key."""

from __future__ import annotations

from ivr_flows.effects import DeadlineReached, DigitReceived, PlayEnded, SurveyAnswered, SurveyOffered
from ivr_flows.interpreter.checkpoint import checkpoint_of
from ivr_flows.interpreter.state import Phase, SessionState
from ivr_flows.model import SurveyNode, Texts
from ivr_flows.model.surveying import Question


def enter_survey(state: SessionState, node: SurveyNode, now: int) -> str | None:
    """The first question; after a restart the one that was not answered yet."""
    if state.question >= len(node.survey):  # resumed on a version of the flow that asks less
        return node.next
    if state.question == 0:
        state.effects.append(SurveyOffered())
    _ask_first(state, node, now)
    return None


def digit_while_asking(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """A key stops the words and counts; without barge-in only the human key does."""
    node = state.node_of(SurveyNode)
    target = state.to_human(event.digit) if node.human else None
    if target is None and not node.barge_in:
        return None
    state.stop_play()
    return target or _rate(state, node, event.digit, now)


def asked(state: SessionState, event: PlayEnded, now: int) -> None:
    """The words are said: now the caller has time to answer."""
    if event.token == state.token:
        _listen(state, now)


def asking_overdue(state: SessionState, event: DeadlineReached, now: int) -> None:
    """The words do not end: cut them, and listen."""
    state.stop_play()
    _listen(state, now)


def digit(state: SessionState, event: DigitReceived, now: int) -> str | None:
    """The answer."""
    node = state.node_of(SurveyNode)
    target = state.to_human(event.digit) if node.human else None
    return target or _rate(state, node, event.digit, now)


def silence(state: SessionState, event: DeadlineReached, now: int) -> str | None:
    """No answer: once more, or out."""
    return _repeat(state, state.node_of(SurveyNode), state.hints.no_input if state.hints else None, now)


def _question(state: SessionState, node: SurveyNode) -> tuple[str, Question]:
    return [*node.survey.items()][state.question]


def _ask_first(state: SessionState, node: SurveyNode, now: int) -> None:
    state.typed, state.attempts = "", 0
    state.prompt(Phase.SURVEYING, now, _question(state, node)[1].ask)


def _listen(state: SessionState, now: int) -> None:
    state.wait(Phase.RATING, now + state.node_of(SurveyNode).timeout_sec * 1000)


def _rate(state: SessionState, node: SurveyNode, key: str, now: int) -> str | None:
    name, question = _question(state, node)
    score = question.scores.get(key)
    if score is None:
        return _repeat(state, node, state.hints.no_match if state.hints else None, now)
    counts = state.question == 0
    state.question += 1
    is_satisfied = score >= question.satisfied
    state.effects.append(SurveyAnswered(name, score, is_satisfied, counts, checkpoint_of(state)))
    if state.question == len(node.survey):
        return node.next
    _ask_first(state, node, now)
    return None


def _repeat(state: SessionState, node: SurveyNode, hint: Texts | None, now: int) -> str | None:
    state.attempts += 1
    if state.attempts > node.retries:
        return node.next if state.question else node.no_answer or node.next
    state.prompt(Phase.SURVEYING, now, hint, _question(state, node)[1].ask)
    return None
