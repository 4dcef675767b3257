"""Prompts whose text is not known before the call: made within a second or two, kept for a while.

Blocking and heavy; lives in the worker process (`worker`). A sentence is first cut into pieces that have
audio of a full voice; what is left is spoken by the best engine that is fast enough, which each engine's
measured pace decides. So a sentence of known pieces is ready in milliseconds, whatever is installed, and the
words around a name keep the good voice when only a poor one is fast enough for the name.

What is said may be personal: texts are in no log, no error and no file name, and their audio goes after days.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.prompts import audio
from callcenter.prompts.engines import SpeechSynthesizer, SynthesisError, is_installed, open_engine
from callcenter.prompts.joining import Part, Pieces, join
from callcenter.prompts.model import TONE, PromptText, Voice, prompt_key, voices_for
from callcenter.prompts.store import PromptStore

TYPICAL: Final = {
    "zh": "您的预约时间是十月一日上午九点。",
    "en": "Your appointment is on October first at nine.",
    "ko": "예약 시간은 시월 일일 아홉 시입니다.",
}
"""Sentences by which an engine's pace is measured."""
SLOW: Final = frozenset({"kokoro"})
"""Engines that take about as long as the sentence lasts."""
_OVERHEAD_CHARACTERS: Final = 4
"""What a rendering costs whatever its length, in characters of speech."""
_MARGIN: Final = 1.3
_NEWEST_AS_MUCH_AS_ALL_BEFORE: Final = 0.5
_IN_USE_SEC: Final = 60.0
"""Audio asked for so recently may be about to be played."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept of what was said impromptu."""

    max_bytes: int = 200_000_000
    max_age_sec: float = 7 * 86_400.0


class NothingFastEnough(Exception):
    """The text cannot be said in time; the reason names the cure and not the text."""


