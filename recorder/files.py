"""The files of a recording: two mono halves written by the switch become one two-channel WAV.

The only IO of this package. ``join`` is plain and synchronous; run it where it slows nobody.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recorder.model import JoinedRecording, NothingRecorded, RecordingUnusable

SILENCE_DBFS = -120.0
POLL_S = 0.05
COMPLETE_WITHIN_S = 10.0
EMPTY_AFTER_S = 1.5
"""A half without audio looks the same while it is written and when complete: so long it may grow."""
_RIFF = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _RIFF.size


def halves(stem: Path, *, wideband: bool) -> tuple[Path, Path]:
    """What the switch writes for this stem: what the leg said, what it heard."""
    extension = ".wav16" if wideband else ".wav"
    return Path(f"{stem}-said{extension}"), Path(f"{stem}-heard{extension}")


def joined_path(stem: Path) -> Path:
    """The finished recording of this stem."""
    return Path(f"{stem}-both.wav")


def join(stem: Path, *, wideband: bool) -> JoinedRecording:
    """Join the halves once they are complete: left what the leg said, right what it heard.

    The finished file appears whole or not at all; then the halves go. Joined already, it is only measured
    again. A half that is missing or shorter is silence. Raises RecordingUnusable; NothingRecorded when the
    switch wrote neither half, as of a talk that was over before the switch could begin.
    """
    target, sample_rate = joined_path(stem), 16_000 if wideband else 8_000
    said, heard = halves(stem, wideband=wideband)
    try:
        if not target.exists():
            began = time.monotonic()
            left, right = (_samples(_completed(half, began)) for half in (said, heard))
            if not said.exists() and not heard.exists():
                raise NothingRecorded(f"neither {said.name} nor {heard.name} is there: none was written")
            _write(target, left, right, sample_rate)
        for half in (said, heard):
            half.unlink(missing_ok=True)
        return _measured(target)
    except OSError as error:
        raise RecordingUnusable(f"{target.name}: {error.strerror or error}; check disk and rights") from error


def _completed(path: Path, began: float) -> bytes:
    """The half's bytes, once its header tells its whole length (the switch writes that last).

    Waited for since ``began``, for both halves together: a recording is to be there 2 s after the call.
    """
    while True:
        waited = time.monotonic() - began
        raw = path.read_bytes() if path.exists() else b""
        if len(raw) > HEADER_BYTES and int.from_bytes(raw[40:44], "little") == len(raw) - HEADER_BYTES:
            return raw
        if len(raw) <= HEADER_BYTES and waited > EMPTY_AFTER_S:
            return b""
        if waited > COMPLETE_WITHIN_S:
            return raw
        time.sleep(POLL_S)


def _samples(raw: bytes) -> npt.NDArray[np.int16]:
    body = raw[HEADER_BYTES:]
    return np.frombuffer(body[: len(body) & ~1], dtype="<i2")


def _write(target: Path, left: npt.NDArray[np.int16], right: npt.NDArray[np.int16], rate: int) -> None:
    both = np.zeros((max(left.size, right.size), 2), dtype="<i2")
    both[: left.size, 0] = left
    both[: right.size, 1] = right
    body = both.tobytes()
    header = _RIFF.pack(
        b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, 1, 2, rate, rate * 4, 4, 16, b"data", len(body)
    )
    fresh = target.with_suffix(".part")
    with fresh.open("wb") as file:
        os.chmod(fresh, 0o600)
        file.write(header)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(target)


def _measured(target: Path) -> JoinedRecording:
    raw = target.read_bytes()
    rate = int.from_bytes(raw[24:28], "little")
    both = _samples(raw).reshape(-1, 2)
    return JoinedRecording(
        path=target,
        sha256=hashlib.sha256(raw).hexdigest(),
        duration_ms=len(both) * 1000 // rate,
        sample_rate=rate,
        channel_rms_dbfs=(rms_dbfs(both[:, 0]), rms_dbfs(both[:, 1])),
    )


def rms_dbfs(samples: npt.NDArray[np.int16]) -> float:
    """The level of 16-bit samples relative to full scale, in dB to a tenth; SILENCE_DBFS for nothing."""
    if not samples.size:
        return SILENCE_DBFS
    mean_square = float(np.mean(np.square(samples, dtype=np.float64)))
    if mean_square == 0.0:
        return SILENCE_DBFS
    return round(10.0 * float(np.log10(mean_square / 32768.0**2)), 1)
