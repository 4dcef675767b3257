"""The speech gate: what passes, what does not, and where it says it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asr.gate import Gated, Speech, SpeechEnded, SpeechGate

SPEECH = Path(__file__).parents[1] / "data" / "speech"
RATE = 16000


def recorded(name: str, rate: int = RATE) -> bytes:
    """A recording of the test data as PCM at `rate`."""
    samples, source_rate = soundfile.read(SPEECH / name, dtype="int16")
    return np.asarray(soxr.resample(samples, source_rate, rate), np.int16).tobytes()


def silence(ms: int, rate: int = RATE) -> bytes:
    """Digital silence."""
    return bytes(rate * ms // 1000 * 2)


def tone(frequencies: list[float], ms: int) -> bytes:
    """A steady tone of one or more frequencies."""
    at = np.arange(RATE * ms // 1000) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * at) for frequency in frequencies)
    return np.asarray(5000 * wave, np.int16).tobytes()


def noise(ms: int) -> bytes:
    """White noise."""
    return np.random.default_rng(7).normal(0, 1500, RATE * ms // 1000).astype(np.int16).tobytes()


def run(pcm: bytes, rate: int = RATE, block_bytes: int = 3201) -> list[Gated]:
    """All that passes a gate which is fed in odd blocks; neighbouring pieces joined."""
    gate = SpeechGate(rate)
    passed: list[Gated] = []
    for start in range(0, len(pcm), block_bytes):
        passed += gate.feed(pcm[start : start + block_bytes])
    passed += gate.finish()
    joined: list[Gated] = []
    for piece in passed:
        if isinstance(piece, Speech) and joined and isinstance(joined[-1], Speech):
            joined[-1] = Speech(joined[-1].at_sample, joined[-1].pcm + piece.pcm)
        else:
            joined.append(piece)
    return joined


def test_two_utterances_pass_apart_with_their_places() -> None:
    """Each utterance is the stream's own audio from just before its onset to a second after its end."""
    pcm = silence(3000) + recorded("zh/04.flac") + silence(4000) + recorded("zh/07.flac") + silence(3000)
    first, first_end, second, second_end = run(pcm)
    assert isinstance(first_end, SpeechEnded)
    assert isinstance(second_end, SpeechEnded)
    onsets = [3.0, 3.0 + 3.725 + 4.0]
    for piece, onset_sec in zip((first, second), onsets, strict=True):
        assert isinstance(piece, Speech)
        assert piece.at_sample / RATE == pytest.approx(onset_sec, abs=0.4)
        assert pcm[piece.at_sample * 2 : piece.at_sample * 2 + len(piece.pcm)] == piece.pcm
        assert len(piece.pcm) / 2 / RATE < 5.5


@pytest.mark.parametrize(
    "pcm",
    [
        pytest.param(silence(5000), id="silence"),
        pytest.param(tone([440], 4000), id="tone"),
        pytest.param(silence(500) + tone([440, 480], 1000) + silence(2000), id="ring-back of two tones"),
        pytest.param((tone([450], 1000) + silence(4000)) * 3, id="ring-back with pauses"),
        pytest.param((tone([697, 1209], 100) + silence(100)) * 10, id="digits"),
        pytest.param(noise(4000), id="noise"),
        pytest.param(tone([50], 30), id="click"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_speech_does_not_pass(pcm: bytes) -> None:
    """Silence, tones, digits and steady noise cost the recognizer nothing and give it nothing to invent."""
    assert run(pcm) == []


def test_speech_after_a_tone_passes() -> None:
    """A tone does not deafen the gate."""
    pieces = run(tone([450], 1000) + silence(200) + recorded("ko/02.flac"))
    assert [type(piece) for piece in pieces] == [Speech, SpeechEnded]


def test_tone_ends_an_utterance() -> None:
    """A ring-back right after speech does not keep the utterance open."""
    pieces = run(recorded("ko/02.flac") + tone([450], 5000))
    assert [type(piece) for piece in pieces] == [Speech, SpeechEnded]
    assert isinstance(pieces[0], Speech)
    assert len(pieces[0].pcm) / 2 / RATE < 5.0


def test_speech_at_telephone_bandwidth_passes() -> None:
    """The gate works at 8 kHz as well."""
    pieces = run(recorded("zh/01.flac", 8000) + silence(1500, 8000), 8000)
    assert [type(piece) for piece in pieces] == [Speech, SpeechEnded]


def test_skipped_audio_moves_the_stream_on() -> None:
    """After a loss the next utterance has its place on the stream's clock; the one cut off has its end."""
    gate = SpeechGate(RATE)
    speech = recorded("ko/02.flac")
    before = gate.feed(speech[: RATE * 2 * 2])
    cut = gate.skip(10 * RATE)
    after = gate.feed(speech + silence(1500))
    assert isinstance(before[0], Speech)
    assert cut == [SpeechEnded()]
    assert isinstance(after[0], Speech)
    assert after[0].at_sample / RATE == pytest.approx(12.0, abs=0.4)


def test_a_shorter_pause_ends_an_utterance_sooner() -> None:
    """Whoever answers a question is not waited for a whole second."""
    pcm = silence(1000) + recorded("zh/04.flac") + silence(2000)
    lengths = []
    for pause_ms in (1000, 600):
        passed = (gate := SpeechGate(RATE, pause_ms)).feed(pcm) + gate.finish()
        assert [type(piece) for piece in passed] == [Speech, SpeechEnded]
        lengths.append(sum(len(piece.pcm) for piece in passed if isinstance(piece, Speech)))
    assert (lengths[0] - lengths[1]) // 2 * 1000 // RATE == 400