class Impromptu:
    """Says texts into ``directory``. ``store`` holds the prepared prompts that serve as pieces."""

    def __init__(
        self,
        directory: Path,
        store: PromptStore,
        bounds: Bounds = Bounds(),
        open_engine: Callable[[str], SpeechSynthesizer] = open_engine,
        clock: Callable[[], float] = time.monotonic,
        installed: Callable[[str], bool] = is_installed,
    ) -> None:
        self._directory = directory.resolve()
        self._store = store
        self._bounds = bounds
        self._open = open_engine
        self._clock = clock
        self._installed = installed
        self._pieces = Pieces()
        self._engines: dict[str, SpeechSynthesizer] = {}
        self._pace: dict[tuple[str, str], float] = {}
        self._pruned_at = float("-inf")
        self._directory.mkdir(parents=True, exist_ok=True)

    def know(self, prompts: Iterable[PromptText]) -> None:
        """Use these as pieces, those of them that are shipped, recorded or rendered by a full voice."""
        wanted = list(prompts)
        self._store.ensure(wanted, synthesize=False)
        self._pieces.add(prompt for prompt in wanted if self._store.full_stem(prompt) is not None)

    def engines(self, languages: Iterable[str] = tuple(TYPICAL)) -> list[tuple[str, str]]:
        """Each engine that is installed and each language it may speak, the fastest to begin with first."""
        found = [(v.engine, language) for language in languages for v in _voices(language)]
        installed = [pair for pair in found if self._installed(pair[0])]
        return sorted(installed, key=lambda pair: pair[0] in SLOW)

    def measure(self, engine: str, language: str) -> float:
        """Seconds from asking to playable for a typical sentence, after the engine is loaded and warm.

        Raises SynthesisError when it cannot be loaded or speaks the language not.
        """
        voice = next(voice for voice in _voices(language) if voice.engine == engine)
        text = TYPICAL[language]
        if engine not in self._engines:
            self._engines[engine] = self._open(engine)
            self._speak(text, language, voice)
            self._pace.pop((engine, language), None)
        began = self._clock()
        self._speak(text, language, voice)
        return self._clock() - began

    def say(
        self, prompt: PromptText, within_sec: float, meanwhile: Callable[[Path], None] = lambda stem: None
    ) -> Path:
        """The files of the prompt without their suffix, made now or found.

        Before a slow engine begins, ``meanwhile`` is told what a quick one made of it (where there is one): a
        machine busier than when it was measured then costs the good voice and not the prompt. Raises
        NothingFastEnough when no installed engine can say in time what no piece says.
        """
        parts = self._pieces.cut(prompt)
        if not parts:
            raise NothingFastEnough("there is nothing in the text that can be said; check what the flow says")
        stretches = [part.text for part in parts if part.known is None]
        best: Path | None = None
        for voice in _voices(prompt.language) if stretches else (_PIECES_ONLY,):
            stem = self._stem(prompt, parts, voice)
            if audio.is_written(stem):
                best = stem
            elif not stretches or self._in_time(voice, prompt.language, stretches, within_sec):
                if voice.engine in SLOW:
                    self._quickly(prompt, parts, meanwhile)
                best = self._make(stem, parts, prompt.language, voice)
            if best is not None:
                for suffix in audio.SUFFIXES:
                    os.utime(best.with_suffix(suffix))
                self.prune(sparing=best)
                return best
        raise NothingFastEnough(
            f"no speech engine installed here says {sum(map(len, stretches))} characters of "
            f"'{prompt.language}' in {within_sec:.1f} s; install libespeak-ng1 or the extra `tts`, or let "
            "the flow say only what its prepared texts and numbers say"
        )

    def prune(self, sparing: Path | None = None) -> int:
        """Remove what is too old, and the oldest of what is too much; how many prompts went. Looks once a
        minute."""
        if self._clock() - self._pruned_at < _IN_USE_SEC:
            return 0
        self._pruned_at = self._clock()
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path in self._directory.glob("*.wav16"):
            status = path.stat()
            kept.append((status.st_mtime, status.st_size * 3 // 2, path.with_suffix("")))
        kept.sort(reverse=True)
        total, gone = 0, 0
        for used_at, size, stem in kept:
            total += size
            age = now - used_at
            too_much = age > self._bounds.max_age_sec or total > self._bounds.max_bytes
            if too_much and stem != sparing and age > _IN_USE_SEC:
                for suffix in reversed(audio.SUFFIXES):  # the wideband file stands for both
                    stem.with_suffix(suffix).unlink(missing_ok=True)
                gone += 1
        return gone

    def _stem(self, prompt: PromptText, parts: Sequence[Part], voice: Voice) -> Path:
        """Named by all that shapes the sound: the words, the pieces' own audio and the voice of the rest."""
        stems = (self._store.full_stem(part.known) if part.known else None for part in parts)
        pieces = "+".join(stem.name if stem else "" for stem in stems)
        name = f"{voice.name}:{pieces}"
        shaped = Voice(f"impromptu-{voice.engine}", name, voice.model_version, voice.speed)
        return self._directory / prompt_key(prompt, shaped)

    def _quickly(self, prompt: PromptText, parts: Sequence[Part], meanwhile: Callable[[Path], None]) -> None:
        for voice in _voices(prompt.language):
            if voice.engine not in SLOW and (voice.engine, prompt.language) in self._pace:
                stem = self._stem(prompt, parts, voice)
                if audio.is_written(stem) or self._make(stem, parts, prompt.language, voice):
                    meanwhile(stem)
                    return

    def _in_time(self, voice: Voice, language: str, stretches: Sequence[str], within_sec: float) -> bool:
        pace = self._pace.get((voice.engine, language))
        characters = sum(len(text) + _OVERHEAD_CHARACTERS for text in stretches)
        return pace is not None and pace * characters * _MARGIN <= within_sec

    def _make(self, stem: Path, parts: Sequence[Part], language: str, voice: Voice) -> Path | None:
        """None when the engine cannot say it after all, so that the next one is asked."""
        try:
            heard = [(self._sound(part, language, voice), part.pause_sec) for part in parts]
            audio.write_for_asterisk(stem, join(heard))
        except (SynthesisError, audio.AudioError):
            return None
        return stem

    def _sound(self, part: Part, language: str, voice: Voice) -> audio.Samples:
        stem = self._store.full_stem(part.known) if part.known else None
        if stem is None:
            return self._speak(part.text, language, voice)
        return audio.read_audio(stem.with_suffix(".wav16"))

    def _speak(self, text: str, language: str, voice: Voice) -> audio.Samples:
        """Levelled samples; the engine's pace is learned of each."""
        began = self._clock()
        samples = audio.finish_speech(*self._engines[voice.engine].synthesize(text, language, voice))
        pace = (self._clock() - began) / (len(text) + _OVERHEAD_CHARACTERS)
        known = self._pace.get((voice.engine, language), pace)
        self._pace[voice.engine, language] = known + _NEWEST_AS_MUCH_AS_ALL_BEFORE * (pace - known)
        return samples


_PIECES_ONLY: Final = Voice("pieces", "", "1")


def _voices(language: str) -> tuple[Voice, ...]:
    return tuple(voice for voice in voices_for(language) if voice != TONE)
