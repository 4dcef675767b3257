"""What a waiting caller hears over the music: comfort messages and the place in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ivr_flows.effects import PromptText
from ivr_flows.model import WhileWaiting
from ivr_flows.spoken import LANGUAGES, Kind, spoken

WAITS_SPOKEN_MIN = (1, 2, 3, 5, 10, 15, 20, 30)
"""The expected waits that have a sentence. It is a whole sentence, not pieces put together, because that is
how a person says it; one that lies in between is told as the next, beyond the last one it is "more than"."""
POSITIONS_SPOKEN = 20
"""Places up to this one are announced; further back a number comforts nobody."""
_CHANGEABLE: Final = ("first_after_sec", "every_sec", "announce_position", "announce_wait")


def position_text(position: int, language: str) -> PromptText | None:
    """The sentence that tells a caller the place in the queue (1: next); None when it is not spoken."""
    ahead = position - 1
    if not 0 <= ahead < POSITIONS_SPOKEN:
        return None
    if language not in LANGUAGES:
        return None
    many = spoken(ahead, Kind.POSITION, language)
    match language:
        case "zh":
            text = f"您前面还有{many}位来电者。" if ahead else "您是下一位,请不要挂机。"
        case "ko":
            text = f"앞에 {many} 분이 기다리고 계십니다." if ahead else "다음 차례입니다."
        case _:
            people = "person is" if ahead == 1 else "people are"
            text = f"{many.capitalize()} {people} ahead of you." if ahead else "You are next."
    return PromptText(text, language)


def wait_text(expected_wait_ms: int, language: str) -> PromptText | None:
    """The sentence that tells a caller the expected wait; None when it is not spoken in this language."""
    if language not in LANGUAGES:
        return None
    minutes = next((known for known in WAITS_SPOKEN_MIN if expected_wait_ms <= known * 60_000), None)
    many = minutes is None
    said = spoken(60 * (WAITS_SPOKEN_MIN[-1] if minutes is None else minutes), Kind.DURATION, language)
    match language:
        case "zh":
            text = f"您需要等待{said}以上。" if many else f"您大约需要等待{said}。"
        case "ko":
            text = f"예상 대기 시간은 {f'{said} 이상' if many else f'약 {said}'}입니다."
        case _:
            text = f"Your waiting time is {'more than' if many else 'about'} {said}."
    return PromptText(text, language)


def wait_texts(language: str) -> tuple[PromptText, ...]:
    """Every sentence that tells an expected wait."""
    waits_ms = [minutes * 60_000 for minutes in WAITS_SPOKEN_MIN]
    said = (wait_text(wait_ms, language) for wait_ms in (*waits_ms, waits_ms[-1] + 1))
    return tuple(text for text in said if text is not None)


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    """When a waiting caller is spoken to. ``comfort`` holds the messages by language, heard in turn;
    ``call_back`` tells, by language, which key asks to be called back."""

    first_after_sec: int = 12
    every_sec: int = 30
    announce_position: bool = True
    comfort: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    call_back: Mapping[str, str] = field(default_factory=dict)
    announce_wait: bool = False

    def changed_by(self, words: WhileWaiting | None) -> WaitingPolicy:
        """This policy but for what the flow's node says."""
        if words is None:
            return self
        given = {name: value for name in _CHANGEABLE if (value := getattr(words, name)) is not None}
        if words.comfort:
            languages = words.comfort[0]
            given["comfort"] = {
                language: tuple(message[language] for message in words.comfort) for language in languages
            }
        return replace(self, **given)

    def prompts(self) -> tuple[PromptText, ...]:
        """Every text that this policy can speak, to be rendered before it is needed."""
        texts = [PromptText(text, language) for language, group in self.comfort.items() for text in group]
        if self.announce_position:
            spoken = (
                position_text(place, language)
                for language in self.comfort
                for place in range(1, POSITIONS_SPOKEN + 1)
            )
            texts += [text for text in spoken if text is not None]
        if self.announce_wait:
            texts += [text for language in self.comfort for text in wait_texts(language)]
        texts += [PromptText(text, language) for language, text in self.call_back.items()]
        return tuple(texts)


@dataclass(slots=True)
class WaitingRoom:
    """One caller's wait. When ``next_at`` has come, ``announcement`` says what to play and moves on.
    ``calls_back``: the caller may ask to be called back, and has been told so once ``offered``."""

    policy: WaitingPolicy
    language: str
    next_at: int
    calls_back: bool = False
    offered: bool = False
    spoken: int = 0

    @staticmethod
    def entered(
        policy: WaitingPolicy, language: str, now: int, calls_back: bool = False, waited_ms: int = 0
    ) -> WaitingRoom:
        """The wait of a caller who comes in now, or of one found waiting since ``waited_ms``, to whom all was
        said in its time."""
        first_after_ms = policy.first_after_sec * 1000
        offered = calls_back and language in policy.call_back and waited_ms >= first_after_ms
        return WaitingRoom(policy, language, now + first_after_ms, calls_back, offered)

    def announcement(
        self, position: int | None, expected_wait_ms: int | None, now: int
    ) -> tuple[PromptText, ...]:
        """The prompts to be heard now (possibly none); the next time is set."""
        self.next_at = now + self.policy.every_sec * 1000
        comfort = self.policy.comfort.get(self.language, ())
        prompts = [PromptText(comfort[self.spoken % len(comfort)], self.language)] if comfort else []
        self.spoken += 1
        if self.policy.announce_position and position is not None:
            place = position_text(position, self.language)
            prompts += [place] if place else []
        if self.policy.announce_wait and expected_wait_ms:  # none while a phone rings
            wait = wait_text(expected_wait_ms, self.language)
            prompts += [wait] if wait else []
        if self.calls_back and self.language in self.policy.call_back:
            prompts.append(PromptText(self.policy.call_back[self.language], self.language))
            self.offered = True
        return tuple(prompts)
