"""What the centre itself recorded of the demo's calls: its journal, its figures, its files, its tickets."""

from __future__ import annotations

import asyncio
import hashlib
import wave
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.demo.stories import Story
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase, ImpossibleEvent
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.phones.audio import read_wav, rms_dbfs
from callcenter.replay.history import wrong_in

LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A recording's file as it lies on the disk."""

    path: Path
    sha256: str
    rms_dbfs: tuple[float, ...]


@dataclass(slots=True)
class Evidence:
    """Everything recorded since the demo began. ``calls`` are by the caller's number, in the order of their
    arrival, ``call_backs`` by the call in which they were promised; ``presences`` tells what each agent did,
    ``impossible`` names events that could not happen. ``tickets`` and ``records`` are what the API tells of a
    ticket and of a call, ``files`` the recordings by call."""

    calls: dict[str, list[Call]] = field(default_factory=dict)
    call_backs: dict[str, Call] = field(default_factory=dict)
    ended: dict[str, e.CallEnded] = field(default_factory=dict)
    presences: list[e.PresenceChanged] = field(default_factory=list)
    board: KpiBoard | None = None
    impossible: list[str] = field(default_factory=list)
    tickets: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    files: dict[str, SoundFile | None] = field(default_factory=dict)
    records: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    kpi: list[dict[str, Any]] = field(default_factory=list)

    def call_of(self, story: Story) -> Call | None:
        """The call that this story is about, if the centre knows it."""
        known = self.calls.get(story.caller, [])
        return known[story.repeat] if story.repeat < len(known) else None

    def calls_of(self, story: Story) -> list[Call]:
        """The call, and the call-back that was promised in it, if any."""
        call = self.call_of(story)
        back = self.call_backs.get(call.call_id) if call else None
        return [known for known in (call, back) if known is not None]

    def all_calls(self) -> list[Call]:
        """Every call and every call-back."""
        return [call for calls in self.calls.values() for call in calls] + list(self.call_backs.values())


def fold(events: Sequence[e.DomainEvent], policy: KpiPolicy) -> Evidence:
    """The calls and figures that these events tell of."""
    found = Evidence(board=KpiBoard(policy))
    by_id: dict[str, Call] = {}
    for event in events:
        assert found.board is not None
        found.board.apply(event)
        match event:
            case e.CallArrived():
                call = by_id[event.call_id] = Call.begun(event)
                found.calls.setdefault(event.caller, []).append(call)
                continue
            case e.CallBackPromised():
                found.call_backs[event.call_back_of] = by_id[event.call_id] = Call.begun(event)
                continue
            case e.CallEnded():
                found.ended[event.call_id] = event
            case e.PresenceChanged():
                found.presences.append(event)
                continue
            case _:
                pass
        known = by_id.get(getattr(event, "call_id", None) or "")
        if known is not None:
            try:
                known.apply(event)
            except ImpossibleEvent as error:
                found.impossible.append(str(error))
    found.impossible += wrong_in(events)
    return found


async def gather(
    store: PostgresJournalStore,
    api: CentreApi,
    policy: KpiPolicy,
    recordings: Path,
    *,
    since_at: int,
    told: Sequence[Story],
    within_s: float,
) -> Evidence:
    """Wait until the call of every story told is settled, at most ``within_s``, and collect everything."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while True:
        events = await store.events(since_at=since_at, until_at=2**62)
        found = fold([event for _, event in events], policy)
        if _settled(found, told) or loop.time() > deadline:
            break
        await asyncio.sleep(LOOK_S)
    for call in found.all_calls():
        found.records[call.call_id] = await _known(api.call(call.call_id))
        if call.ticket_id is not None:
            found.tickets[call.ticket_id] = await _known(api.ticket(call.ticket_id))
        stored = call.recording_result
        if isinstance(stored, e.RecordingStored):
            found.files[call.call_id] = await asyncio.to_thread(_sound_file, recordings / stored.path)
    found.kpi = await api.kpi()
    return found


def _settled(found: Evidence, told: Sequence[Story]) -> bool:
    known = [found.calls_of(story) for story in told]
    return all(calls and all(call.phase is CallPhase.SETTLED for call in calls) for calls in known)


async def _known(asked: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    try:
        return await asked
    except ApiRefused:
        return None


def _sound_file(path: Path) -> SoundFile | None:
    try:
        _, channels = read_wav(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, EOFError, wave.Error):
        return None
    return SoundFile(path.resolve(), digest, tuple(round(rms_dbfs(channel), 1) for channel in channels))
