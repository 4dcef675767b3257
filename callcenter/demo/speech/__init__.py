"""What the callers and agents of the demo say: short synthetic sentences with their texts.

16 kHz mono FLAC (lossless, because transcripts are scored against the texts), rendered with Kokoro-82M by
`python -m callcenter.demo.speech.render`. The speech proves the path from telephone to transcript; it says
nothing about how well real callers are understood.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

DIRECTORY: Final = Path(__file__).resolve().parent
MANIFEST: Final = DIRECTORY / "manifest.json"


class Role(StrEnum):
    """Who says it."""

    CALLER = "CALLER"
    AGENT = "AGENT"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence: `text` is exactly what is heard, `file` its name in `DIRECTORY`."""

    file: str
    role: Role
    language: str
    voice: str
    text: str
    duration_ms: int

    @property
    def path(self) -> Path:
        """The FLAC file."""
        return DIRECTORY / self.file


@cache
def utterances() -> tuple[Utterance, ...]:
    """Everything that can be said in the demo, in the order of the manifest."""
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return tuple(Utterance(**entry | {"role": Role(entry["role"])}) for entry in entries)


def spoken_by(role: Role, language: str) -> tuple[Utterance, ...]:
    """What `role` can say in `language` (zh, ko); the first of an agent's is the greeting.

    Raises LookupError when nothing was recorded for that language.
    """
    found = tuple(said for said in utterances() if (said.role, said.language) == (role, language))
    if not found:
        languages = sorted({said.language for said in utterances()})
        raise LookupError(f"no demo speech in {language!r}; there is {', '.join(languages)}")
    return found
