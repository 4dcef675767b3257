"""Transcription through the speech workers. Implements ``callcenter.ports.Transcriber``."""

from __future__ import annotations

from dataclasses import asdict

from asr.routing import NoRoute
from asr.workers import (
    TranscriptionClient,
    TranscriptionFailed,
    TranscriptionJob,
    TranscriptionUnavailable,
)
from callcenter.places import Places
from callcenter.ports import HeardText, TranscriptUnavailable
from callcenter.settings import Settings
from callcenter.speech import choose


class SpeechWorkers:
    """Hands each channel to the worker whose model hears its language; which one is looked up once."""

    def __init__(self, settings: Settings, places: Places) -> None:
        self._settings = settings
        self._places = places
        self._clients: dict[str, TranscriptionClient] = {}

    def waiting(self, model_id: str) -> int:
        """How many transcriptions this model's worker still owes."""
        client = self._clients.get(model_id)
        return 0 if client is None else client.waiting

    async def transcribe(self, path: str, channel: int, language: str) -> HeardText:
        """See the port."""
        chosen = choose(self._settings, self._places, language)
        if isinstance(chosen, NoRoute):
            raise TranscriptUnavailable(f"{chosen.reason} -> callcenter models install")
        client = self._clients.get(chosen.model_id)
        if client is None:
            socket_path = self._places.speech_socket(chosen.model_id)
            client = self._clients[chosen.model_id] = TranscriptionClient(socket_path)
        recording = (self._places.recordings / path).resolve()
        job = TranscriptionJob(f"{path}#{channel}", recording, channel, chosen.language)
        try:
            transcript = await client.transcribe(job)
        except (TranscriptionUnavailable, TranscriptionFailed) as error:
            raise TranscriptUnavailable(str(error)) from error
        return HeardText(
            engine=transcript.engine,
            model=transcript.model,
            text=transcript.text,
            segments=[asdict(segment) for segment in transcript.segments],
        )
