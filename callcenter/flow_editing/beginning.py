"""What a new flow begins with: small, sound as it stands, and spoken by the voices of the product."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ivr_flows.model import Language
from ivr_flows.model.parts import NAME

FAREWELLS: Final = {
    "zh": "感谢您的来电，再见。",
    "en": "Thank you for calling. Goodbye.",
    "ko": "전화해 주셔서 감사합니다. 안녕히 계십시오.",
}
"""Words of the shipped flows."""
FIRST: Final = """\
flow: {name}
languages: [{language}]
start: welcome

nodes:
  welcome:
    play: {{{language}: {words}}}
    next: end

  end:
    hang_up: done
"""


class UnfitName(Exception):
    """No flow can be begun under this name. ``code`` is for programs, the text for people, with the cure."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


def begun(name: str, language: Language) -> str:
    """The text of a new flow, in this language or else in English. What it says is to be changed."""
    language = language if language in FAREWELLS else "en"
    return FIRST.format(name=name, language=language, words=FAREWELLS[language])


def file_of_new(name: str, files: Collection[str], flows: Collection[str]) -> str:
    """The file for a new flow beside those that there are. Raises UnfitName."""
    if not NAME.fullmatch(name):
        told = f"'{name}' cannot be the name of a flow -> letters, digits and _, as in night_line"
        raise UnfitName("flow_name_unfit", told)
    file = f"{name}.yaml"
    if name in flows or file in files:
        raise UnfitName("flow_name_taken", f"there is a flow '{name}' already -> choose another name")
    return file
