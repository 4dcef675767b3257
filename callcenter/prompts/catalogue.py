"""What speaks each text, and which audio nobody needs: for whoever shows it, plays it or has it recorded."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final

import soundfile

from callcenter.prompts import audio
from callcenter.prompts.model import TONE, PromptText, Voice, prompt_key, voices_for
from callcenter.prompts.recordings import RECORDED, Recordings
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, read_manifest

WIDEBAND: Final = ".wav16"
_ALIKE: Final = 0.5
"""A new text at least so like an old one is taken for what became of it."""


class PromptState(StrEnum):
    """What callers hear of a text, the best first; ``stale`` is audio of a text that nothing says now."""

    RECORDED = "recorded"
    SHIPPED = "shipped"
    RENDERED = "rendered"
    PLACEHOLDER = "poor"
    """Spoken by a voice that is only better than none."""
    MISSING = "missing"
    """Beeps, until something can speak it."""
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Line:
    """One text, who says it (flows by name), and the audio of it if there is any.

    Of a stale recording ``now`` is what its text has probably become; of other stale audio only the file is
    known.
    """

    state: PromptState
    prompt: PromptText
    said_by: tuple[str, ...] = ()
    voice: str = ""
    file: Path | None = None
    now: str = ""

    @property
    def number(self) -> str:
        """Six digits by which people name the text, also at a telephone; the same as long as it is."""
        return number_of(self.prompt)


@dataclass(frozen=True, slots=True)
class Sound:
    """How long it lasts, and the level of the speech in it."""

    duration_ms: int
    level_dbfs: float


def number_of(prompt: PromptText) -> str:
    """See ``Line.number``. Two texts in a million have one number."""
    plain = words(prompt)
    digest = hashlib.sha256(f"{plain.text}\x1f{plain.language}".encode()).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def words(prompt: PromptText) -> PromptText:
    """The text as it is compared: without line folding."""
    return PromptText(" ".join(prompt.text.split()), prompt.language)


def catalogue(
    said: Mapping[PromptText, Collection[str]], prompts: Path, own: Path, shipped: Path = SHIPPED_DIRECTORY
) -> list[Line]:
    """Every text that callers can hear (``said``: by whom), then all stale audio: recorded in ``own``,
    rendered in ``prompts``.

    Looks only; renders and removes nothing. Raises audio.AudioError when a manifest is damaged.
    """
    by_words: dict[PromptText, dict[str, None]] = {}
    for prompt, names in said.items():
        by_words.setdefault(words(prompt), {}).update(dict.fromkeys(names))
    found = _Audio(Recordings(own / RECORDED), read_manifest(shipped).keys(), prompts / "speech", shipped)
    lines = [found.line(prompt, tuple(names)) for prompt, names in by_words.items()]
    return [*lines, *found.stale_recordings(lines), *found.stale_renderings(by_words)]


def sound_of(file: Path) -> Sound:
    """Measured. Raises audio.AudioError for what is no audio."""
    samples = audio.read_audio(file)
    level = audio.active_level_dbfs(samples, audio.WIDEBAND_HZ)
    return Sound(round(1000 * len(samples) / audio.WIDEBAND_HZ), level)


def seconds_of(file: Path) -> float:
    """How long it lasts, without decoding it. Raises audio.AudioError for what is no audio."""
    try:
        return float(soundfile.info(file).duration)
    except (soundfile.LibsndfileError, OSError) as error:
        raise audio.AudioError(f"unreadable audio file: {error}") from error


class _Audio:
    def __init__(self, recordings: Recordings, shipped: Collection[str], cache: Path, folder: Path) -> None:
        self.recordings = recordings
        self.recorded = [PromptText(entry.text, entry.language) for entry in recordings.entries()]
        self.shipped = shipped
        self.cache = cache
        self.folder = folder

    def line(self, prompt: PromptText, said_by: tuple[str, ...]) -> Line:
        recorded = self.recordings.stem(prompt)
        if audio.is_written(recorded):
            return Line(PromptState.RECORDED, prompt, said_by, "own", recorded.with_suffix(WIDEBAND))
        for voice in _speaking(prompt.language):
            key = prompt_key(prompt, voice)
            if key in self.shipped:
                return Line(PromptState.SHIPPED, prompt, said_by, voice.name, self.folder / f"{key}.ogg")
            if audio.is_written(self.cache / key):
                state = PromptState.PLACEHOLDER if voice.placeholder else PromptState.RENDERED
                return Line(state, prompt, said_by, voice.name, self.cache / f"{key}{WIDEBAND}")
        return Line(PromptState.MISSING, prompt, said_by)

    def stale_recordings(self, lines: Iterable[Line]) -> list[Line]:
        """With the text, not recorded itself, that is most like each."""
        said = [line for line in lines if line.state is not PromptState.RECORDED]
        known = {line.prompt for line in lines}
        found = []
        for prompt in self.recorded:
            if words(prompt) not in known:
                texts = [line.prompt.text for line in said if line.prompt.language == prompt.language]
                now = get_close_matches(prompt.text, texts, n=1, cutoff=_ALIKE)
                file = self.recordings.stem(prompt).with_suffix(WIDEBAND)
                found.append(Line(PromptState.STALE, prompt, (), "own", file, "".join(now)))
        return found

    def stale_renderings(self, said: Iterable[PromptText]) -> list[Line]:
        wanted = {prompt_key(prompt, voice) for prompt in said for voice in voices_for(prompt.language)}
        wanted.add(prompt_key(PromptText("(no audio)", ""), TONE))
        cached = sorted(self.cache.glob(f"*{WIDEBAND}"))
        return [
            Line(PromptState.STALE, PromptText("", ""), file=file)
            for file in cached
            if file.stem not in wanted
        ]


def _speaking(language: str) -> list[Voice]:
    return [voice for voice in voices_for(language) if voice != TONE]
