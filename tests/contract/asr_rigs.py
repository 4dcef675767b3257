"""Engines for the contract of recognizers: each with a recording it understands."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asr.recognizer import Engine
from callcenter.models.install import install

REPOSITORY = Path(__file__).parents[2]
SPEECH = REPOSITORY / "tests" / "data" / "speech"


@dataclass(frozen=True, slots=True)
class EngineRig:
    """An engine under test; `highest_error_rate` is what its transcript of `recording` may have."""

    name: str
    make: Callable[[], Engine]
    language: str
    recording: Path
    text: str
    highest_error_rate: float


def models_root() -> Path:
    """Where the tests' models are: CALLCENTER_MODELS_DIR, else var/models of the repository."""
    return Path(os.environ.get("CALLCENTER_MODELS_DIR") or REPOSITORY / "var" / "models")


def installed(model_id: str) -> Path:
    """The directory of a model, installed if need be."""
    return asyncio.run(install(model_id, models_root()))


def make_scripted() -> Engine:
    """The twin, which hears one text in everything."""
    from asr.scripted import ScriptedEngine

    return ScriptedEngine(("ko",), default="저는 서울에 살고 있습니다")


def make_vosk() -> Engine:
    """Vosk with the Korean model."""
    from asr.vosk_recognizer import VoskEngine

    return VoskEngine(installed("vosk-ko"), "vosk-ko", "ko")


def make_whisper() -> Engine:
    """Whisper with the base model."""
    from asr.whisper_recognizer import WhisperEngine

    return WhisperEngine(installed("whisper-base"), "whisper-base", ("zh", "en"))


SCRIPTED = EngineRig(
    "scripted", make_scripted, "ko", SPEECH / "ko" / "02.flac", "저는 서울에 살고 있습니다", 0.0
)
VOSK = EngineRig("vosk", make_vosk, "ko", SPEECH / "ko" / "02.flac", "저는 서울에 살고 있습니다", 0.6)
WHISPER = EngineRig(
    "whisper", make_whisper, "zh", SPEECH / "zh" / "01.flac", "我想反映一下小区门口的路灯坏了好几天了", 0.4
)
