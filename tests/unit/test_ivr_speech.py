"""What callers say in flows: which choice it is, what happens meanwhile, and what is no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.check import prompts_of
from ivr_flows.effects import (
    BeginListening,
    ChoiceSpoken,
    DeadlineReached,
    DigitReceived,
    EndListening,
    FlowEffect,
    HeardWord,
    PlayEnded,
    PlayPrompts,
    PromptText,
    SpeechHeard,
    SpeechUnavailable,
    StopPrompts,
)
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow
from ivr_flows.testing.loader import load_casebook
from ivr_flows.testing.run import run_casebook
from ivr_flows.testing.words import failure_lines
from ivr_flows.understanding import Understood, understood
from located_yaml import Mistakes

WRITTEN = """\
flow: town
languages: [zh, en]
start: menu
human: {key: '0', next: human}
hints:
  no_input: {zh: 没有听到。, en: I heard nothing.}
  no_match: {zh: 没有听懂。, en: I did not understand.}
  confirm: {zh: '您说的是{choice}，对吗？', en: 'You said {choice}, is that right?'}
  yes: {zh: [是的, 对], en: ['yes', right]}
nodes:
  menu:
    menu: {zh: 请说咨询或投诉。, en: Say question or complaint.}
    digits: {1: human, 2: topic, 9: english}
    speech:
      1: {zh: [咨询, 政策], en: [question]}
      2: {zh: [投诉, 投诉咨询], en: [complaint]}
      0: {zh: [人工], en: [agent]}
    no_input: bye
    no_match: bye
  english: {language: en, next: menu}
  topic:
    listen: {zh: 请说出您要反映的问题。, en: What is it about?}
    choices:
      noise: {words: {zh: [噪音, 施工], en: [noise]}, key: '1', next: noise}
      water: {words: {zh: [停水], en: [water]}, next: water}
    into: said
    next: other
    confirm_below: 0.8
    no_input: silent
    no_match: bye
    unavailable: keys
  noise: {hang_up: noise}
  water: {hang_up: water}
  other: {branch: [{when: "contains(said, '路灯')", next: lights}], otherwise: human}
  lights: {hang_up: lights}
  silent: {hang_up: silent}
  keys: {hang_up: keys}
  human: {queue: general, otherwise: bye}
  bye: {hang_up: done}
"""
FLOW = load_flow(WRITTEN, "town.yaml")
SPOKEN = {"1": ("咨询", "政策"), "2": ("投诉", "投诉咨询"), "9": ("English",)}


def words(*texts: str, confidence: float = 0.9) -> tuple[HeardWord, ...]:
    """These words, all as sure."""
    return tuple(HeardWord(text, confidence) for text in texts)


# --- understanding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "language", "expected"),
    [
        (("我", "要", "投诉"), "zh", "2"),
        (("投", "诉"), "zh", "2"),
        (("我要投訴",), "zh", "2"),
        (("投诉", "咨询"), "zh", "2"),
        (("咨询", "政策"), "zh", "1"),
        (("咨询", "或", "投诉"), "zh", None),
        (("你好",), "zh", None),
        ((), "zh", None),
        (("ENGLISH", "please"), "en", "9"),
        (("Englishman",), "en", None),
    ],
)
def test_the_longest_phrase_is_meant(heard: tuple[str, ...], language: str, expected: str | None) -> None:
    """Across the recogniser's own spaces where the language has none; as whole words elsewhere."""
    found = understood(words(*heard), SPOKEN, language)
    assert (found.choice if found else None) == expected


def test_a_choice_is_as_sure_as_its_least_sure_word() -> None:
    """What was said around it does not count; of two places the surer one does."""
    heard = [HeardWord("嗯", 0.1), HeardWord("投", 0.9), HeardWord("诉", 0.6), HeardWord("投诉", 0.8)]
    assert understood(heard, SPOKEN, "zh") == Understood("2", 0.8)
    assert understood(heard[:3], SPOKEN, "zh") == Understood("2", 0.6)


@given(st.lists(st.text("咨询投诉政 策a.", max_size=5), max_size=5), st.sampled_from(["zh", "en", "ko"]))
def test_anything_may_be_heard(texts: list[str], language: str) -> None:
    """No text makes it fail, and what is understood was offered."""
    found = understood(words(*texts), SPOKEN, language)
    assert found is None or (found.choice in SPOKEN and found.confidence == 0.9)


# --- the menu ----------------------------------------------------------------------------------------------


def session(node: str = "menu") -> tuple[FlowSession, list[FlowEffect]]:
    """A call that comes to this node at the instant 0."""
    at_node = FlowSession.resumed(FLOW, CallFacts(caller="", did=""), {}, {"node": node})
    return at_node, at_node.start(0)


