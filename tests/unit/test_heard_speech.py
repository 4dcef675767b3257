"""What counts as heard in the recording of a phone, by made-up speech."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.prompts import audio
from tests.integration.heard_speech import place_of

HZ = audio.WIDEBAND_HZ


def noise(seconds: float, seed: int) -> audio.Samples:
    """A piece of sound that is like no other."""
    return np.random.default_rng(seed).normal(0.0, 0.1, round(seconds * HZ)).astype(np.float32)


WORDS = noise(4.0, 1)


@pytest.mark.parametrize("stall_ms", [0, 20, 260, -260])
def test_a_phone_that_stands_still_has_heard_it(stall_ms: int) -> None:
    """What a busy machine makes a phone lose or conceal damages one place, and shifts what follows."""
    at, samples = round(1.7 * HZ), abs(stall_ms) * HZ // 1000
    concealed = noise(samples / HZ, 2) if stall_ms > 0 else WORDS[:0]
    after = WORDS[at + (samples if stall_ms < 0 else 0) :]
    heard = np.concatenate([noise(2.0, 3), WORDS[:at], concealed, after, noise(2.0, 4)])
    place = place_of(heard, WORDS)
    assert place == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(
    "heard",
    [
        noise(6.0, 5),
        np.concatenate([noise(2.0, 3), WORDS[2 * HZ :], WORDS[: 2 * HZ], noise(1.0, 4)]),
        np.concatenate([noise(2.0, 3), WORDS[: 2 * HZ], noise(4.0, 4)]),
        np.zeros(6 * HZ, np.float32),
    ],
    ids=["other words", "out of order", "broken off", "silence"],
)
def test_other_sound_is_not_taken_for_it(heard: audio.Samples) -> None:
    """Words are heard whole and in their order, or not at all."""
    assert place_of(heard, WORDS) is None
