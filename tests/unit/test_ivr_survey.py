"""Surveys in a flow: questions, scores, repeats, and where they go on after a restart."""

from __future__ import annotations

import json

import pytest

from ivr_flows.check import prompts_of
from ivr_flows.effects import (
    DigitReceived,
    NodeEntered,
    PlayPrompts,
    PromptText,
    SurveyAnswered,
    SurveyOffered,
)
from ivr_flows.interpreter import CallFacts, FlowSession
from ivr_flows.loader import load_flow
from ivr_flows.rehearsal import Press, Script, rehearse
from located_yaml import Mistakes

WRITTEN = """\
flow: rating
languages: [zh]
start: rate
human: {key: '0', next: agent}
hints: {no_input: {zh: 没有按键。}, no_match: {zh: 输入有误。}}
nodes:
  rate:
    survey:
      service: {ask: {zh: 请评价。}, scores: {1: 5, 2: 3, 3: 1}, satisfied: 3}
      solved: {ask: {zh: 解决了吗。}, scores: {1: 1, 2: 0}, satisfied: 1}
    next: thanks
    no_answer: end
  thanks: {play: {zh: 谢谢。}, next: end}
  end: {hang_up: done}
  agent: {queue: general, otherwise: end}
"""
FLOW = load_flow(WRITTEN, "rating.yaml")
KEPT = {"flow": FLOW.name, "version": FLOW.version, "node": "rate", "language": "zh", "path": ["rate"]}
SERVICE = SurveyAnswered("service", 3, True, True, {**KEPT, "question": 1})
SOLVED = SurveyAnswered("solved", 0, False, False, {**KEPT, "question": 2})


def pressed(*keys: str) -> Script:
    """Each key four seconds after the one before."""
    return Script([Press(key, "rate", after_ms=4000 * (i + 1)) for i, key in enumerate(keys)])


def test_each_key_is_a_score_and_the_first_question_counts() -> None:
    """The questions come in order; the flow goes on with its thanks."""
    done = rehearse(FLOW, pressed("2", "2"))
    assert done.ratings == [SERVICE, SOLVED]
    assert done.texts == ["请评价。", "解决了吗。", "谢谢。"]
    assert [word for _, effect in done.effects if isinstance(effect, SurveyOffered) for word in [effect]] == [
        SurveyOffered()
    ]
    assert PromptText("解决了吗。", "zh") in prompts_of(FLOW)


def test_silence_and_wrong_keys_are_answered_with_a_repeat_and_then_the_survey_is_over() -> None:
    """Without the first answer the caller did not take part; without the second they did."""
    silent = rehearse(FLOW)
    assert silent.texts == ["请评价。", "没有按键。", "请评价。"]
    assert (silent.path, silent.ways[0][1].word) == (["rate", "end"], "no_answer")
    wrong = rehearse(FLOW, pressed("7", "8"))
    assert wrong.texts[:3] == ["请评价。", "输入有误。", "请评价。"]
    half = rehearse(FLOW, pressed("2"))
    assert (half.ratings, half.path) == ([SERVICE], ["rate", "thanks", "end"])


def test_the_human_key_leads_to_a_human() -> None:
    """Also from a survey."""
    assert rehearse(FLOW, pressed("0")).path == ["rate", "agent"]


def test_after_a_restart_the_open_question_is_asked() -> None:
    """What was answered is not asked again."""
    first = FlowSession(FLOW, FACTS, {})
    first.start(0)
    assert SERVICE in first.handle(DigitReceived("2"), 1000)
    kept = json.loads(json.dumps(first.checkpoint()))
    (words,) = FlowSession.resumed(FLOW, FACTS, {}, kept).start(2000)
    assert isinstance(words, PlayPrompts)
    assert words.prompts == (PromptText("解决了吗。", "zh"),)


def test_after_the_last_answer_a_restart_goes_on() -> None:
    """The answer is all that was kept of the step in which the call went on: nothing is asked twice."""
    again = FlowSession.resumed(FLOW, FACTS, {}, SOLVED.checkpoint)
    assert [effect.node for effect in again.start(0) if isinstance(effect, NodeEntered)] == ["thanks"]


FACTS = CallFacts("13800000000", "12345")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("satisfied: 3", "satisfied: 1", "not the least"),
        ("satisfied: 3", "satisfied: 6", "must be one of the scores"),
        ("3: 1}, satisfied: 3", "0: 1}, satisfied: 3", "key 0 leads to a human"),
        ("{1: 1, 2: 0}", "{1: 1}", "at least 2"),
    ],
)
def test_mistakes_are_told(old: str, new: str, told: str) -> None:
    """A score that tells nothing, and a key that is taken."""
    assert old in WRITTEN
    with pytest.raises(Mistakes, match=told):
        load_flow(WRITTEN.replace(old, new), "rating.yaml")
