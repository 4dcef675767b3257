"""What a caller chose, in the words by which the flow offered it."""

from __future__ import annotations

import re
from typing import Final

from ivr_flows.model import Flow, ListenNode, MenuNode, Node

_KEYS: Final = tuple("0123456789*#")
_NAMES: Final = {
    "zh": ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "星号", "井号"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "star", "hash"),
}
"""How the texts of flows name the keys, in the order of _KEYS."""
_CLAUSES: Final = {"zh": re.compile(r"[，。；！？,;]"), "en": re.compile(r"[.;!?]")}
_PRESSING: Final = {
    "zh": re.compile(r"[，、]?请?您?(按|拨)[^按拨]*$"),
    "en": re.compile(r",?\s*(please\s+)?press(\s+\S+){1,3}$", re.IGNORECASE),
}


def offered_as(flow: Flow, node: Node, key: str, language: str) -> str:
    """What this key, or spoken choice, of the node means: what may be said instead of it, else the part of
    its text that names it; empty where the flow has no words for it. ``language`` is that of the call; a text
    that lacks it is read in the flow's first."""
    if not isinstance(node, MenuNode | ListenNode):
        return ""
    for spoken in (language, flow.content.languages[0]):
        if phrases := node.spoken(spoken).get(key):
            return phrases[0]
        if text := node.asks.get(spoken):
            return _clause_of(text, key, spoken)
    return ""


def _clause_of(text: str, key: str, language: str) -> str:
    """The clause of a menu's text that names the key, without the words that say to press it."""
    if language not in _NAMES or key not in _KEYS:
        return ""
    name = _NAMES[language][_KEYS.index(key)]
    for clause in _CLAUSES[language].split(text):
        found = _PRESSING[language].search(clause)
        if found and (name in found[0] or key in found[0]):
            return clause[: found.start()].strip()
    return ""
