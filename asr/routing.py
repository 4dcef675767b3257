"""Which engine and model hears a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asr.model import primary_language

# Streaming engines first: what Vosk can hear, Vosk hears.
_ENGINE_ORDER = ("vosk", "whisper")


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """An installed model."""

    model_id: str
    engine: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """The model that hears a language."""

    engine: str
    model_id: str
    language: str


@dataclass(frozen=True, slots=True)
class NoRoute:
    """No installed model hears the language; `reason` says so to a person."""

    reason: str


def route(language: str, available: Iterable[AvailableModel]) -> Route | NoRoute:
    """Choose the model for a call in `language` (a BCP 47 tag; region and script do not matter).

    Vosk comes first for every language it has a model for, Whisper second. Among models of one engine the
    first in `available` wins, so the caller's order is the preference.
    """
    wanted = primary_language(language)
    models = list(available)
    for engine in _ENGINE_ORDER:
        for model in models:
            if model.engine == engine and wanted in model.languages:
                return Route(engine, model.model_id, wanted)
    installed = ", ".join(sorted(model.model_id for model in models)) or "none"
    return NoRoute(f"no installed speech model hears {wanted!r} (installed: {installed})")
