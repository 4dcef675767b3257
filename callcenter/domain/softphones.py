"""What the switch, the centre and the page call the same of telephones in browsers."""

from __future__ import annotations

from typing import Final

SOFTPHONE_PREFIX: Final = "soft-"
"""What the names of softphones begin with, and no other phone's."""
ECHO: Final = "selftest"
"""Whom a phone rings to hear itself: the proof that sound goes both ways."""


def softphone_of(agent_id: str) -> str:
    """The name of the agent's softphone, by which the centre rings it."""
    return f"{SOFTPHONE_PREFIX}{agent_id}"
