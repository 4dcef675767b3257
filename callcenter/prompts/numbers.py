"""Numbers of prompts: what an ops person keys at the telephone to say which one is meant. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from callcenter.prompts.model import PromptText

LENGTH: Final = 6
"""Digits of a number."""


def numbered(prompts: Iterable[PromptText]) -> dict[str, PromptText]:
    """Every prompt by its number, which stays the same as long as the text does. Two texts that would have
    the same one differ by one, in the order of their texts."""
    found: dict[str, PromptText] = {}
    for prompt in sorted(set(prompts), key=lambda prompt: (prompt.language, prompt.text)):
        digest = hashlib.sha256(f"{prompt.language}\0{prompt.text}".encode()).digest()
        number = int.from_bytes(digest[:8], "big")
        while (written := f"{number % 10**LENGTH:0{LENGTH}}") in found:
            number += 1
        found[written] = prompt
    return found
