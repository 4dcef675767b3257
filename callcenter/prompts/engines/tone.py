"""The last resort: beeps. They say nothing, but a caller is never left in silence and a tester notices."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.model import Voice

_RATE_HZ: Final = 16_000
_PITCHES_HZ: Final = (660.0, 550.0, 440.0)
_BEEP_SEC, _GAP_SEC = 0.18, 0.12


class ToneSynthesizer:
    """Three falling beeps, whatever the text. Always installed, never fails."""

    name = "tone"

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        """Half-sine enveloped beeps of 660, 550 and 440 Hz."""
        time = np.arange(round(_BEEP_SEC * _RATE_HZ)) / _RATE_HZ
        envelope = np.sin(np.pi * time / _BEEP_SEC)
        gap = np.zeros(round(_GAP_SEC * _RATE_HZ))
        beeps = [part for pitch in _PITCHES_HZ for part in (envelope * np.sin(2 * np.pi * pitch * time), gap)]
        return (0.5 * np.concatenate(beeps)).astype(np.float32), _RATE_HZ
