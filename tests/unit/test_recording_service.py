"""Recordings are finished in other processes; one that dies costs nobody a recording."""

from __future__ import annotations

import asyncio
import os
import signal
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.ports import NothingRecorded, RecordingUnusable
from callcenter.recordings.service import RecordingFinisher
from recorder.files import halves


@pytest.fixture
async def finisher(tmp_path: Path) -> AsyncIterator[RecordingFinisher]:
    """One over an empty directory."""
    made = RecordingFinisher(tmp_path)
    yield made
    made._pool.shutdown(wait=True)


def write_halves(stem: Path) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    for half in halves(stem, wideband=True):
        with wave.open(str(half.with_suffix(".tmp")), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(b"\1\2" * 1600)
        half.with_suffix(".tmp").rename(half)


async def test_it_is_finished_beside_the_controller(finisher: RecordingFinisher, tmp_path: Path) -> None:
    """The path is relative to the recordings directory; asked again it answers the same."""
    write_halves(tmp_path / "2026/01/01/c1")
    done = await finisher.finish("2026/01/01/c1", wideband=True)
    assert (done.path, done.sample_rate, done.duration_ms) == ("2026/01/01/c1-both.wav", 16_000, 100)
    assert await finisher.finish("2026/01/01/c1", wideband=True) == done


async def test_why_it_cannot_be_finished(finisher: RecordingFinisher) -> None:
    """The reason of the other process arrives."""
    with pytest.raises(NothingRecorded, match="c9"):
        await finisher.finish("2026/c9", wideband=True)


async def test_workers_that_die_are_replaced_once(finisher: RecordingFinisher, tmp_path: Path) -> None:
    """Those who waited are told to try again; then it works, and no second pool was made in vain."""
    for number in range(4):
        write_halves(tmp_path / f"c{number}")
    await finisher.finish("c0", wideband=True)
    broken = finisher._pool
    for half in halves(tmp_path / "c1", wideband=True):
        half.write_bytes(b"RIFF" + b"\0" * 100)  # waited for, so that the workers are at it
    waiting = [asyncio.ensure_future(finisher.finish("c1", wideband=True)) for _ in range(3)]
    await asyncio.sleep(0)
    for pid in list(broken._processes):
        os.kill(pid, signal.SIGKILL)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, RecordingUnusable) for answer in answers)
    replacement = finisher._pool
    assert replacement is not broken
    assert (await finisher.finish("c2", wideband=True)).duration_ms == 100
    assert finisher._pool is replacement
