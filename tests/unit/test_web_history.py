"""Calls, recordings, transcripts and tickets over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from web_twin import NUMBER, WAV, Twin, call_record

from callcenter.domain import events as e
from callcenter.ports import StoreAway


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "c1.wav").write_bytes(WAV)
    (tmp_path / "secret.wav").write_bytes(b"not yours")
    async with Twin(recordings).serving() as twin:
        yield twin


async def test_call_detail(twin: Twin) -> None:
    """A call tells its way, its people, where its sound is and what was said."""
    async with twin.caller("sue") as client, client.get("/api/calls/c1") as response:
        call = await response.json()
    assert call["flow_path"] == ["welcome", "menu"]
    assert call["caller"] == NUMBER
    assert call["recording"]["url"] == "/api/calls/c1/recording"
    assert call["transcripts"][0]["text"] == "我要投诉噪音"
    assert call["arrived_at"].endswith("Z")


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        (None, 200, WAV, None),
        ("bytes=0-3", 206, b"RIFF", f"bytes 0-3/{len(WAV)}"),
        ("bytes=-2", 206, WAV[-2:], f"bytes {len(WAV) - 2}-{len(WAV) - 1}/{len(WAV)}"),
        (f"bytes={len(WAV) - 1}-", 206, WAV[-1:], f"bytes {len(WAV) - 1}-{len(WAV) - 1}/{len(WAV)}"),
        (f"bytes={len(WAV)}-", 416, None, f"bytes */{len(WAV)}"),
    ],
)
async def test_ranges(
    twin: Twin, asked: str | None, status: int, expected: bytes | None, content_range: str | None
) -> None:
    """A player may ask for any part of the sound, as RFC 9110 section 14 says."""
    headers = {"Range": asked} if asked else {}
    url = "/api/calls/c1/recording"
    async with twin.caller("sue") as client, client.get(url, headers=headers) as response:
        assert response.status == status
        assert response.headers.get("Content-Range") == content_range
        if expected is not None:
            assert response.content_type == "audio/wav"
            assert await response.read() == expected
            assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/hostname", "lost.wav", "."])
async def test_a_record_that_leads_out_of_the_recordings(twin: Twin, path: str) -> None:
    """Whatever the record says, only files below the recordings directory are sent."""
    twin.history.calls["c2"] = call_record("c2", ("1001",), path)
    async with twin.caller("sue") as client, client.get("/api/calls/c2/recording") as response:
        assert response.status == 410
        assert "SHA-256" in (await response.json())["cure"]


async def test_a_link_out_of_the_recordings_is_not_followed(twin: Twin) -> None:
    """A symbolic link below the recordings directory does not lead elsewhere."""
    (twin.recordings_dir / "link.wav").symlink_to(twin.recordings_dir.parent / "secret.wav")
    twin.history.calls["c2"] = call_record("c2", ("1001",), "link.wav")
    async with twin.caller("sue") as client, client.get("/api/calls/c2/recording") as response:
        assert response.status == 410


async def test_what_does_not_exist(twin: Twin) -> None:
    """Unknown calls and tickets, and a call without recording, are 404 with a cure."""
    twin.history.calls["c2"] = replace(call_record("c2", ()), recording=None)
    async with twin.caller("sue") as client:
        for path in ("/api/calls/c9", "/api/calls/c2/recording", "/api/tickets/t9"):
            async with client.get(path) as response:
                assert response.status == 404
                assert (await response.json())["cure"]


async def test_search_finds_chinese_text(twin: Twin) -> None:
    """Words inside a transcript find its call; others find nothing."""
    async with twin.caller("sue") as client:
        async with client.get("/api/search", params={"q": "投诉"}) as response:
            hits = (await response.json())["hits"]
        assert [(hit["call_id"], hit["leg"]) for hit in hits] == [("c1", "caller")]
        async with client.get("/api/search", params={"q": "表扬"}) as response:
            assert (await response.json())["hits"] == []


@pytest.mark.parametrize("words", ["", "  ", "x" * 101])
async def test_search_wants_words(twin: Twin, words: str) -> None:
    """Nothing, or a novel, is not searched for."""
    async with twin.caller("sue") as client, client.get("/api/search", params={"q": words}) as response:
        assert response.status == 422


async def test_ticket_masks_the_number_for_agents(twin: Twin) -> None:
    """An agent reads the ticket with the caller's number masked, a supervisor in full."""
    seen = {}
    for name in ("sue", "amy"):
        async with twin.caller(name) as client, client.get("/api/tickets/t1") as response:
            seen[name] = (await response.json())["caller"]
    assert seen == {"sue": NUMBER, "amy": "138****5678"}


async def test_store_away(twin: Twin) -> None:
    """While the record cannot be read the answer is 503 and says so."""

    async def away(_: str) -> None:
        raise StoreAway("PostgreSQL does not answer")

    twin.history.call = away  # type: ignore[method-assign]
    async with twin.caller("sue") as client, client.get("/api/calls/c1") as response:
        assert response.status == 503
        assert (await response.json())["what"] == "PostgreSQL does not answer"


async def test_a_defect_tells_nothing_of_itself(twin: Twin) -> None:
    """An unforeseen error is a 500 in our shape, without its text."""

    async def broken(_: str) -> None:
        raise RuntimeError("password=hunter2")

    twin.history.call = broken  # type: ignore[method-assign]
    async with twin.caller("sue") as client, client.get("/api/calls/c1") as response:
        assert response.status == 500
        assert "hunter2" not in await response.text()


SPAN = "since=2025-11-21T00:00:00Z&until=2025-11-22T00:00:00Z"


async def test_surveys(twin: Twin) -> None:
    """What callers said in a time, and the figures made of it; for supervisors only."""
    at = 1_763_697_600_000
    twin.surveys.apply(e.SurveyOffered(at, "c1", "line", "rate", "general", ["1001"]))
    twin.surveys.apply(e.SurveyAnswered(at + 5, "c1", "service", 5, satisfied=True, counts=True))
    twin.surveys.apply(e.SurveyOffered(at + 9, "c2", "line", "rate", "", []))
    async with twin.caller("sue") as client, client.get(f"/api/surveys?{SPAN}") as response:
        told = await response.json()
    assert (told["invited"], told["rated"], told["satisfaction_rate"], told["participation_rate"]) == (
        2, 1, 1.0, 0.5,
    )  # fmt: skip
    assert told["surveys"][1]["answers"] == [{"question": "service", "score": 5, "satisfied": True}]
    async with twin.caller("sue") as client, client.get("/api/surveys?since=x&until=y") as response:
        assert response.status == 422
    backwards = "since=2025-11-22T00:00:00Z&until=2025-11-21T00:00:00Z"
    async with twin.caller("sue") as client, client.get(f"/api/surveys?{backwards}") as response:
        assert "366 days" in (await response.json())["what"]
    async with twin.caller("amy") as client, client.get(f"/api/surveys?{SPAN}") as response:
        assert response.status == 403