def token(effects: list[FlowEffect]) -> str:
    """Of the one listening that begins."""
    (begun,) = [effect for effect in effects if isinstance(effect, BeginListening)]
    return begun.token


def test_a_menu_listens_from_its_first_word_for_its_phrases_only() -> None:
    """In the caller's language; the human key's words too."""
    _, effects = session()
    (begun,) = [effect for effect in effects if isinstance(effect, BeginListening)]
    assert (begun.language, begun.pause_ms) == ("zh", 600)
    assert begun.phrases == ("咨询", "政策", "投诉", "投诉咨询", "人工")


def test_whoever_begins_to_speak_stops_the_words_and_chooses_when_finished() -> None:
    """Nobody is spoken to in the middle of a word; the listening ends with the choice."""
    call, effects = session()
    hearing = token(effects)
    assert isinstance(call.handle(SpeechHeard(hearing, words("投"), final=False), 500)[0], StopPrompts)
    assert call.phase is Phase.LISTENING
    done = call.handle(SpeechHeard(hearing, words("投诉")), 1500)
    assert done[:2] == [ChoiceSpoken("2", 0.9), EndListening(hearing)]
    assert call.path[-1] == "topic"


def test_a_key_ends_the_listening_and_a_wrong_one_begins_a_new_one() -> None:
    """What is still said to the old one is nobody's."""
    call, effects = session()
    first = token(effects)
    again = call.handle(DigitReceived("7"), 500)
    assert EndListening(first) in again
    assert token(again) != first
    assert call.handle(SpeechHeard(first, words("投诉")), 600) == []


def test_without_recognition_the_menu_goes_on_with_keys() -> None:
    """It is said to its end, and nobody is listened to any more in this menu."""
    call, effects = session()
    (play,) = [effect for effect in effects if isinstance(effect, PlayPrompts)]
    assert call.handle(SpeechUnavailable(token(effects)), 100) == []
    assert call.handle(PlayEnded(play.token), 3000) == []
    again = call.handle(DeadlineReached(), 8000)
    assert [type(effect) for effect in again] == [PlayPrompts]
    assert call.handle(DigitReceived("2"), 9000)
    assert call.path[-1] == "topic"


def test_a_noise_that_never_ends_is_silence() -> None:
    """Whoever has begun to speak is waited for, but not for ever."""
    call, effects = session()
    hearing = token(effects)
    for at in range(500, 60_000, 1000):
        if call.next_deadline() is not None and (call.next_deadline() or 0) <= at:
            break
        call.handle(SpeechHeard(hearing, words("嗯"), final=False), at)
    assert 15_000 < (call.next_deadline() or 0) <= 21_000


def test_a_menu_without_barge_in_listens_after_its_words() -> None:
    """And not while it is repeated."""
    flow = load_flow(
        WRITTEN.replace(
            "    no_input: bye\n    no_match: bye\n  english",
            "    barge_in: false\n    no_input: bye\n    no_match: bye\n  english",
        ),
        "t.yaml",
    )
    call = FlowSession(flow, CallFacts(caller="", did=""), {})
    (play,) = [effect for effect in call.start(0) if isinstance(effect, PlayPrompts)]
    begun = call.handle(PlayEnded(play.token), 3000)
    hearing = token(begun)
    repeated = call.handle(SpeechHeard(hearing, words("你好")), 5000)
    assert EndListening(hearing) in repeated
    assert not any(isinstance(effect, BeginListening) for effect in repeated)


# --- cases -------------------------------------------------------------------------------------------------

