"""The JSON shapes of what callers hear. See ``wire``."""

from __future__ import annotations

from typing import Literal

from callcenter.prompts.catalogue import PromptState
from callcenter.web.wire import Wire

PromptFault = Literal["silent", "clipped", "unusable"]


class Prompt(Wire):
    """A text that callers can hear. ``number`` names it, also at a telephone. ``said_by`` are flows, or
    (the centre), (waiting), (numbers). ``state`` says what speaks it: a recording, prepared audio, an engine,
    a poor voice, nothing; ``stale`` is a recording of a text that nothing says now, ``now`` what the text has
    probably become. ``audio`` is where it can be heard."""

    number: str
    language: str
    text: str
    said_by: list[str]
    state: PromptState
    voice: str
    duration_ms: int | None
    level_dbfs: float | None
    audio: str | None
    now: str
    needs_attention: bool
    allowed_actions: list[Literal["record", "remove"]]


class PromptsAnswer(Wire):
    """Every text, flow by flow, then stale recordings."""

    prompts: list[Prompt]


class PromptSound(Wire):
    """What a recording measures before it is trimmed and levelled: of its speech the level, its highest peak,
    and at how many places it is cut off at full scale. ``fault``: why it would be refused, ``told`` in
    words."""

    duration_ms: int
    rate_hz: int
    channels: int
    level_dbfs: float
    peak_dbfs: float
    clipped: int
    fault: PromptFault | None
    told: str


class PromptRemoved(Wire):
    """The text as callers hear it now; null: nothing says it any more."""

    prompt: Prompt | None
