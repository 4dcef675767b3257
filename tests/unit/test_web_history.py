"""Calls, recordings, transcripts and tickets over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from web_twin import NUMBER, T0, WAV, Twin, arrival, call_record, ended, queued

from callcenter.domain import events as e
from callcenter.phones.audio import Tone, write_tones
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
    twin.history.records["c2"] = call_record("c2", ("1001",), path)
    async with twin.caller("sue") as client, client.get("/api/calls/c2/recording") as response:
        assert response.status == 410
        assert "SHA-256" in (await response.json())["cure"]


async def test_a_link_out_of_the_recordings_is_not_followed(twin: Twin) -> None:
    """A symbolic link below the recordings directory does not lead elsewhere."""
    (twin.recordings_dir / "link.wav").symlink_to(twin.recordings_dir.parent / "secret.wav")
    twin.history.records["c2"] = call_record("c2", ("1001",), "link.wav")
    async with twin.caller("sue") as client, client.get("/api/calls/c2/recording") as response:
        assert response.status == 410


async def test_what_does_not_exist(twin: Twin) -> None:
    """Unknown calls and tickets, and a call without recording, are 404 with a cure."""
    twin.history.records["c2"] = replace(call_record("c2", ()), recording=None)
    async with twin.caller("sue") as client:
        for path in ("/api/calls/c9", "/api/calls/c2/recording", "/api/tickets/t9"):
            async with client.get(path) as response:
                assert response.status == 404
                assert (await response.json())["cure"]


async def test_the_list_of_calls(twin: Twin) -> None:
    """Newest first, page by page, found by what is asked; words come with what was said around them."""
    for number in range(2, 5):
        record = call_record(f"c{number}", ("1002",))
        twin.history.records[f"c{number}"] = replace(record, arrived_at=T0 + number, transcripts=())
    async with twin.caller("sue") as client:
        pages: list[list[str]] = []
        before = ""
        while before is not None:
            query = {"limit": "2", **({"before": before} if before else {})}
            async with client.get("/api/calls", params=query) as response:
                told = await response.json()
            pages.append([call["call_id"] for call in told["calls"]])
            before = told["next"]
        assert pages == [["c4", "c3"], ["c2", "c1"]]
        async with client.get("/api/calls", params={"words": "投诉", "caller": "5678"}) as response:
            (call,) = (await response.json())["calls"]
        assert call["excerpts"] == [{"leg": "caller", "text": "我要投诉噪音"}]
        assert (call["caller"], call["recorded"]) == (NUMBER, True)


async def test_agents_list_their_own_calls(twin: Twin) -> None:
    """Whatever they ask for."""
    twin.history.records["c2"] = call_record("c2", ("1002",))
    async with twin.caller("bob") as client:
        async with client.get("/api/calls", params={"agent": "1002"}) as response:
            assert [call["call_id"] for call in (await response.json())["calls"]] == ["c2"]
        async with client.get("/api/calls", params={"agent": "1001"}) as response:
            assert response.status == 403


@pytest.mark.parametrize(
    "query", [{"caller": "138%"}, {"before": "1"}, {"limit": "0"}, {"since": "today"}, {"words": "x" * 101}]
)
async def test_a_list_that_cannot_be_asked_for(twin: Twin, query: dict[str, str]) -> None:
    """Every mistake is told with its field."""
    async with twin.caller("sue") as client, client.get("/api/calls", params=query) as response:
        assert response.status == 422
        assert (await response.json())["what"].startswith(next(iter(query)))


async def test_the_life_of_a_call(twin: Twin) -> None:
    """Spans and marks, in time; numbers to which a call was transferred are not in it."""
    twin.history.lives["c1"] = [
        arrival("c1"),
        queued("c1"),
        e.QueueLeft(T0 + 500, "c1", "general", e.QueueOutcome.ANSWERED, 500),
        e.AgentConnected(T0 + 500, "c1", "1001", "l", "general"),
        e.RecordingBegan(T0 + 500, "c1", "r", "r", False),
        e.CallTransferred(T0 + 900, "c1", "1001", e.TransferKind.NUMBER, NUMBER),
        e.AgentReleased(T0 + 900, "c1", "1001", "general", 400, 0),
        ended("c1"),
    ]
    async with twin.caller("amy") as client, client.get("/api/calls/c1/life") as response:
        life = await response.json()
    assert [(span["lane"], span["name"], span["end"], span["offset_ms"]) for span in life["spans"]] == [
        ("queue", "general", "answered", None),
        ("talk", "1001", "", None),
        ("recording", "", "", 0),
    ]
    assert [mark["kind"] for mark in life["marks"]] == ["arrived", "transferred", "ended"]
    assert NUMBER not in str(life)


async def test_the_waveform_of_a_call(twin: Twin) -> None:
    """Both channels, a few hundred stretches each; what is no sound is told."""
    write_tones(twin.recordings_dir / "tone.wav", 8000, [Tone(440.0, 1_000)])
    twin.history.records["c2"] = call_record("c2", ("1001",), "tone.wav")
    async with twin.caller("sue") as client:
        async with client.get("/api/calls/c2/waveform") as response:
            shape = await response.json()
        assert shape["duration_ms"] == 1_000
        assert {len(side) for side in shape["peaks"]} == {800}
        async with client.get("/api/calls/c1/waveform") as response:
            assert (response.status, (await response.json())["code"]) == (410, "recording_gone")


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
