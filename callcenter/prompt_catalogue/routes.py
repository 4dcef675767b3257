"""What callers hear, over HTTP."""

from __future__ import annotations

from aiohttp import hdrs, web

from callcenter.audit.model import AuditDeed
from callcenter.prompt_catalogue.service import PromptCatalogue, Spoken, UnknownPrompt
from callcenter.prompts import audio
from callcenter.prompts.catalogue import PromptState
from callcenter.web import wire_prompts as wire
from callcenter.web.access import Access, Media, Route, session_of
from callcenter.web.noting import ABOUT, Noted
from callcenter.web.problems import ApiProblem, not_found
from callcenter.web.requests import answer, read_body
from callcenter.web.wire_api import NoFields

LARGEST_BYTES = 24 * 1024 * 1024
SOUND = Media("application/octet-stream")


class PromptRoutes:
    """The texts, their audio, and recordings that people put in its place."""

    def __init__(self, catalogue: PromptCatalogue) -> None:
        self._catalogue = catalogue

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        changed, right = Noted(AuditDeed.PROMPT_CHANGED), Access.OPERATION
        one = "/api/prompts/{number}"
        return (
            Route("GET", "/api/prompts", right, self.prompts, None, wire.PromptsAnswer, problems=(409,)),
            Route("GET", f"{one}/audio", right, self.audio, None, Media("audio/wav"), problems=(409, 416)),
            Route(
                "POST", "/api/prompts/examine", right, self.examine, SOUND, wire.PromptSound,
                largest=LARGEST_BYTES,
            ),
            Route(
                "POST", f"{one}/recording", right, self.take, SOUND, wire.Prompt, changed, (409,),
                largest=LARGEST_BYTES,
            ),
            Route("POST", f"{one}/remove", right, self.remove, NoFields, wire.PromptRemoved, changed, (409,)),
        )  # fmt: skip

    async def prompts(self, _: web.Request) -> web.Response:
        """GET /api/prompts: every text that callers can hear, with what speaks it"""
        try:
            found = await self._catalogue.spoken()
        except audio.AudioError as error:
            raise _damaged(error) from None
        return answer(wire.PromptsAnswer(prompts=[_on_wire(one) for one in found]))

    async def audio(self, request: web.Request) -> web.StreamResponse:
        """GET /api/prompts/{number}/audio: as callers hear it, whole or a range"""
        one = await self._one(request)
        try:
            file = await self._catalogue.playable(one.line.number)
        except audio.AudioError as error:
            raise _damaged(error) from None
        if file is None:
            raise not_found("This text has no audio yet.", "Upload a recording of it, or publish its flow.")
        return web.FileResponse(file, headers={hdrs.CONTENT_TYPE: "audio/wav"})

    async def examine(self, request: web.Request) -> web.Response:
        """POST /api/prompts/examine: what a recording measures, and whether it is good enough"""
        try:
            figures, wrong = await self._catalogue.examined(await request.read())
        except audio.AudioError as error:
            raise _unusable(error) from None
        return answer(
            wire.PromptSound(
                duration_ms=figures.duration_ms,
                rate_hz=figures.rate_hz,
                channels=figures.channels,
                level_dbfs=round(figures.level_dbfs, 1),
                peak_dbfs=round(figures.peak_dbfs, 1),
                clipped=figures.clipped,
                fault=_fault(wrong) if wrong else None,
                told=str(wrong or ""),
            )
        )

    async def take(self, request: web.Request) -> web.Response:
        """POST /api/prompts/{number}/recording: callers hear this recording of the text from now on"""
        one = await self._one(request)
        request[ABOUT] = f"{one.line.number} {one.line.prompt.text}"
        try:
            taken = await self._catalogue.take(
                one.line.number, await request.read(), f"console ({session_of(request).user.name})"
            )
        except audio.AudioError as error:
            raise _unusable(error) from None
        return answer(_on_wire(taken))

    async def remove(self, request: web.Request) -> web.Response:
        """POST /api/prompts/{number}/remove: forget the recording; the made voice says the text again"""
        await read_body(request, NoFields)
        one = await self._one(request)
        request[ABOUT] = f"{one.line.number} {one.line.prompt.text}"
        try:
            left = await self._catalogue.remove(one.line.number)
        except UnknownPrompt as error:
            raise ApiProblem(
                409, "no_recording", str(error), "GET /api/prompts tells which have one."
            ) from None
        return answer(wire.PromptRemoved(prompt=_on_wire(left) if left else None))

    async def _one(self, request: web.Request) -> Spoken:
        try:
            return await self._catalogue.one(request.match_info["number"])
        except UnknownPrompt as error:
            raise not_found(str(error), "GET /api/prompts tells the numbers.") from None
        except audio.AudioError as error:
            raise _damaged(error) from None


def _on_wire(spoken: Spoken) -> wire.Prompt:
    line, sound = spoken.line, spoken.sound
    stale = line.state is PromptState.STALE
    return wire.Prompt(
        number=line.number,
        language=line.prompt.language,
        text=line.prompt.text,
        said_by=list(line.said_by),
        state=line.state,
        voice=line.voice,
        duration_ms=sound.duration_ms if sound else None,
        level_dbfs=round(sound.level_dbfs, 1) if sound else None,
        audio=f"/api/prompts/{line.number}/audio" if sound else None,
        now=line.now,
        needs_attention=spoken.needs_attention,
        allowed_actions=[
            *(() if stale else ("record",)),
            *(("remove",) if line.voice == "own" else ()),
        ],
    )  # fmt: skip


def _fault(wrong: audio.AudioError) -> wire.PromptFault:
    match wrong:
        case audio.SilentError():
            return "silent"
        case audio.ClippedError():
            return "clipped"
        case _:
            return "unusable"


def _unusable(error: audio.AudioError) -> ApiProblem:
    what, _, cure = str(error).partition("; ")
    return ApiProblem(422, f"recording_{_fault(error)}", what, cure)


def _damaged(error: audio.AudioError) -> ApiProblem:
    what, _, cure = str(error).partition("; ")
    return ApiProblem(409, "prompts_damaged", what, cure)
