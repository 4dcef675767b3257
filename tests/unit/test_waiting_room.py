"""What a waiting caller hears."""

from __future__ import annotations

import pytest

from callcenter.domain.waiting_room import (
    POSITIONS_SPOKEN,
    WaitingPolicy,
    WaitingRoom,
    position_text,
    wait_text,
)
from ivr_flows.effects import PromptText
from ivr_flows.model import WhileWaiting

POLICY = WaitingPolicy(12, 30, comfort={"zh": ("甲", "乙"), "en": ("one",)})


def test_comfort_messages_take_turns_and_the_place_follows() -> None:
    """First after 12 s, then every 30 s."""
    room = WaitingRoom.entered(POLICY, "zh", 1000)
    assert room.next_at == 13_000
    heard = [room.announcement(place, None, 13_000 + turn * 30_000) for turn, place in enumerate((3, 2, 1))]
    assert [[prompt.text for prompt in prompts] for prompts in heard] == [
        ["甲", "您前面还有两位来电者。"],
        ["乙", "您前面还有一位来电者。"],
        ["甲", "您是下一位,请不要挂机。"],
    ]
    assert room.next_at == 13_000 + 60_000 + 30_000


@pytest.mark.parametrize(
    ("place", "zh", "en", "ko"),
    [
        (2, "一位", "One person is ahead", "한 분"),
        (3, "两位", "Two people are ahead", "두 분"),
        (11, "十位", "Ten people are ahead", "열 분"),
        (20, "十九位", "Nineteen people are ahead", "열아홉 분"),
    ],
)
def test_numbers_are_spoken_as_people_say_them(place: int, zh: str, en: str, ko: str) -> None:
    """Each language in its own way."""
    for language, part in (("zh", zh), ("en", en), ("ko", ko)):
        text = position_text(place, language)
        assert text is not None
        assert part in text.text


def test_far_places_and_unknown_languages_are_not_spoken() -> None:
    """Nobody is comforted by place 21, or by a language that cannot be spoken."""
    assert position_text(POSITIONS_SPOKEN + 1, "zh") is None
    assert position_text(0, "zh") is None
    assert position_text(1, "fr") is None
    room = WaitingRoom.entered(POLICY, "fr", 0)
    assert room.announcement(1, 60_000, 1) == ()


def test_every_prompt_that_can_be_heard_is_named() -> None:
    """Rendering the policy's prompts leaves no announcement without audio."""
    known = set(POLICY.prompts())
    for language in POLICY.comfort:
        room = WaitingRoom.entered(POLICY, language, 0)
        for place in (*range(1, POSITIONS_SPOKEN + 5), None):
            assert set(room.announcement(place, None, 0)) <= known
    silent = WaitingPolicy(announce_position=False, comfort={"zh": ("甲",)})
    assert silent.prompts() == (PromptText("甲", "zh"),)


def test_the_call_back_is_offered_to_whom_it_can_be_made() -> None:
    """Behind the place, and only in a language in which it can be told; from then on the key counts."""
    policy = WaitingPolicy(comfort={"zh": ("甲",), "en": ("one",)}, call_back={"zh": "请按一"})
    room = WaitingRoom.entered(policy, "zh", 0, calls_back=True)
    assert not room.offered
    assert [prompt.text for prompt in room.announcement(1, None, 0)][-1] == "请按一"
    assert room.offered
    for language, calls_back in (("zh", False), ("en", True)):
        room = WaitingRoom.entered(policy, language, 0, calls_back)
        assert "请按一" not in [prompt.text for prompt in room.announcement(1, None, 0)]
        assert not room.offered
    assert PromptText("请按一", "zh") in policy.prompts()


@pytest.mark.parametrize(
    ("minutes", "language", "text"),
    [
        (1.5, "zh", "您大约需要等待两分钟。"),
        (0.1, "en", "Your waiting time is about one minute."),
        (12, "en", "Your waiting time is about fifteen minutes."),
        (31, "zh", "您需要等待三十分钟以上。"),
        (99, "ko", "예상 대기 시간은 삼십 분 이상입니다."),
    ],
)
def test_a_wait_is_said_as_a_person_would(minutes: float, language: str, text: str) -> None:
    """Rounded up to a spoken step; beyond the last, "more than"."""
    assert wait_text(round(minutes * 60_000), language) == PromptText(text, language)
    assert wait_text(60_000, "cy") is None


def test_the_expected_wait_is_told_where_it_is_wanted() -> None:
    """Behind the place; not when nobody knows it, and not to who is being connected."""
    policy = WaitingPolicy(comfort={"en": ("one",)}, announce_wait=True)
    room = WaitingRoom.entered(policy, "en", 0)
    heard = [[prompt.text for prompt in room.announcement(2, wait_ms, 0)] for wait_ms in (90_000, None, 0)]
    place = "One person is ahead of you."
    assert heard == [
        ["one", place, "Your waiting time is about two minutes."],
        ["one", place],
        ["one", place],
    ]
    assert {prompt for ms in (1, 10**6, 10**8) for prompt in room.announcement(1, ms, 0)} <= {
        *policy.prompts()
    }


def test_a_flow_says_its_own_words() -> None:
    """What the node does not say stays as the settings have it."""
    words = WhileWaiting(comfort=({"zh": "丙", "en": "three"},), every_sec=60, announce_position=False)
    changed = POLICY.changed_by(words)
    assert changed == WaitingPolicy(
        12, 60, announce_position=False, comfort={"zh": ("丙",), "en": ("three",)}
    )
    assert POLICY.changed_by(None) is POLICY
