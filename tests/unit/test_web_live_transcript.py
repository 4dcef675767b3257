"""What is said in a live call, read over HTTP: who may, what comes, and when it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientError, ClientSession
from prometheus_client import CollectorRegistry, generate_latest
from web_twin import T0, USERS, Twin, arrival, queued
from yarl import URL

from callcenter.audit.model import AuditDeed, Entry, Outcome
from callcenter.audit.store import MemoryAudit
from callcenter.domain import events as e
from callcenter.domain.events import EndedBy, TransferKind
from callcenter.listening.service import LiveSpeech
from callcenter.listening.transcript import Unread
from callcenter.places import Places
from callcenter.ports import StoreAway
from callcenter.settings import load_settings
from callcenter.web import live_transcript_routes as routes
from callcenter.web.metrics import LiveStreams
from callcenter.web.ports import QueueView
from callcenter.web.wire_live_transcript import LiveTranscript, LiveTranscriptChange, LiveTranscriptEnd

PATH = "/api/calls/c1/live-transcript"
ROOT = Path(__file__).parents[2]
SHAPES = {"picture": LiveTranscript, "change": LiveTranscriptChange, "end": LiveTranscriptEnd}
Told = LiveTranscript | LiveTranscriptChange | LiveTranscriptEnd


@pytest.fixture
async def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Twin]:
    """The call c1 talks with agent 1001."""
    monkeypatch.setattr(routes, "LOOK_S", 0.05)
    async with Twin(tmp_path, audit=MemoryAudit()).serving() as twin:
        twin.emit(arrival("c1"), queued("c1"), *connected("1001"))
        yield twin


def connected(agent_id: str) -> tuple[e.DomainEvent, ...]:
    """The call goes to this agent."""
    return (
        e.QueueLeft(T0, "c1", "general", e.QueueOutcome.ANSWERED, 1000, agent_id),
        e.AgentConnected(T0, "c1", agent_id, f"leg-{agent_id}", "general"),
    )


class Reader:
    """A page that reads along."""

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines

    async def next(self) -> Told:
        """The next event, in the shape that its name promises."""
        name = ""
        async with asyncio.timeout(5):
            async for line in self._lines:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    return SHAPES[name].model_validate(orjson.loads(value))
        raise AssertionError("the stream is over")

    async def is_over(self) -> bool:
        """Nothing more comes."""
        async with asyncio.timeout(5):
            return [line async for line in self._lines if line.strip(b"\n:")] == []


@asynccontextmanager
async def reading(client: ClientSession) -> AsyncIterator[Reader]:
    async with client.get(PATH) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        yield Reader(aiter(response.content))


def texts(told: Told) -> list[str]:
    """What was said, as far as this tells."""
    assert not isinstance(told, LiveTranscriptEnd)
    return [one.text for one in told.utterances]


async def test_all_there_is_and_then_every_change(twin: Twin) -> None:
    """The agent of the call, and whoever may read the record."""
    said = twin.live_transcripts.of("c1")
    said.heard()
    said.final("caller", "민원 접수해 주세요", T0)
    for name in ("amy", "sue", "ada", "quinn"):
        async with twin.caller(name) as client, reading(client) as reader:
            picture = await reader.next()
            assert isinstance(picture, LiveTranscript)
            assert (picture.reading, picture.why) == ("heard", None)
            assert texts(picture)[0] == "민원 접수해 주세요"
            said.partial("agent", "네", T0 + 1000)
            changed = await reader.next()
            assert texts(changed) == ["네"]
            said.final("agent", f"네 {name}", T0 + 2000)
            assert texts(await reader.next()) == [f"네 {name}"]
    said.unread(Unread.NO_ROOM)
    async with twin.caller("amy") as client, reading(client) as reader:
        picture = await reader.next()
        assert isinstance(picture, LiveTranscript)
        assert (picture.reading, picture.why) == ("unread", "no_room")


async def test_others_are_refused(twin: Twin) -> None:
    """Another agent, whoever sees no calls, and nobody; also the agent while the call only rings."""
    for name, status in (("bob", 403), ("olga", 403), (None, 401)):
        async with twin.caller(name) as client, client.get(PATH) as response:
            assert response.status == status
    async with twin.caller("sue") as client, client.get(PATH.replace("c1", "c7")) as response:
        assert response.status == 404
    twin.emit(arrival("c2"), queued("c2"), e.OfferMade(T0, "c2", "o2", "general", "1002", "l", {}))
    async with twin.caller("bob") as client, client.get(PATH.replace("c1", "c2")) as response:
        assert response.status == 403


async def test_queues_that_do_not_want_it_have_none(twin: Twin) -> None:
    twin.centre.view().queues["general"] = QueueView("general", "综合受理")  # type: ignore[index]
    async with twin.caller("amy") as client, client.get(PATH) as response:
        assert response.status == 404


async def test_it_ends_with_the_right_to_it(twin: Twin) -> None:
    """Handed to another agent: at once, and with nothing of what is said then. Supervisors read on."""
    said = twin.live_transcripts.of("c1")
    async with (
        twin.caller("amy") as amy,
        twin.caller("sue") as sue,
        reading(amy) as agent,
        reading(sue) as supervisor,
    ):
        assert texts(await agent.next()) == texts(await supervisor.next()) == []
        twin.emit(
            e.CallTransferred(T0, "c1", "1001", TransferKind.AGENT, "1002"),
            e.AgentReleased(T0, "c1", "1001", "general", 1000, 0),
        )
        said.final("caller", "비밀", T0)
        assert await agent.next() == LiveTranscriptEnd(reason="not_yours")
        assert await agent.is_over()
        assert texts(await supervisor.next()) == ["비밀"]
        twin.emit(e.CallEnded(T0, "c1", EndedBy.CALLER, "normal"))
        assert await supervisor.next() == LiveTranscriptEnd(reason="over")


async def test_it_ends_with_the_session(twin: Twin) -> None:
    async with twin.caller("amy") as client, reading(client) as reader:
        await reader.next()
        await twin.sessions.end_all("amy")
        assert await reader.next() == LiveTranscriptEnd(reason="logged_out")
        assert await reader.is_over()


async def test_a_server_that_began_anew_draws_a_new_picture(twin: Twin) -> None:
    """Nothing stands before the first talk is read; then it begins."""
    async with twin.caller("amy") as client, reading(client) as reader:
        first = await reader.next()
        assert isinstance(first, LiveTranscript)
        assert first.reading == "paused"
        twin.clock.now += 5000
        twin.live_transcripts.of("c1").heard()
        second = await reader.next()
        assert isinstance(second, LiveTranscript)
        assert (second.reading, second.began_at > first.began_at) == ("heard", True)


async def test_reading_is_noted(twin: Twin) -> None:
    """Once for ten minutes, so that a line that comes back is no other reading; of agents their own calls are
    not, for the journal says whose they were; that others tried is."""
    for name in ("sue", "sue", "amy"):
        async with twin.caller(name) as client, reading(client) as reader:
            await reader.next()
    async with twin.caller("bob") as client, client.get(PATH) as response:
        assert response.status == 403
    assert twin.audit is not None
    kept = [(one.entry.user, one.entry.deed, one.entry.what, one.entry.outcome) for one in twin.audit.kept]
    sues = [one for one in kept if one[0] == "sue"]
    assert set(sues) == {("sue", AuditDeed.LIVE_TRANSCRIPT_READ, "c1", Outcome.DONE)}
    assert ("bob", AuditDeed.LIVE_TRANSCRIPT_READ, "c1", Outcome.REFUSED) in kept
    assert "amy" not in {one[0] for one in kept}


class AwayAudit(MemoryAudit):
    """An audit log that cannot be written."""

    async def write(self, entries: Sequence[Entry]) -> None:
        raise StoreAway("away")


async def test_what_cannot_be_noted_is_not_read(tmp_path: Path) -> None:
    """The line breaks off before a word of it, and the page tries again; the agent's work goes on."""
    async with Twin(tmp_path, audit=AwayAudit(), audit_owed=tmp_path / "owed").serving() as twin:
        twin.emit(arrival("c1"), queued("c1"), *connected("1001"))
        twin.live_transcripts.of("c1").final("caller", "비밀", T0)
        async with twin.caller("sue") as client:
            with pytest.raises(ClientError):
                await client.get(PATH)
        async with twin.caller("amy") as client, reading(client) as reader:
            assert texts(await reader.next()) == ["비밀"]


