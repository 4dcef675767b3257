"""The texts with their audio, and recordings taken in and removed, for whoever works at a console."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import soundfile

from callcenter.prompts import audio
from callcenter.prompts.catalogue import (
    WIDEBAND,
    Line,
    PromptState,
    Sound,
    catalogue,
    number_of,
    sound_of,
    words,
)
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import (
    LONGEST_SEC,
    RECORDED,
    Figures,
    Recordings,
    checked_samples,
    measured,
)
from callcenter.prompts.shipped import SHIPPED_DIRECTORY

_BEST_HZ: Final = 96_000
_MOST_CHANNELS: Final = 2


class UnknownPrompt(LookupError):
    """No text has this number, or two have it; the words say which."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text, and what its audio measures; None: there is none, or it cannot be read."""

    line: Line
    sound: Sound | None

    @property
    def needs_attention(self) -> bool:
        """Whether callers hear it otherwise than meant, or it is audio that nobody hears any more."""
        return (
            self.line.state in (PromptState.PLACEHOLDER, PromptState.MISSING, PromptState.STALE)
            or self.sound is None
        )


class PromptCatalogue:
    """``said`` tells every text with who says it; audio made by engines lies below ``prompts``, recordings
    below ``own``. ``heard`` is told of each text whose audio has changed, so that callers hear it at once."""

    def __init__(
        self,
        said: Callable[[], Mapping[PromptText, Collection[str]]],
        prompts: Path,
        own: Path,
        heard: Callable[[PromptText], Awaitable[None]],
        shipped: Path = SHIPPED_DIRECTORY,
    ) -> None:
        self._said = said
        self._prompts = prompts
        self._own = own
        self._speech = prompts / "speech"
        self._heard = heard
        self._shipped = shipped
        self._recordings = Recordings(own / RECORDED)
        self._sounds: dict[Path, tuple[int, Sound]] = {}

    async def spoken(self) -> list[Spoken]:
        """Every text, and recordings of texts that nothing says now. Raises audio.AudioError when a manifest
        is damaged."""
        return await asyncio.to_thread(self._spoken)

    async def one(self, number: str) -> Spoken:
        """The text with this number. Raises UnknownPrompt, and as ``spoken``."""
        return await asyncio.to_thread(self._one, number)

    async def playable(self, number: str) -> Path | None:
        """The text's audio as 16 kHz WAV; None: there is none. Raises as ``one``, and OSError."""
        file = (await self.one(number)).line.file
        return None if file is None else await asyncio.to_thread(self._unpacked, file)

    async def examined(self, sound: bytes) -> tuple[Figures, audio.AudioError | None]:
        """What a recording measures, and why it would not be taken in (None: it would). Raises
        audio.AudioError when it cannot be measured."""
        return await asyncio.to_thread(_examined, sound)

    async def take(self, number: str, sound: bytes, source: str) -> Spoken:
        """Let callers hear this recording of the text from now on; ``source`` is kept with it. Raises
        UnknownPrompt, audio.AudioError with what is wrong with it, and OSError."""
        prompt = (await self.one(number)).line.prompt
        await asyncio.to_thread(self._keep, prompt, sound, source)
        return await self._changed(prompt)

    async def remove(self, number: str) -> Spoken | None:
        """Forget the recording of the text, which is said by a made voice again; None: nothing says it now.
        Raises UnknownPrompt, also when the text has no recording."""
        line = (await self.one(number)).line
        if line.voice != "own":
            raise UnknownPrompt(f"The text {number} has no recording.")
        await asyncio.to_thread(self._recordings.remove, line.prompt)
        return None if line.state is PromptState.STALE else await self._changed(line.prompt)

    async def _changed(self, prompt: PromptText) -> Spoken:
        for written in await asyncio.to_thread(self._said):
            if words(written) == prompt:
                await self._heard(written)
        return await self.one(number_of(prompt))

    def _lines(self) -> list[Line]:
        found = catalogue(self._said(), self._prompts, self._own, self._shipped)
        return [line for line in found if line.prompt.text]

    def _spoken(self) -> list[Spoken]:
        return [Spoken(line, self._sound(line)) for line in self._lines()]

    def _one(self, number: str) -> Spoken:
        found = [line for line in self._lines() if line.number == number]
        if not found:
            raise UnknownPrompt(f"No text has the number {number}.")
        if len(found) > 1:
            raise UnknownPrompt(f"Two texts have the number {number}; the command line takes their words.")
        return Spoken(found[0], self._sound(found[0]))

    def _sound(self, line: Line) -> Sound | None:
        """Measured once, as long as the file is the same; of one that is decoded already without doing that
        again."""
        if line.file is None:
            return None
        decoded = self._speech / line.file.stem
        file = decoded.with_suffix(WIDEBAND) if audio.is_written(decoded) else line.file
        try:
            changed = file.stat().st_mtime_ns
            known = self._sounds.get(file)
            if known is None or known[0] != changed:
                known = self._sounds[file] = changed, sound_of(file)
            return known[1]
        except (OSError, audio.AudioError):
            return None

    def _unpacked(self, file: Path) -> Path:
        """Shipped audio is decoded where it is played from."""
        if file.suffix == WIDEBAND:
            return file
        stem = self._speech / file.stem
        if not audio.is_written(stem):
            stem.parent.mkdir(parents=True, exist_ok=True)
            audio.write_for_asterisk(stem, audio.read_audio(file))
        return stem.with_suffix(WIDEBAND)

    def _keep(self, prompt: PromptText, sound: bytes, source: str) -> None:
        samples, rate_hz = _read(sound)
        self._recordings.keep(prompt, checked_samples(Path(source), samples, rate_hz), source)


def _examined(sound: bytes) -> tuple[Figures, audio.AudioError | None]:
    samples, rate_hz = _read(sound)
    figures = measured(samples, rate_hz)
    try:
        checked_samples(Path("recording"), samples, rate_hz)
    except audio.AudioError as error:
        return figures, error
    return figures, None


def _read(sound: bytes) -> tuple[audio.Samples, int]:
    """Samples and their rate, of what will not fill the memory. Raises audio.AudioError."""
    try:
        with soundfile.SoundFile(io.BytesIO(sound)) as file:
            if file.channels > _MOST_CHANNELS or file.samplerate > _BEST_HZ:
                told = f"it has {file.channels} channels of {file.samplerate} Hz"
                raise audio.AudioError(f"{told}; save it as mono or stereo of at most {_BEST_HZ} Hz")
            most = int((LONGEST_SEC + 1) * file.samplerate)
            return file.read(most, dtype="float32", always_2d=True), file.samplerate
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise audio.AudioError("it cannot be read as audio; save it as wav, mp3, ogg or flac") from error
