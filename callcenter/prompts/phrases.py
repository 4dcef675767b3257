"""The standing texts: what callers hear that no flow spells out, in every shipped language. Pure.

A place in the queue and a wait are whole sentences, not pieces put together: that is how a person says them
(Chinese 两位, Korean 스무 분). Beyond the largest sentence the text says
"more than", so the set is finite, and all of it is rendered before the first call.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from callcenter.prompts.model import LANGUAGES, PromptText

MAX_CALLERS_AHEAD: Final = 20
WAIT_MINUTES: Final = (1, 2, 3, 5, 10, 15, 20, 30)


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

_DIGITS: Final = {
    "zh": "零幺二三四五六七八九",
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ko": "영일이삼사오육칠팔구",
}
_KOREAN_UNITS: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_ENGLISH_TO_NINETEEN: Final = (
    *_DIGITS["en"],
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_ENGLISH_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty")


def phrase(which: Phrase, language: str) -> PromptText:
    """The standing text in `language`; an unknown language is answered in English."""
    known = language if language in PHRASES else "en"
    return PromptText(PHRASES[known][which], known)


def digits(figures: str, language: str) -> list[PromptText]:
    """One prompt per figure of a ticket or telephone number; anything but 0-9 is left out."""
    known = language if language in _DIGITS else "en"
    return [PromptText(_DIGITS[known][int(figure)], known) for figure in figures if figure in "0123456789"]


def callers_ahead(ahead: int, language: str) -> PromptText:
    """How many callers will be served before this one; 0 says that he is the next."""
    many = ahead > MAX_CALLERS_AHEAD
    count = min(ahead, MAX_CALLERS_AHEAD)
    match language:
        case "zh" if count <= 0:
            text = "您是下一位，请您稍候。"
        case "zh":
            text = f"您前面还有{_chinese_count(count)}{'多' if many else ''}位在排队，请您稍候。"
        case "ko" if count <= 0:
            text = "다음 차례입니다. 잠시만 기다려 주십시오."
        case "ko":
            text = f"앞에 {_korean_count(count)} 분{' 이상' if many else '이'} 기다리고 있습니다."
        case _ if count <= 0:
            return PromptText("You are next. Please hold the line.", "en")
        case _:
            are = "is one caller" if count == 1 else f"are {english_number(count)} callers"
            are = f"are more than {english_number(count)} callers" if many else are
            return PromptText(f"There {are} ahead of you.", "en")
    return PromptText(text, language)


def wait_minutes(minutes: float, language: str) -> PromptText:
    """The expected wait, rounded up to the next of `WAIT_MINUTES`."""
    many = minutes > WAIT_MINUTES[-1]
    rounded = next((step for step in WAIT_MINUTES if step >= minutes), WAIT_MINUTES[-1])
    match language:
        case "zh":
            span = f"{_chinese_count(rounded)}分钟"
            text = f"您需要等待{span}以上。" if many else f"您大约需要等待{span}。"
        case "ko":
            span = f"{_sino_korean(rounded)} 분"
            text = f"예상 대기 시간은 {f'{span} 이상' if many else f'약 {span}'}입니다."
        case _:
            span = f"{english_number(rounded)} minute{'' if rounded == 1 else 's'}"
            return PromptText(f"Your waiting time is {'more than' if many else 'about'} {span}.", "en")
    return PromptText(text, language)


def chinese_number(number: int) -> str:
    """0-99 in Chinese figures."""
    tens, units = divmod(number, 10)
    figures = "零一二三四五六七八九"
    if tens == 0:
        return figures[units]
    return ("" if tens == 1 else figures[tens]) + "十" + (figures[units] if units else "")


def english_number(number: int) -> str:
    """0-59 in English words."""
    if number < 20:
        return _ENGLISH_TO_NINETEEN[number]
    tens, units = divmod(number, 10)
    return _ENGLISH_TENS[tens] + (f"-{_DIGITS['en'][units]}" if units else "")


def _chinese_count(number: int) -> str:
    """Before a measure word two is 两."""
    return "两" if number == 2 else chinese_number(number)


def _korean_count(number: int) -> str:
    """Native Korean numbers up to 29, as used for counting people."""
    tens, units = divmod(number, 10)
    if (tens, units) == (2, 0):
        return "스무"
    return ("", "열", "스물")[tens] + _KOREAN_UNITS[units]


def _sino_korean(number: int) -> str:
    """1-99 in Sino-Korean numbers, as used for minutes."""
    tens, units = divmod(number, 10)
    figures = _DIGITS["ko"]
    return (figures[tens] if tens > 1 else "") + ("십" if tens else "") + (figures[units] if units else "")


def standing_prompts(languages: tuple[str, ...] = LANGUAGES) -> Iterator[PromptText]:
    """Every text this file can say in `languages`, each once."""
    for language in languages:
        yield from (phrase(which, language) for which in Phrase)
        yield from digits("0123456789", language)
        yield from (callers_ahead(ahead, language) for ahead in range(MAX_CALLERS_AHEAD + 2))
        yield from (wait_minutes(minutes, language) for minutes in (*WAIT_MINUTES, WAIT_MINUTES[-1] + 1))