async def test_who_does_not_read_is_cut_and_keeps_nobody_waiting(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others have everything meanwhile, and nothing piles up for the slow one."""
    monkeypatch.setattr(routes, "TAKEN_WITHIN_S", 0.3)
    said = twin.live_transcripts.of("c1")
    token, _ = await twin.sessions.begin(USERS["sue"])
    url = URL(twin.base)
    with socket.create_connection((url.host or "", url.port or 0)) as slow:
        slow.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        async with twin.caller("amy") as client, reading(client) as reader:
            await reader.next()
            async with asyncio.timeout(10):
                while twin.read_live.readers < 2:
                    await asyncio.sleep(0.01)
                number = 0
                while twin.read_live.readers > 1:
                    number += 1
                    said.final("caller", f"{number} " + "가" * 60_000, T0)
                    assert texts(await reader.next())[-1].startswith(f"{number} ")


async def test_the_centre_can_be_left_while_somebody_reads(tmp_path: Path) -> None:
    """A controller that is to end does not wait for readers."""
    serving = Twin(tmp_path).serving()
    twin = await serving.__aenter__()
    twin.emit(arrival("c1"), queued("c1"), *connected("1001"))
    async with twin.caller("amy") as client, reading(client) as reader:
        await reader.next()
        async with asyncio.timeout(5):
            await serving.__aexit__(None, None, None)


def test_streams_and_readers_are_counted(tmp_path: Path) -> None:
    speech = LiveSpeech(load_settings(ROOT / "config", (), {}), Places(tmp_path), lambda: 0)
    registry = CollectorRegistry()
    made = Twin(tmp_path)
    made.made()
    registry.register(LiveStreams(speech, made.read_live))
    told = generate_latest(registry).decode()
    assert 'callcenter_live_speech_streams{of="talk"} 0.0' in told
    assert "callcenter_live_transcript_readers 0.0" in told
