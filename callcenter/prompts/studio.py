"""Prompts recorded by telephone: takes are checked, heard again, and kept as the centre's own recordings."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import soundfile

from callcenter.ports import RecordingFiles, RecordingUnusable, TakeUnusable
from callcenter.prompts import audio
from callcenter.prompts.catalogue import number_of, words
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import Recordings, checked_samples
from callcenter.prompts.service import PromptService
from ivr_flows.effects import NUMBERED, TAKEN, TakeFault

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,120}")
_KEPT_SEC: Final = 86_400
"""Takes that nobody kept go after a day."""


class Studio:
    """Implements ``callcenter.ports.PromptStudio``. The switch records below ``recordings_dir``, takes lie in
    ``takes``, what is kept in ``own``; ``texts`` are the prompts that have numbers."""

    def __init__(
        self,
        prompts: PromptService,
        files: RecordingFiles,
        recordings_dir: Path,
        takes: Path,
        own: Path,
        texts: Callable[[], Iterable[PromptText]],
    ) -> None:
        self._prompts = prompts
        self._files = files
        self._recordings_dir = recordings_dir
        self._takes = takes.resolve()
        self._own = Recordings(own)
        self._texts = texts

    @property
    def beeps(self) -> str:
        """What is played when nothing else can be."""
        return self._prompts.beeps

    def audio(self, prompt: PromptText) -> str | None:
        """As ``PromptService.audio``, also of takes and of numbers."""
        match prompt.language:
            case str(kind) if kind == TAKEN:
                stem = self._stem(prompt.text)
                return f"sound:{stem}" if stem is not None and audio.is_written(stem) else None
            case str(kind) if kind == NUMBERED:
                meant = self._meant(prompt.text)
                return None if meant is None else self._prompts.audio(meant)
            case _:
                return self._prompts.audio(prompt)

    async def take(self, path_stem: str, *, wideband: bool) -> str:
        """See the port."""
        try:
            whole = await self._files.finish(path_stem, wideband=wideband)
            return await asyncio.to_thread(self._checked, self._recordings_dir / whole.path)
        except audio.SilentError as error:
            raise TakeUnusable(TakeFault.SILENT, str(error)) from error
        except audio.ClippedError as error:
            raise TakeUnusable(TakeFault.CLIPPED, str(error)) from error
        except (RecordingUnusable, audio.AudioError, OSError) as error:
            raise TakeUnusable(TakeFault.FAILED, str(error)) from error

    async def keep(self, number: str, take: str) -> PromptText:
        """See the port."""
        meant, stem = self._meant(number), self._stem(take)
        if meant is None or stem is None:
            raise TakeUnusable(TakeFault.FAILED, "there is no such prompt or take")
        try:
            await asyncio.to_thread(self._own.take, meant, stem.with_suffix(".wav16"))
        except (audio.AudioError, OSError) as error:
            raise TakeUnusable(TakeFault.FAILED, str(error)) from error
        await self._prompts.look_again(meant)
        return meant

    def _meant(self, number: str) -> PromptText | None:
        """The prompt with this number; None also when two have it, because nobody knows which is meant."""
        found = {words(prompt): prompt for prompt in self._texts() if number_of(prompt) == number}
        return next(iter(found.values())) if len(found) == 1 else None

    def _stem(self, take: str) -> Path | None:
        return self._takes / take if _NAME.fullmatch(take) else None

    def _checked(self, source: Path) -> str:
        """The caller's side of what the switch wrote, as a take; what the switch wrote goes."""
        self._takes.mkdir(parents=True, exist_ok=True)
        for old in self._takes.iterdir():
            if old.stat().st_mtime < time.time() - _KEPT_SEC:
                old.unlink(missing_ok=True)
        name = source.stem.removesuffix("-both")
        try:
            both, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
            audio.write_for_asterisk(self._takes / name, checked_samples(source, both[:, :1], rate_hz))
        except soundfile.LibsndfileError as error:
            raise audio.AudioError(str(error)) from error
        finally:
            source.unlink(missing_ok=True)
        return name
