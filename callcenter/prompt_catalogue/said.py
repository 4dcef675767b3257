"""Who says which text: the flows, the waiting room, and what the centre says besides."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from callcenter.prompts.model import PromptText
from callcenter.prompts.phrases import piece_prompts, standing_prompts
from ivr_flows.check import prompts_of
from ivr_flows.effects import BEEP
from ivr_flows.files import read_flows
from ivr_flows.model import Flow
from located_yaml import Mistakes

CENTRE: Final = "(the centre)"
WAITING: Final = "(waiting)"
PIECES: Final = "(numbers)"

Said = dict[PromptText, list[str]]
"""Texts as they are written, each with the names of the flows that say it, or one of the above."""


def said_by(flows: Iterable[tuple[str, Flow]], waiting: Iterable[PromptText]) -> Said:
    """Every text that callers of these flows can hear; ``waiting``: what those hear who wait."""
    said: Said = {}

    def add(by: str, prompts: Iterable[PromptText]) -> None:
        for prompt in prompts:
            names = said.setdefault(prompt, [])
            if by not in names:
                names.append(by)

    for name, flow in flows:
        add(name, (prompt for prompt in prompts_of(flow) if prompt != BEEP))
    add(WAITING, waiting)
    add(CENTRE, standing_prompts())
    add(PIECES, piece_prompts())
    return said


class WrittenFlows:
    """The flows of a directory, read anew when a file has changed. While they are not sound, they count as
    they were last."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._flows: dict[str, Flow] = {}
        self._seen: list[tuple[str, int, int]] = []

    def flows(self) -> dict[str, Flow]:
        """By name. Reads files: not for the event loop."""
        try:
            files = [(path.name, path.stat()) for path in sorted(self._directory.glob("*.yaml"))]
            seen = [(name, stat.st_mtime_ns, stat.st_size) for name, stat in files]
            if seen != self._seen:
                self._seen = seen
                self._flows = read_flows(self._directory)
        except (Mistakes, OSError):
            pass  # whoever writes them is told by those who check and publish
        return self._flows
