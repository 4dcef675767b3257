"""Sounds without words: the beep before a message, and the last resort of a prompt without audio, which says
nothing, but a caller is never left in silence and a tester notices."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.model import Voice

_RATE_HZ: Final = 16_000
_PITCHES_HZ: Final = (660.0, 550.0, 440.0)
_BEEP_SEC, _GAP_SEC = 0.18, 0.12


class ToneSynthesizer:
    """One beep for the voice ``beep``, else three falling ones, whatever the text. Always installed, never
    fails."""

    name = "tone"

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        """Half-sine enveloped beeps: of 1 kHz, or of 660, 550 and 440 Hz."""
        pitches, beep_sec = ((1000.0,), 0.4) if voice.name == "beep" else (_PITCHES_HZ, _BEEP_SEC)
        time = np.arange(round(beep_sec * _RATE_HZ)) / _RATE_HZ
        envelope = np.sin(np.pi * time / beep_sec)
        gap = np.zeros(round(_GAP_SEC * _RATE_HZ))
        beeps = [part for pitch in pitches for part in (envelope * np.sin(2 * np.pi * pitch * time), gap)]
        return (0.5 * np.concatenate(beeps)).astype(np.float32), _RATE_HZ
