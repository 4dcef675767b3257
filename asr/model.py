"""What a recognizer heard: words, segments and the transcript of one audio channel.

All times are milliseconds from the first sample of the channel. The JSON shape is the dataclasses' own:
field names are keys, tuples are arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

# Languages whose words are written without spaces between them.
_UNSPACED_LANGUAGES = frozenset({"zh", "ja", "yue"})


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. `confidence` lies in 0..1 as the engine reports it; engines do not compare."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance: what was said between two pauses."""

    text: str
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything heard on one channel, and by which engine and model.

    `sample_rate` is the recording's own rate in Hz, not the rate the model works at.
    """

    language: str
    engine: str
    model: str
    sample_rate: int
    duration_ms: int
    segments: tuple[Segment, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do. `sample_rates` are the accepted input rates in Hz."""

    sample_rates: tuple[int, ...]
    live: bool
    words: bool
    languages: tuple[str, ...]


def primary_language(tag: str) -> str:
    """Return the language of a BCP 47 tag without region or script: `zh-CN` -> `zh`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def join_texts(texts: Iterable[str], language: str) -> str:
    """Join the texts of words or segments the way `language` writes them."""
    separator = "" if language in _UNSPACED_LANGUAGES else " "
    return separator.join(text for text in (part.strip() for part in texts) if text)


def encode_transcript(transcript: Transcript) -> bytes:
    """Return the transcript as JSON."""
    return orjson.dumps(transcript)


def decode_transcript(data: bytes) -> Transcript:
    """Return the transcript that `encode_transcript` wrote. Raises ValueError on anything else."""
    try:
        fields = orjson.loads(data)
        segments = tuple(decode_segment(segment) for segment in fields.pop("segments"))
        return Transcript(segments=segments, **fields)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a transcript: {error}") from error


def decode_segment(fields: dict[str, Any]) -> Segment:
    """Return the segment whose JSON object is `fields`. Raises KeyError or TypeError on anything else."""
    words = tuple(Word(**word) for word in fields["words"])
    return Segment(fields["text"], words, fields["start_ms"], fields["end_ms"])
