"""What a FlowSession can be waiting for, and its limits."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MAX_INSTANT_NODES: Final = 100
"""Nodes passed without waiting before a flow counts as broken."""
MAX_NODES: Final = 1000
"""Nodes of one call before it counts as abuse."""
MAX_TYPED_AHEAD: Final = 8
PATH_IN_CHECKPOINT: Final = 30
PLAY_BASE_MS: Final = 10_000
PLAY_CHARACTER_MS: Final = 400
"""A play is given up after its base and this for each character, some two to five times what speech takes."""


class Phase(StrEnum):
    """What the session waits for."""

    START = "start"
    PLAYING = "playing"
    PROMPTING = "prompting"
    LISTENING = "listening"
    QUEUED = "queued"
    TICKETING = "ticketing"
    ANNOUNCING = "announcing"
    RECORDING = "recording"
    ENDED = "ended"
