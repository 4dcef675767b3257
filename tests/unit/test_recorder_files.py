"""Two halves become one two-channel file, whatever state they are in."""

from __future__ import annotations

import threading
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from recorder import files
from recorder.files import halves, join, joined_path, rms_dbfs
from recorder.model import NothingRecorded, RecordingUnusable


def tone(seconds: float, rate: int, level: float) -> npt.NDArray[np.int16]:
    """A sine of this peak level."""
    instants = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * 440 * instants) * level * 32767).astype("<i2")


def write_half(path: Path, samples: npt.NDArray[np.int16], rate: int) -> None:
    with wave.open(str(path.with_suffix(".tmp")), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    path.with_suffix(".tmp").rename(path)


def read_both(path: Path) -> tuple[int, npt.NDArray[np.int16]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        body = file.readframes(file.getnframes())
        return file.getframerate(), np.frombuffer(body, "<i2").reshape(-1, 2)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch is quick here."""
    monkeypatch.setattr(files, "POLL_S", 0.005)
    monkeypatch.setattr(files, "EMPTY_AFTER_S", 0.02)
    monkeypatch.setattr(files, "COMPLETE_WITHIN_S", 0.5)


@pytest.mark.parametrize(("wideband", "rate"), [(True, 16_000), (False, 8_000)])
def test_left_said_right_heard(tmp_path: Path, wideband: bool, rate: int) -> None:
    """Every sample is kept at its rate; the halves go; the levels are those of the channels."""
    stem = tmp_path / "c1.5"
    said, heard = halves(stem, wideband=wideband)
    left, right = tone(1.0, rate, 0.5), tone(1.0, rate, 0.05)
    write_half(said, left, rate)
    write_half(heard, right, rate)
    joined = join(stem, wideband=wideband)
    found_rate, both = read_both(joined.path)
    assert (found_rate, joined.sample_rate, joined.duration_ms) == (rate, rate, 1000)
    assert np.array_equal(both[:, 0], left)
    assert np.array_equal(both[:, 1], right)
    assert joined.channel_rms_dbfs == pytest.approx((-9.0, -29.0), abs=0.1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c1.5-both.wav"]
    assert joined.path.stat().st_mode & 0o777 == 0o600


def test_unequal_halves(tmp_path: Path) -> None:
    """The shorter one is silent at its end."""
    said, heard = halves(tmp_path / "c1", wideband=False)
    write_half(said, tone(0.5, 8000, 0.5), 8000)
    write_half(heard, tone(2.0, 8000, 0.5), 8000)
    joined = join(tmp_path / "c1", wideband=False)
    _, both = read_both(joined.path)
    assert joined.duration_ms == 2000
    assert not both[4000:, 0].any()
    assert both[4000:, 1].any()


def test_a_missing_half_is_silence(tmp_path: Path) -> None:
    """What one side said is worth keeping alone."""
    said, _ = halves(tmp_path / "c1", wideband=True)
    write_half(said, tone(0.5, 16_000, 0.5), 16_000)
    joined = join(tmp_path / "c1", wideband=True)
    assert joined.channel_rms_dbfs[1] == files.SILENCE_DBFS
    assert joined.duration_ms == 500


def test_a_header_that_is_completed_later_is_waited_for(tmp_path: Path) -> None:
    """The switch writes the length last; until then the half is not taken."""
    said, heard = halves(tmp_path / "c1", wideband=False)
    write_half(heard, tone(1.0, 8000, 0.5), 8000)
    whole = tmp_path / "whole.wav"
    write_half(whole, tone(1.0, 8000, 0.5), 8000)
    raw = whole.read_bytes()
    whole.unlink()
    said.write_bytes(raw[:40] + b"\0\0\0\0" + raw[44:2000])
    looked = threading.Event()
    read_bytes = Path.read_bytes

    def noticed(path: Path) -> bytes:
        answer = read_bytes(path)
        looked.set()
        return answer

    def complete() -> None:
        looked.wait(5)
        said.write_bytes(raw)

    writer = threading.Thread(target=complete)
    writer.start()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "read_bytes", noticed)
        joined = join(tmp_path / "c1", wideband=False)
    writer.join()
    assert joined.duration_ms == 1000
    assert joined.channel_rms_dbfs[0] == joined.channel_rms_dbfs[1]


def test_a_header_that_never_comes_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The switch died while it wrote: what there is is taken."""
    said, heard = halves(tmp_path / "c1", wideband=False)
    write_half(said, tone(1.0, 8000, 0.5), 8000)
    said.write_bytes(said.read_bytes()[:40] + b"\0\0\0\0" + said.read_bytes()[44:])
    write_half(heard, tone(1.0, 8000, 0.5), 8000)
    assert join(tmp_path / "c1", wideband=False).duration_ms == 1000


def test_joined_twice_gives_the_same(tmp_path: Path) -> None:
    """Asked again, also after an interruption between writing and removing, it answers alike."""
    said, heard = halves(tmp_path / "c1", wideband=True)
    for half in (said, heard):
        write_half(half, tone(0.25, 16_000, 0.3), 16_000)
    first = join(tmp_path / "c1", wideband=True)
    write_half(said, tone(9, 16_000, 0.3), 16_000)
    assert join(tmp_path / "c1", wideband=True) == first
    assert not said.exists()


@pytest.mark.parametrize("garbage", [b"", b"RIFF", b"not audio"])
def test_a_call_of_no_length_has_a_recording_of_none(tmp_path: Path, garbage: bytes) -> None:
    """Halves without a single sample are joined all the same, and go."""
    for half in halves(tmp_path / "c1", wideband=False):
        half.write_bytes(garbage)
    joined = join(tmp_path / "c1", wideband=False)
    assert (joined.duration_ms, joined.channel_rms_dbfs) == (0, (files.SILENCE_DBFS, files.SILENCE_DBFS))
    assert read_both(joined.path)[1].size == 0
    assert [path.name for path in tmp_path.iterdir()] == ["c1-both.wav"]


def test_no_halves_at_all_are_told(tmp_path: Path) -> None:
    """The switch wrote nothing: a reason for people, and nothing is left behind."""
    with pytest.raises(NothingRecorded, match=r"neither c1-said\.wav nor c1-heard\.wav is there"):
        join(tmp_path / "c1", wideband=False)
    assert not joined_path(tmp_path / "c1").exists()


def test_a_disk_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The halves are kept for the next try; no half-made file is taken for a finished one."""
    for half in halves(tmp_path / "c1", wideband=False):
        write_half(half, tone(0.1, 8000, 0.5), 8000)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", _no_space)
        with pytest.raises(RecordingUnusable, match="No space left on device; check disk and rights"):
            join(tmp_path / "c1", wideband=False)
    assert not joined_path(tmp_path / "c1").exists()
    assert join(tmp_path / "c1", wideband=False).duration_ms == 100


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_levels() -> None:
    """Full scale is 0 dB (a square wave), silence -120."""
    assert rms_dbfs(np.array([], "<i2")) == files.SILENCE_DBFS
    assert rms_dbfs(np.zeros(100, "<i2")) == files.SILENCE_DBFS
    assert rms_dbfs(np.array([-32768, -32768], "<i2")) == 0.0
    assert rms_dbfs(np.array([3277, -3277], "<i2")) == -20.0