CASES = """\
flow: town
usually: {at: 2026-03-02 10:00}
cases:
  said in the menu: {steps: [{say: 我要 投诉, at: menu}, {say: 噪音, at: topic}], expect: {ends: noise}}
  the human key may be said: {steps: [{say: 转 人工, at: menu}], expect: {queue: general}}
  in the other language:
    steps: [{press: 9, at: menu}, {say: a complaint, heard: Say question}, {say: no water, at: topic}]
    expect: {path: [menu, english, menu, topic, water], language: en}
  what is no choice is kept and decides:
    steps: [{press: 2, at: menu}, {say: 门口 的 路灯 坏 了, at: topic}]
    expect: {path: [topic, other, lights]}
  what nobody foresaw comes to a human:
    steps: [{press: 2, at: menu}, {say: 天气 真 好, at: topic}]
    expect: {path: [topic, other, human]}
  asked back and confirmed by word:
    steps: [{press: 2, at: menu}, {say: 停水, confidence: 0.6, at: topic}, {say: 是的, heard: 您说的是停水}]
    expect: {ends: water}
  asked back and confirmed by key:
    steps: [{press: 2, at: menu}, {say: 停水, confidence: 0.6, at: topic}, {press: 1, heard: 您说的是停水}]
    expect: {ends: water}
  asked back and denied:
    steps:
      - {press: 2, at: menu}
      - {say: 停水, confidence: 0.6, at: topic}
      - {say: 不是, heard: 您说的是停水}
      - {say: 施工, heard: 请说出}
    expect: {heard: [您说的是停水, 请说出], ends: noise}
  asked back and silent:
    steps: [{press: 2, at: menu}, {say: 停水, confidence: 0.6, at: topic}]
    expect: {heard: [您说的是停水, 没有听到。, 请说出], ends: silent}
  asked back and wants a human:
    steps: [{press: 2, at: menu}, {say: 停水, confidence: 0.6, at: topic}, {press: '0', heard: 您说的是}]
    expect: {queue: general}
  a key instead: {steps: [{press: 2, at: menu}, {press: 1, at: topic}], expect: {ends: noise}}
  a wrong key:
    steps: [{press: 2, at: menu}, {press: 7, at: topic}, {press: 7, after_sec: 1}]
    expect: {ends: done}
  nothing said: {steps: [{press: 2, at: menu}], expect: {ends: silent}}
  nobody listens: {steps: [{press: 2, at: menu}], recognition: unavailable, expect: {ends: keys}}
"""


def test_callers_come_where_what_they_say_leads() -> None:
    """Menus and nodes that listen, their questions back, and all that is no answer."""
    book = load_casebook(CASES, "town.yaml", {"town": FLOW})
    results = list(run_casebook(book))
    assert [line for result in results if result.failures for line in failure_lines(result)] == []
    assert len(results) == 14


def test_what_was_said_is_kept_for_nobody_to_read() -> None:
    """Without a seal it is in no checkpoint; conditions may ask about it."""
    call, effects = session("topic")
    call.handle(SpeechHeard(token(effects), words("路灯", "坏了")), 1000)
    assert call.path[-1] == "lights"
    assert "路灯" not in str(call.checkpoint())


def test_questions_back_can_be_rendered_before_any_call() -> None:
    """One for each choice and language."""
    assert {PromptText("您说的是停水，对吗？", "zh"), PromptText("You said noise, is that right?", "en")} <= {
        *prompts_of(FLOW)
    }


# --- mistakes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      1: {zh: [咨询", "      5: {zh: [咨询", "node 'menu': speech for key 5, which leads nowhere"),
        (", en: [question]}", "}", "node 'menu', words for '1': no words in the language 'en'"),
        ("en: [agent]", "en: [agent], ko: [사람]", "nobody is spoken to in 'ko' here"),
        ("zh: [人工]", "zh: [咨 询]", "'咨 询' is said for 1 and for 0: choose other words"),
        ("zh: [人工]", "zh: ['！']", "words for '0': '！' is nothing that can be said"),
        ("zh: [停水]", "zh: [施工]", "'施工' is said for noise and for water"),
        (
            "water: {words: {zh: [停水]",
            "water: {key: '1', words: {zh: [停水]",
            "key 1 is that of 'noise' already",
        ),
        ("key: '1'", "key: '0'", "key 0 leads to a human ('human') everywhere"),
        ("    next: other\n", "", "'into' takes what was said and 'next' says where it leads: give both"),
        ("next: water}", "next: wather}", "unknown node 'wather'; did you mean 'water'?"),
        (
            "unavailable: keys",
            "unavailabel: keys",
            "unknown field 'unavailabel'; did you mean 'unavailable'?",
        ),
        ("  confirm: {zh", "  echo: {zh", "there are no words to ask back with: add 'hints: {confirm:"),
        ("{choice}，对吗", "{said}，对吗", "'said'"),
    ],
)
def test_what_is_wrong_with_words_is_told(old: str, new: str, told: str) -> None:
    """Each mistake with its cure, before any caller meets it."""
    assert old in WRITTEN
    with pytest.raises(Mistakes) as refused:
        load_flow(WRITTEN.replace(old, new, 1), "t.yaml")
    assert told in str(refused.value)


def test_what_was_said_may_not_be_said_back() -> None:
    """It is personal, like sensitive digits."""
    with pytest.raises(Mistakes, match="'said' is sensitive and may not be said"):
        load_flow(
            WRITTEN.replace(
                "lights: {hang_up: lights}", "lights: {say: {zh: '{said}', en: '{said}'}, next: bye}"
            ),
            "t.yaml",
        )
