"""`callcenter flows graph`: a flow as a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import one_flow
from callcenter.settings import Settings
from ivr_flows.drawing.picture import Picture, picture_of
from ivr_flows.drawing.svg import svg
from ivr_flows.drawing.texts import dot, mermaid

FORMATS: Final[Mapping[str, Callable[[Picture], str]]] = {"mermaid": mermaid, "svg": svg, "dot": dot}


def draw_flow(settings: Settings, flow: str, form: str, out: Path | None, language: str | None) -> None:
    """Draw the flow of this name or file with the texts of ``language`` (None: its first) to ``out`` (None:
    print it). Raises Mistakes of the flow, and Failure when there is none, or not in that language."""
    found = one_flow(settings, flow)
    offered = found.content.languages
    if language is not None and language not in offered:
        raise Failure(f"{found.name} does not speak '{language}' -> choose one of: {', '.join(offered)}")
    drawn = FORMATS[form](picture_of(found, language))
    if out is None:
        sys.stdout.write(drawn)
    else:
        out.write_text(drawn, encoding="utf-8")
