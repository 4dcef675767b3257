"""Audio in: one channel of a recording as PCM blocks, and a streaming change of sample rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from asr.recognizer import FailureReason, RecognitionError

ACCEPTED_SAMPLE_RATES = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
BYTES_PER_SAMPLE = 2
_BLOCK_MS = 200

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel of a recording."""

    path: Path
    channel: int
    sample_rate: int
    duration_ms: int


def inspect_channel(path: Path, channel: int) -> ChannelInfo:
    """Look at channel `channel` (counted from 0) of the recording at `path` without decoding it.

    Raises RecognitionError: BAD_FILE when the file is missing, unreadable, no audio, or lacks the channel;
    UNSUPPORTED_SAMPLE_RATE for a rate outside ACCEPTED_SAMPLE_RATES.
    """
    with _open(path) as file:
        if not 0 <= channel < file.channels:
            raise _bad_file(path, f"it has {file.channels} channel(s), channel {channel} was asked for")
        require_sample_rate(file.samplerate)
        return ChannelInfo(path, channel, file.samplerate, file.frames * 1000 // file.samplerate)


def require_sample_rate(sample_rate: int) -> None:
    """Raise RecognitionError(UNSUPPORTED_SAMPLE_RATE) for a rate that is not accepted."""
    if sample_rate not in ACCEPTED_SAMPLE_RATES:
        accepted = ", ".join(str(rate) for rate in ACCEPTED_SAMPLE_RATES)
        raise RecognitionError(
            FailureReason.UNSUPPORTED_SAMPLE_RATE,
            f"audio at {sample_rate} Hz cannot be transcribed; accepted are {accepted} Hz",
        )


def read_blocks(info: ChannelInfo) -> Iterator[bytes]:
    """Yield the channel as 16-bit PCM blocks of 200 ms. Raises RecognitionError(BAD_FILE)."""
    block_frames = info.sample_rate * _BLOCK_MS // 1000
    with _open(info.path) as file:
        while True:
            try:
                frames = file.read(block_frames, dtype="int16", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise _bad_file(info.path, str(error)) from error
            if not len(frames):
                return
            yield frames[:, info.channel].tobytes()


class Resampler:
    """Changes the sample rate of a PCM stream, keeping its state between blocks."""

    def __init__(self, source_rate: int, target_rate: int) -> None:
        self._stream = (
            None
            if source_rate == target_rate
            else soxr.ResampleStream(source_rate, target_rate, 1, dtype="int16", quality="MQ")
        )

    def feed(self, pcm: bytes) -> bytes:
        """Return the audio that is complete so far; it lags the input by up to 100 ms."""
        if self._stream is None:
            return pcm
        return self._resample(np.frombuffer(pcm, np.int16), last=False)

    def finish(self) -> bytes:
        """Return what was held back. The resampler is then used up."""
        return b"" if self._stream is None else self._resample(np.empty(0, np.int16), last=True)

    def _resample(self, samples: Samples, last: bool) -> bytes:
        assert self._stream is not None
        resampled: Samples = self._stream.resample_chunk(samples, last=last)
        return resampled.tobytes()


def _open(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        detail = "there is no such file" if not path.exists() else str(error)
        raise _bad_file(path, detail) from error


def _bad_file(path: Path, detail: str) -> RecognitionError:
    return RecognitionError(FailureReason.BAD_FILE, f"cannot transcribe {path}: {detail}")
