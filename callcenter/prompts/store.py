"""The prompt cache on disk: from texts to the files Asterisk plays."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from callcenter.prompts import audio
from callcenter.prompts.engines import SpeechSynthesizer, SynthesisError, is_installed, open_engine
from callcenter.prompts.model import (
    TONE,
    PromptProblem,
    PromptReport,
    PromptText,
    Voice,
    prompt_key,
    voices_for,
)
from callcenter.prompts.recordings import RECORDED, Recordings
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, ShippedPrompt, read_manifest

_NO_WORDS: Final = PromptText("(no audio)", "")


class PromptStore:
    """Finds or makes the audio of prompts. Blocking: call it in a thread or a process, not in the event loop.

    Each prompt lies as `<key>.wav` (8 kHz) and `<key>.wav16` (16 kHz) in `directory`, or in `recorded`
    (None: beside it) when a person said it; Asterisk chooses by the leg's codec. Several processes may share
    the directories: files appear whole and equal keys are equal audio.
    """

    def __init__(
        self,
        directory: Path,
        shipped: Path = SHIPPED_DIRECTORY,
        open_engine: Callable[[str], SpeechSynthesizer] = open_engine,
        recorded: Path | None = None,
    ) -> None:
        self._directory = directory.resolve()
        self._recordings = Recordings(recorded or directory.with_name(RECORDED))
        self._shipped = shipped
        self._open_engine = open_engine
        self._engines: dict[str, SpeechSynthesizer | SynthesisError] = {}
        self._stems: dict[PromptText, Path] = {}

    def ensure(self, texts: Iterable[PromptText], *, synthesize: bool = True) -> PromptReport:
        """Afterwards `media_uri` of each text plays something; the report says what, and what is wrong.

        With `synthesize` off only what is shipped or cached is taken (fast: shipped audio decodes in about
        1 ms a prompt); everything else becomes the placeholder tone. Raises OSError when `directory` cannot
        be written.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        problems: list[PromptProblem] = []
        shipped = self._read_manifest(problems)
        groups: dict[str, list[PromptText]] = defaultdict(list)
        for prompt in dict.fromkeys(texts):
            groups[self._ensure_one(prompt, shipped, problems, synthesize)].append(prompt)
        return PromptReport(
            cached=tuple(groups["cached"]),
            shipped=tuple(groups["shipped"]),
            rendered=tuple(groups["rendered"]),
            placeholders=tuple(groups["placeholders"]),
            missing=tuple(groups["missing"]),
            problems=tuple(problems),
        )

    def improvable(self, prompt: PromptText) -> bool:
        """Whether an engine that is installed here would speak `prompt` better than it is spoken now."""
        if self._stems.get(prompt) == self._recordings.stem(prompt):
            return False
        for voice in voices_for(prompt.language):
            if self._stems.get(prompt) == self._directory / prompt_key(prompt, voice):
                return False
            if voice != TONE and is_installed(voice.engine):
                return True
        return False

    def media_uri(self, prompt: PromptText) -> str | None:
        """The ARI media URI `sound:<absolute path without suffix>`, or None for a text never ensured."""
        stem = self._stems.get(prompt)
        return None if stem is None else f"sound:{stem}"

    def full_stem(self, prompt: PromptText) -> Path | None:
        """The files of an ensured text without their suffix, when a full voice (or a person) speaks it."""
        stem = self._stems.get(prompt)
        if stem == self._recordings.stem(prompt):
            return stem
        full = {prompt_key(prompt, voice) for voice in voices_for(prompt.language) if not voice.placeholder}
        return stem if stem is not None and stem.name in full else None

    def tone_uri(self) -> str:
        """What is played instead of a prompt that has no audio. Writes the tone on first use."""
        self._directory.mkdir(parents=True, exist_ok=True)
        return f"sound:{self._write_tone()}"

    def _ensure_one(
        self,
        prompt: PromptText,
        shipped: dict[str, ShippedPrompt],
        problems: list[PromptProblem],
        synthesize: bool,
    ) -> str:
        """Make one prompt playable and say in which group of the report it belongs. A person wins over any
        synthesis."""
        reasons: list[str] = []
        recorded = self._recordings.stem(prompt)
        if audio.is_written(recorded):
            self._stems[prompt] = recorded
            return "cached"
        for voice in voices_for(prompt.language):
            if voice == TONE:
                break
            stem = self._directory / prompt_key(prompt, voice)
            source = self._source(stem, shipped, reasons)
            if source is None and synthesize and self._render(stem, prompt, voice, reasons):
                source = "rendered"
            if source is not None:
                self._stems[prompt] = stem
                if not voice.placeholder:
                    return source
                problems.append(_placeholder_problem(prompt, voice, reasons))
                return "placeholders"
        self._stems[prompt] = self._write_tone()
        problems.append(_missing_problem(prompt, self._shipped, reasons))
        return "missing"

    def _source(self, stem: Path, shipped: dict[str, ShippedPrompt], reasons: list[str]) -> str | None:
        """`cached` or `shipped` when the audio is there (and now decoded), else None."""
        if audio.is_written(stem):
            return "cached"
        if stem.name not in shipped:
            return None
        path = self._shipped / f"{stem.name}.ogg"
        try:
            audio.write_for_asterisk(stem, audio.read_audio(path))
        except audio.AudioError as error:
            reasons.append(f"{path}: {error}")
            return None
        return "shipped"

    def _render(self, stem: Path, prompt: PromptText, voice: Voice, reasons: list[str]) -> bool:
        engine = self._engine(voice.engine)
        if isinstance(engine, SynthesisError):
            reasons.append(str(engine))
            return False
        try:
            samples = audio.finish_speech(*engine.synthesize(prompt.text, prompt.language, voice))
        except (SynthesisError, audio.AudioError) as error:
            reasons.append(f"{voice.engine}: {error}")
            return False
        audio.write_for_asterisk(stem, samples)
        return True

    def _engine(self, name: str) -> SpeechSynthesizer | SynthesisError:
        if name not in self._engines:
            try:
                self._engines[name] = self._open_engine(name)
            except SynthesisError as error:
                self._engines[name] = error
        return self._engines[name]

    def _read_manifest(self, problems: list[PromptProblem]) -> dict[str, ShippedPrompt]:
        try:
            return read_manifest(self._shipped)
        except audio.AudioError as error:
            cure = "restore the folder from the release; until then no shipped prompt is used"
            problems.append(PromptProblem(_NO_WORDS, str(error), str(self._shipped), cure))
            return {}

    def _write_tone(self) -> Path:
        stem = self._directory / prompt_key(_NO_WORDS, TONE)
        if not audio.is_written(stem):
            engine = open_engine(TONE.engine)
            audio.write_for_asterisk(stem, audio.finish_speech(*engine.synthesize("", "", TONE)))
        return stem


def _placeholder_problem(prompt: PromptText, voice: Voice, reasons: list[str]) -> PromptProblem:
    return PromptProblem(
        prompt,
        what=f"spoken by the placeholder voice {voice.engine} {voice.name}",
        where="; ".join(reasons) or "not among the shipped audio",
        cure="install the extra `tts` and run `python -m callcenter.prompts render-shipped`",
    )


def _missing_problem(prompt: PromptText, shipped: Path, reasons: list[str]) -> PromptProblem:
    return PromptProblem(
        prompt,
        what="no audio; callers hear three beeps",
        where="; ".join(reasons) or f"not in {shipped}",
        cure="install the extra `tts` and run `python -m callcenter.prompts render-shipped`",
    )
