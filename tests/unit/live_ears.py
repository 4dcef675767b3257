"""A LiveSpeech with a worker that hears what a script says, for the tests of live recognition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.routing import NoRoute, Route
from asr.scripted import ScriptedEngine
from asr.server import WorkerServer
from callcenter.controller.messages import Message
from callcenter.listening import service
from callcenter.listening.service import LiveSpeech
from callcenter.places import Places
from callcenter.settings import load_settings

ROOT = Path(__file__).parents[2]
SAYING = ROOT / "tests" / "data" / "speech" / "ko" / "02.flac"
FRAME_BYTES = 640


class Ears:
    """A LiveSpeech with all that it posts."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, **speech: str) -> None:
        environment = {f"CALLCENTER__SPEECH__{name.upper()}": value for name, value in speech.items()}
        settings = load_settings(ROOT / "config", environment=environment)
        self.places = Places(directory)
        self.places.run.mkdir()
        self.socket = self.places.speech_socket("script")
        self.route: Route | NoRoute = Route("scripted", "script", "ko")
        monkeypatch.setattr(service, "choose", lambda settings, places, language: self.route)
        self.posted: asyncio.Queue[Message] = asyncio.Queue()
        self.live = LiveSpeech(settings, self.places, lambda: 0)
        self.live.attach(self.posted.put_nowait)

    async def next(self) -> Message:
        async with asyncio.timeout(10):
            return await self.posted.get()

    def say(self, listening_id: str) -> None:
        """Somebody says something and then nothing more: no more at once than a worker may be behind."""
        samples, _ = soundfile.read(SAYING, dtype="int16")
        pcm = np.concatenate([samples[:18_000], np.zeros(12_800, np.int16)]).tobytes()
        for start in range(0, len(pcm), FRAME_BYTES):
            self.live.hear(listening_id, pcm[start : start + FRAME_BYTES])

    def working(self, text: str = "상담 원") -> WorkerServer:
        """A worker that hears this in whatever is said."""
        return WorkerServer(ScriptedEngine(("ko",), default=text))


@asynccontextmanager
async def stuck_worker(path: Path, *messages: bytes) -> AsyncIterator[None]:
    """A worker that says this and then neither reads nor writes."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(messages))
        await over.wait()
        writer.close()

    server = await asyncio.start_unix_server(serve, str(path), limit=1024)
    try:
        yield
    finally:
        over.set()
        server.close()
        await asyncio.sleep(0)
