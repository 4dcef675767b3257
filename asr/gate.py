"""The speech gate: lets speech through, keeps silence, tones and steady noise out.

Recognizers cost time on silence and invent words on tones. The gate passes each utterance with some audio
before it, so that no onset is lost, and ends it after a pause. WebRTC's voice detector takes
a tone for speech; what tells the two apart is that the level of speech moves within 400 ms and that of a
tone, a ring-back or a machine does not.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import webrtcvad

FRAME_MS = 20
PAUSE_MS = 1000
"""Who is silent for so long has said what there was to say."""
_PRE_ROLL_FRAMES = 300 // FRAME_MS
_DECISION_FRAMES = 400 // FRAME_MS
_GIVE_UP_FRAMES = 200 // FRAME_MS
_SMOOTHED_FRAMES = 100 // FRAME_MS
_SHORTEST_SPEECH_FRAMES = 80 // FRAME_MS
_STEADY_SPREAD_DB = 1.0
_LOUD_RANGE_DB = 10.0
_FLOOR_DBFS = -60.0
_VAD_AGGRESSIVENESS = 2


@dataclass(frozen=True, slots=True)
class Speech:
    """Audio that passed the gate; `at_sample` is its place in the stream."""

    at_sample: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over: a pause came, or the stream ended or jumped."""


Gated = Speech | SpeechEnded


@dataclass(slots=True)
class _Frame:
    at_sample: int
    pcm: bytes
    level_dbfs: float
    voiced: bool


class SpeechGate:
    """Sorts a PCM stream of 8, 16, 32 or 48 kHz into utterances and the rest.

    What passes is `Speech` without gaps, closed by `SpeechEnded` after `pause_ms` without speech, then the
    next utterance.
    """

    def __init__(self, sample_rate: int, pause_ms: int = PAUSE_MS) -> None:
        self._trailing_frames = max(1, pause_ms // FRAME_MS)
        self._vad = webrtcvad.Vad(_VAD_AGGRESSIVENESS)
        self._sample_rate = sample_rate
        self._frame_bytes = sample_rate * FRAME_MS // 1000 * 2
        self._at_sample = 0
        self._rest = b""
        self._open = False
        self._silent_frames = 0
        self._levels: deque[float] = deque(maxlen=_DECISION_FRAMES)
        # Closed: the last frames that did not pass, which go before the next speech.
        self._held: deque[_Frame] = deque(maxlen=_PRE_ROLL_FRAMES)
        # A stretch that may be speech, from its first voiced frame on.
        self._candidate: list[_Frame] = []

    def feed(self, pcm: bytes) -> list[Gated]:
        """Take the next audio and return what of it, and of what was held back, is speech."""
        data = self._rest + pcm
        whole = len(data) // self._frame_bytes * self._frame_bytes
        self._rest = data[whole:]
        passed: list[Gated] = []
        for start in range(0, whole, self._frame_bytes):
            passed += self._frame(data[start : start + self._frame_bytes])
        return _joined(passed)

    def skip(self, samples: int) -> list[Gated]:
        """Jump over audio that was lost: the stream goes on `samples` later, with the gate closed."""
        ended = self.finish()
        self._at_sample += len(self._rest) // 2 + samples
        self._rest = b""
        self._held.clear()
        return ended

    def finish(self) -> list[Gated]:
        """End the stream: return speech that was still held back, and the end of the utterance."""
        passed = [] if self._open or not self._candidate else self._decide()
        if self._open:
            passed.append(self._close())
        return _joined(passed)

    def _frame(self, pcm: bytes) -> list[Gated]:
        level_dbfs = _level_dbfs(pcm)
        voiced = level_dbfs > _FLOOR_DBFS and self._vad.is_speech(pcm, self._sample_rate)
        frame = _Frame(self._at_sample, pcm, level_dbfs, voiced)
        self._at_sample += len(pcm) // 2
        return self._while_open(frame) if self._open else self._while_closed(frame)

    def _while_open(self, frame: _Frame) -> list[Gated]:
        self._levels.append(frame.level_dbfs)
        speaking = frame.voiced and not _is_steady(self._levels)
        self._silent_frames = 0 if speaking else self._silent_frames + 1
        passed: list[Gated] = [Speech(frame.at_sample, frame.pcm)]
        if self._silent_frames >= self._trailing_frames:
            passed.append(self._close())
        return passed

    def _while_closed(self, frame: _Frame) -> list[Gated]:
        if not self._candidate and not frame.voiced:
            self._held.append(frame)
            return []
        self._candidate.append(frame)
        self._silent_frames = 0 if frame.voiced else self._silent_frames + 1
        if len(self._candidate) < _DECISION_FRAMES and self._silent_frames < _GIVE_UP_FRAMES:
            return []
        return self._decide()

    def _decide(self) -> list[Gated]:
        """Open for a candidate that is speech; hold the frames of any other back as pre-roll."""
        candidate, self._candidate = self._candidate, []
        voiced = sum(frame.voiced for frame in candidate)
        levels = [frame.level_dbfs for frame in candidate]
        if voiced < _SHORTEST_SPEECH_FRAMES or _is_steady(levels):
            self._held.extend(candidate)
            return []
        utterance = [*self._held, *candidate]
        self._held.clear()
        self._levels.extend(levels)
        self._open = True
        return [Speech(frame.at_sample, frame.pcm) for frame in utterance]

    def _close(self) -> SpeechEnded:
        self._open = False
        self._silent_frames = 0
        self._levels.clear()
        return SpeechEnded()


def _level_dbfs(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    power = float(np.dot(samples, samples)) / len(samples)
    return 10 * math.log10(power / 2**30) if power else -math.inf


def _is_steady(levels: deque[float] | list[float]) -> bool:
    """Tell a tone or a machine from speech: its loud frames, smoothed over 100 ms, stay within 1 dB.

    Smoothing keeps the beat of a two-tone signal from looking like movement; only loud frames count because
    the edges of a burst are no movement either.
    """
    loudest = max(levels)
    loud = [level for level in levels if level > loudest - _LOUD_RANGE_DB]
    if len(loud) < _SMOOTHED_FRAMES + 1:
        return False
    smoothed = np.convolve([10 ** (level / 10) for level in loud], np.ones(_SMOOTHED_FRAMES), "valid")
    return bool(10 * math.log10(smoothed.max() / smoothed.min()) < _STEADY_SPREAD_DB)


def _joined(passed: list[Gated]) -> list[Gated]:
    """Join the frames of an utterance into one piece."""
    joined: list[Gated] = []
    for is_speech, run in itertools.groupby(passed, key=lambda piece: isinstance(piece, Speech)):
        if is_speech:
            frames = [piece for piece in run if isinstance(piece, Speech)]
            joined.append(Speech(frames[0].at_sample, b"".join(frame.pcm for frame in frames)))
        else:
            joined += run
    return joined
