"""Prompts for the running centre: prepared before the calls, only looked up during them."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import orjson
import structlog

from callcenter.prompts.model import PromptReport, PromptText
from callcenter.prompts.music import install_music
from callcenter.prompts.shipped import SHIPPED_DIRECTORY
from callcenter.prompts.store import PromptStore

_log = structlog.get_logger()
_RENDER_TIMEOUT_SEC: Final = 1800.0


class PromptService:
    """`prepare` first (start, publish), then `media_uri` at any time.

    The audio lies in `directory`/speech, music on hold in `directory`/music.
    """

    def __init__(self, directory: Path, shipped: Path = SHIPPED_DIRECTORY) -> None:
        self._speech = directory / "speech"
        self._music = directory / "music"
        self._shipped = shipped
        self._store = PromptStore(self._speech, shipped)
        self._tone = ""
        self._alarmed: set[PromptText] = set()

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
        if report.problems:
            first = [str(problem) for problem in report.problems[:3]]
            _log.warning("prompts_degraded", count=len(report.problems), first=first)
        return report

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
