"""Music on hold: the piece that comes with the product, decoded for Asterisk's musiconhold `mode=files`."""

from pathlib import Path
from typing import Final

from callcenter.prompts import audio

HOLD_MUSIC: Final = Path(__file__).with_name("hold.ogg")


def install_music(directory: Path, source: Path = HOLD_MUSIC) -> Path:
    """Put `hold.wav` and `hold.wav16` into `directory`, once; returns the directory.

    Raises audio.AudioError when `source` is damaged, OSError when `directory` cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stem = directory / source.stem
    if not audio.is_written(stem):
        audio.write_for_asterisk(stem, audio.read_audio(source))
    return directory
