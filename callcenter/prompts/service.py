"""Prompts for the running centre: prepared before the calls; only what nobody could know is made in them."""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import orjson
import structlog

from callcenter.ports import PromptUnavailable
from callcenter.prompts import audio
from callcenter.prompts.impromptu import Bounds
from callcenter.prompts.model import PromptReport, PromptText
from callcenter.prompts.music import install_music
from callcenter.prompts.phrases import piece_prompts, standing_prompts
from callcenter.prompts.recordings import RECORDED
from callcenter.prompts.shipped import SHIPPED_DIRECTORY
from callcenter.prompts.store import PromptStore
from callcenter.prompts.worker import PromptWorker

_log = structlog.get_logger()
_RENDER_TIMEOUT_SEC: Final = 1800.0
_REMEMBERED: Final = 2000
"""Prompts made during calls that are found without asking the worker again."""


class PromptService:
    """`prepare` first (start, publish), then `media_uri` at any time.

    The audio lies in `directory`/speech, music on hold in `directory`/music. What belongs to this centre
    alone lies in `own` (None: `directory`): in `recorded` what people recorded, in `said` what was made in
    calls. That is done, within its bounds, when `impromptu` is given; `close` then ends the worker.
    """

    def __init__(
        self,
        directory: Path,
        shipped: Path = SHIPPED_DIRECTORY,
        impromptu: Bounds | None = None,
        own: Path | None = None,
    ) -> None:
        own = own or directory
        self._speech = directory / "speech"
        self._music = directory / "music"
        self._shipped = shipped
        self._recorded = own / RECORDED
        self._store = PromptStore(self._speech, shipped, recorded=self._recorded)
        self._tone = ""
        self._alarmed: set[PromptText] = set()
        self._said: OrderedDict[PromptText, Path] = OrderedDict()
        self._worker = (
            None
            if impromptu is None
            else PromptWorker(self._speech, own / "said", shipped, self._recorded, impromptu)
        )

    @property
    def music_directory(self) -> Path:
        """The folder for Asterisk's musiconhold.conf (`mode=files`); filled by `prepare`."""
        return self._music.resolve()

    async def prepare(self, texts: Iterable[PromptText], *, synthesize: bool = True) -> PromptReport:
        """Make every text playable; a second time it only looks.

        Shipped audio is decoded in a thread. What remains is synthesised by a process of low priority, so
        that neither this loop nor the telephony feels it. Problems are in the report and, in one line, in
        the log. Raises OSError when the directory cannot be written.
        """
        wanted = list(texts)
        self._tone = await asyncio.to_thread(self._store.tone_uri)
        await asyncio.to_thread(install_music, self._music)
        report = await asyncio.to_thread(self._store.ensure, wanted, synthesize=False)
        improvable = [p for p in (*report.missing, *report.placeholders) if self._store.improvable(p)]
        if synthesize and improvable:
            await self._render(improvable)
            report = await asyncio.to_thread(self._store.ensure, wanted, synthesize=False)
        if self._worker is not None:
            self._worker.know(dict.fromkeys([*wanted, *standing_prompts(), *piece_prompts()]))
        if report.problems:
            first = [str(problem) for problem in report.problems[:3]]
            _log.warning("prompts_degraded", count=len(report.problems), first=first)
        return report

    @property
    def beeps(self) -> str:
        """What ARI plays instead of a text without audio; there after `prepare`."""
        return self._tone

    def media_uri(self, prompt: PromptText) -> str:
        """What ARI plays for `prompt`, at once; a text never prepared is three beeps and one alarm.

        Raises RuntimeError before the first `prepare`.
        """
        if not self._tone:
            raise RuntimeError("media_uri before prepare: there is not even a tone to play")
        uri = self._store.media_uri(prompt)
        if uri is not None:
            return uri
        if prompt not in self._alarmed:
            self._alarmed.add(prompt)
            _log.error(
                "prompt_not_prepared", language=prompt.language, cure="list it among the prepared texts"
            )
        return self._tone

    def audio(self, prompt: PromptText) -> str | None:
        """What ARI plays for `prompt` now, at once: prepared or, with `impromptu`, made since by `make`.
        None when there is nothing (yet) but `beeps`: `make` may help."""
        uri = self._store.media_uri(prompt)
        if uri == self._tone:
            uri = None
        stem = self._said.get(prompt)
        if uri is not None or stem is None:
            return uri
        try:
            for suffix in audio.SUFFIXES:
                os.utime(stem.with_suffix(suffix))  # in use: not to be pruned now
        except FileNotFoundError:
            del self._said[prompt]
            return None
        return f"sound:{stem}"

    async def make(self, prompts: tuple[PromptText, ...], within_ms: int) -> None:
        """`ports.PromptMaker`: what `audio` does not find is joined of pieces or spoken by the worker."""
        if self._worker is None:
            raise PromptUnavailable("prompts are not made during calls here; prepare the text")
        missing = [prompt for prompt in dict.fromkeys(prompts) if self.audio(prompt) is None]
        made = await asyncio.gather(
            *(self._worker.say(prompt, within_ms) for prompt in missing), return_exceptions=True
        )
        for prompt, stem in zip(missing, made, strict=True):
            if isinstance(stem, Path):
                self._said[prompt] = stem
        while len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        for failure in made:
            if isinstance(failure, BaseException):
                raise failure

    @property
    def pace_ms(self) -> Mapping[tuple[str, str], int] | None:
        """Milliseconds that each engine takes for a typical sentence of each language, as measured; None
        while prompts are not made during calls."""
        return self._worker.pace_ms if self._worker is not None and self._worker.runs else None

    async def look_again(self, prompt: PromptText) -> None:
        """Play what speaks the prompt now: a person may just have recorded it."""
        await asyncio.to_thread(self._store.ensure, [prompt], synthesize=False)

    async def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            await self._worker.close()

    def media_uris(self, prompts: Iterable[PromptText]) -> list[str]:
        """`media_uri` of each, in order."""
        return [self.media_uri(prompt) for prompt in prompts]

    async def _render(self, prompts: Iterable[PromptText]) -> None:
        """Let a process of low priority fill the cache; when it fails, the prompts just stay unspoken."""
        request = orjson.dumps([[prompt.text, prompt.language] for prompt in prompts])
        command = (sys.executable, "-m", "callcenter.prompts", "render")
        process = await asyncio.create_subprocess_exec(
            *command,
            str(self._speech),
            "--shipped",
            str(self._shipped),
            "--recorded",
            str(self._recorded),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_RENDER_TIMEOUT_SEC):
                _, errors = await process.communicate(request)
        except TimeoutError:
            errors = b"time-out"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            _log.warning("prompt_rendering_failed", status=process.returncode, detail=errors.decode()[-500:])
