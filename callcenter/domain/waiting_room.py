"""What a waiting caller hears over the music: comfort messages and the place in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr_flows.effects import PromptText
from ivr_flows.spoken import LANGUAGES, Kind, spoken

POSITIONS_SPOKEN = 20
"""Places up to this one are announced; further back a number comforts nobody."""


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


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    """When a waiting caller is spoken to. ``comfort`` holds the messages by language, heard in turn;
    ``call_back`` tells, by language, which key asks to be called back."""

    first_after_sec: int = 12
    every_sec: int = 30
    announce_position: bool = True
    comfort: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    call_back: Mapping[str, str] = field(default_factory=dict)

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

    def announcement(self, position: int | None, now: int) -> tuple[PromptText, ...]:
        """The prompts to be heard now (possibly none); the next time is set."""
        self.next_at = now + self.policy.every_sec * 1000
        comfort = self.policy.comfort.get(self.language, ())
        prompts = [PromptText(comfort[self.spoken % len(comfort)], self.language)] if comfort else []
        self.spoken += 1
        if self.policy.announce_position and position is not None:
            place = position_text(position, self.language)
            prompts += [place] if place else []
        if self.calls_back and self.language in self.policy.call_back:
            prompts.append(PromptText(self.policy.call_back[self.language], self.language))
            self.offered = True
        return tuple(prompts)
