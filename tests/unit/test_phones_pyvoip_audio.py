"""What a pyVoIP phone keeps of the RTP it hears."""

import warnings
from pathlib import Path

import pytest

from callcenter.phones.audio import read_wav

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # audioop, from Python 3.12 on
    pytest.importorskip("pyVoIP")
    from callcenter.phones.pyvoip_calls import HeardAudio

PACKET = bytes(range(96, 256))


def heard(tmp_path: Path, *packets: tuple[int, bytes]) -> list[float]:
    """The samples of the file that these packets (timestamp, samples) make."""
    audio = HeardAudio()
    for timestamp, samples in packets:
        audio.write(timestamp, samples)
    audio.save(str(tmp_path / "h.wav"))
    rate, [samples_read] = read_wav(tmp_path / "h.wav")
    assert rate == 8000
    return list(samples_read)


def test_packets_in_a_row_are_joined(tmp_path: Path) -> None:
    """Unsigned 8 bit around 128 becomes signed 16 bit around 0."""
    samples = heard(tmp_path, (5000, PACKET), (5160, PACKET))
    assert samples == [(value - 128) / 128 for value in PACKET * 2]


def test_a_lost_packet_leaves_silence_of_its_length(tmp_path: Path) -> None:
    """The audio after it stays where it belongs."""
    samples = heard(tmp_path, (0, PACKET), (320, PACKET))
    assert len(samples) == 480
    assert set(samples[160:320]) == {0.0}


@pytest.mark.parametrize("jump", [4_000_000_000, 0, 100])
def test_a_jump_of_the_clock_goes_on_where_it_was(tmp_path: Path, jump: int) -> None:
    """A new source, or the clock's wrap: no gap of hours, nothing overwritten."""
    assert len(heard(tmp_path, (1_000_000, PACKET), (jump, PACKET), (jump + 160, PACKET))) == 480
