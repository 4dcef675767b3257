"""The standing texts: what a caller may have to hear though no flow spells it out, in each language. Pure.

The place in the queue and the expected wait are told by `domain.waiting_room`.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from callcenter.domain.waiting_room import wait_texts
from callcenter.prompts.model import LANGUAGES, PromptText
from ivr_flows.spoken import Kind, spoken, vocabulary


class Phrase(StrEnum):
    """A standing text by its purpose."""

    ALL_AGENTS_BUSY = "ALL_AGENTS_BUSY"
    STILL_WAITING = "STILL_WAITING"
    CONNECTING = "CONNECTING"
    TRANSFERRING = "TRANSFERRING"
    CLOSED = "CLOSED"
    QUEUE_FULL = "QUEUE_FULL"
    NO_INPUT = "NO_INPUT"
    NO_MATCH = "NO_MATCH"
    TICKET_OPENED = "TICKET_OPENED"
    TECHNICAL_FAULT = "TECHNICAL_FAULT"
    GOODBYE = "GOODBYE"


PHRASES: Final[dict[str, dict[Phrase, str]]] = {
    "zh": {
        Phrase.ALL_AGENTS_BUSY: "人工坐席全忙，请您稍候。",
        Phrase.STILL_WAITING: "感谢您的耐心等待，我们会尽快为您接通人工服务。",
        Phrase.CONNECTING: "正在为您接通人工坐席，请稍候。",
        Phrase.TRANSFERRING: "正在为您转接，请不要挂机。",
        Phrase.CLOSED: "您好，现在不是服务时间，请您在服务时间内再次来电。",
        Phrase.QUEUE_FULL: "当前来电较多，暂时无法为您接通，请您稍后再拨。",
        Phrase.NO_INPUT: "没有收到您的按键，请重新选择。",
        Phrase.NO_MATCH: "您的输入有误，请重新选择。",
        Phrase.TICKET_OPENED: "您的诉求已经登记，我们会尽快与您联系。",
        Phrase.TECHNICAL_FAULT: "非常抱歉，系统暂时出现故障，请您稍后再拨。",
        Phrase.GOODBYE: "感谢您的来电，再见。",
    },
    "en": {
        Phrase.ALL_AGENTS_BUSY: "All our agents are busy. Please hold the line.",
        Phrase.STILL_WAITING: "Thank you for waiting. We will connect you as soon as possible.",
        Phrase.CONNECTING: "We are connecting you to an agent. Please hold the line.",
        Phrase.TRANSFERRING: "Your call is being transferred. Please do not hang up.",
        Phrase.CLOSED: "Our service is closed at the moment. Please call again during our opening hours.",
        Phrase.QUEUE_FULL: "We are receiving many calls at the moment. Please call again later.",
        Phrase.NO_INPUT: "We did not receive your choice. Please try again.",
        Phrase.NO_MATCH: "That choice is not available. Please try again.",
        Phrase.TICKET_OPENED: "Your request has been registered. We will contact you soon.",
        Phrase.TECHNICAL_FAULT: "We are sorry, there is a technical problem. Please call again later.",
        Phrase.GOODBYE: "Thank you for calling. Goodbye.",
    },
    "ko": {
        Phrase.ALL_AGENTS_BUSY: "모든 상담원이 통화 중입니다. 잠시만 기다려 주십시오.",
        Phrase.STILL_WAITING: "기다려 주셔서 감사합니다. 곧 상담원을 연결해 드리겠습니다.",
        Phrase.CONNECTING: "상담원을 연결하고 있습니다. 잠시만 기다려 주십시오.",
        Phrase.TRANSFERRING: "전화를 돌려 드리고 있습니다. 끊지 말고 기다려 주십시오.",
        Phrase.CLOSED: "지금은 상담 시간이 아닙니다. 상담 시간에 다시 걸어 주십시오.",
        Phrase.QUEUE_FULL: "지금은 전화가 많아 연결이 어렵습니다. 잠시 후 다시 걸어 주십시오.",
        Phrase.NO_INPUT: "입력이 없습니다. 다시 선택해 주십시오.",
        Phrase.NO_MATCH: "잘못 입력하셨습니다. 다시 선택해 주십시오.",
        Phrase.TICKET_OPENED: "민원이 접수되었습니다. 빠른 시일 안에 연락드리겠습니다.",
        Phrase.TECHNICAL_FAULT: "죄송합니다. 시스템 장애가 발생했습니다. 잠시 후 다시 걸어 주십시오.",
        Phrase.GOODBYE: "전화해 주셔서 감사합니다. 안녕히 계십시오.",
    },
}

TICKET_LETTERS: Final = ("T",)
"""The letters in the ids of our tickets."""


def phrase(which: Phrase, language: str) -> PromptText:
    """The standing text in `language`; an unknown language is answered in English."""
    known = language if language in PHRASES else "en"
    return PromptText(PHRASES[known][which], known)


def digits(figures: str, language: str) -> list[PromptText]:
    """One prompt per figure of a ticket or telephone number; anything but 0-9 is left out."""
    known = language if language in PHRASES else "en"
    return [
        PromptText(spoken(figure, Kind.DIGITS, known), known) for figure in figures if figure in "0123456789"
    ]


def standing_prompts(languages: tuple[str, ...] = LANGUAGES) -> Iterator[PromptText]:
    """Every text this file can say in `languages`, each once."""
    for language in languages:
        yield from (phrase(which, language) for which in Phrase)
        yield from digits("0123456789", language)
        yield from wait_texts(language)


def piece_prompts(languages: tuple[str, ...] = LANGUAGES) -> Iterator[PromptText]:
    """The single words from which any number, day, time, amount or ticket id is joined, each once."""
    for language in languages:
        yield from (PromptText(word, language) for word in (*vocabulary(language), *TICKET_LETTERS))
