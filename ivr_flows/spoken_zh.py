"""Values in Mandarin. ``ivr_flows.spoken.Kind`` tells what each is."""

from __future__ import annotations

from datetime import date
from typing import Final

_FIGURES: Final = "零一二三四五六七八九"
_READ: Final = str.maketrans(dict(enumerate(_FIGURES, start=ord("0"))))
# In figures called out one by one 1 is 幺, so that nobody takes it for 7: 一 and 七 sound alike by telephone.
_CALLED: Final = {**_READ, ord("1"): "幺", ord("*"): "星号", ord("#"): "井号", ord("+"): "加"}
_UNITS: Final = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_GROUPS: Final = ((10**8, "亿"), (10**4, "万"))


def whole(number: int) -> str:
    """A bare number: 二, 十二, 两百, 一千零五, 两万二千."""
    said = _ranked(number)
    return "两" + said[1:] if said[0] == "二" and said[1:2] in set("百千万亿") else said


def _ranked(number: int) -> str:
    """The same with 二 throughout, as ranks say it (第二百)."""
    if number == 0:
        return "零"
    said = _grouped(number)
    return said[1:] if said.startswith("一十") else said


def _grouped(number: int) -> str:
    for unit, word in _GROUPS:
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return _grouped(high) + word + gap + (_grouped(low) if low else "")
    said, gap = "", ""
    for unit, word in _UNITS:
        figure = number // unit % 10
        if figure:
            said += (gap if said else "") + _FIGURES[figure] + word
        gap = "" if figure else "零"
    return said


class Chinese:
    """Words as they are said in the streets of Beijing and on hotlines, without 〇 and without 儿."""

    vocabulary: Final = (
        *"零一二两三四五六七八九十百千万亿幺负点第元角分年月日秒天加",
        *(f"{tens}十" for tens in "二三四五六七八九"),
        *(f"{figure}{unit}" for unit in "百千" for figure in "一两三四五六七八九"),
        *("小时", "分钟", "凌晨", "上午", "中午", "下午", "晚上", "星号", "井号", "是", "否"),
        *(f"星期{day}" for day in "一二三四五六日"),
    )

    def number(self, negative: bool, whole_part: int, fraction: str) -> str:
        """负十二点五."""
        return "负" * negative + whole(whole_part) + ("点" + fraction.translate(_READ) if fraction else "")

    def count(self, number: int) -> str:
        """Before a word that counts: 两(位)."""
        return "两" if number == 2 else whole(number)

    def ordinal(self, number: int) -> str:
        """第二."""
        return "第" + _ranked(number)

    def figures(self, groups: tuple[str, ...]) -> str:
        """幺三八,零零幺三."""
        return ",".join(" ".join(group) if group.isalpha() else group.translate(_CALLED) for group in groups)

    def money(self, negative: bool, yuan: int, fen: int) -> str:
        """十二元五角, 十二元零五分, 两角."""
        jiao, fen = divmod(fen, 10)
        said = self.count(yuan) + "元" if yuan or not (jiao or fen) else ""
        if jiao:
            said += (_FIGURES[jiao] if said else self.count(jiao)) + "角"
        if fen:
            gap = "零" if said and not jiao else ""
            said += gap + (_FIGURES[fen] if said else self.count(fen)) + "分"
        return "负" * negative + said

    def date(self, day: date) -> str:
        """二零二六年十月一日."""
        return f"{day.year:04d}".translate(_READ) + f"年{whole(day.month)}月{whole(day.day)}日"

    def weekday(self, number: int) -> str:
        """星期日."""
        return "星期" + "一二三四五六日"[number - 1]

    def time(self, hour: int, minute: int) -> str:
        """上午九点零五分."""
        part = next(name for until, name in _DAY_PARTS if hour < until)
        on_the_clock = hour if hour <= 12 else hour - 12
        gap = "零" if 0 < minute < 10 else ""
        return f"{part}{self.count(on_the_clock)}点" + (f"{gap}{whole(minute)}分" if minute else "")

    def duration(self, days: int, hours: int, minutes: int, seconds: int) -> str:
        """两小时五分钟."""
        parts = ((days, "天"), (hours, "小时"), (minutes, "分钟"), (seconds, "秒"))
        return "".join(self.count(many) + unit for many, unit in parts if many) or "零秒"

    def yes_no(self, yes: bool) -> str:
        """是, 否."""
        return "是" if yes else "否"


_DAY_PARTS: Final = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
