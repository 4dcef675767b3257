"""The audio of one listening on its way to the recogniser."""

from __future__ import annotations

from asr.hearing import Hearing

AUDIO_HZ = 16_000
"""Audio is 16-bit mono PCM at this rate."""
_PIECE_BYTES = AUDIO_HZ // 10 * 2
"""It goes to the recogniser in pieces of 100 ms."""


class Ear:
    """Hands audio on to an open stream; never blocks."""

    def __init__(self, stream: Hearing) -> None:
        self.stream = stream
        self._waiting = bytearray()

    def hear(self, pcm: bytes) -> bool:
        """Take the next audio. False: the worker takes no more, and some is lost."""
        self._waiting += pcm
        if len(self._waiting) < _PIECE_BYTES:
            return True
        piece = bytes(self._waiting)
        self._waiting.clear()
        return self.stream.feed(piece)
