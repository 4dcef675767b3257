"""Twins of the ports, kept in this process: they pass the same contract tests as the real ones.

The telephone switch's twin is ``memory_switch``; that of the tickets stands beside its store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from callcenter.domain.codec import JournalEntry, decode_line, encode_line
from callcenter.domain.events import DomainEvent
from callcenter.ports import (
    FinishedRecording,
    HeardText,
    LookUpFailed,
    Question,
    Recollection,
    RecordingUnusable,
    StoreAway,
    TranscriptUnavailable,
    WebhookMessage,
)
from ivr_flows.expressions import Value


class MemoryJournal:
    """Implements ``callcenter.ports.Journal``. It keeps lines, not events, so that whoever recalls them gets
    what a file would have given."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._snapshot: bytes | None = None
        self._snapshot_at = 0

    @property
    def last_seq(self) -> int:
        """The number of the newest event (0: none)."""
        return len(self.lines)

    def recall(self) -> Recollection:
        """See the port."""
        snapshot = None if self._snapshot is None else orjson.loads(self._snapshot)
        events = [decode_line(line) for line in self.lines[self._snapshot_at :]]
        return Recollection(snapshot, events, self.last_seq)

    def append(self, events: Sequence[DomainEvent]) -> int:
        """See the port."""
        first = self.last_seq + 1
        self.lines += [encode_line(seq, event) for seq, event in enumerate(events, start=first)]
        return first

    def checkpoint(self, snapshot: dict[str, Any]) -> None:
        """See the port."""
        self._snapshot = orjson.dumps(snapshot)
        self._snapshot_at = self.last_seq

    def since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """See the port."""
        newer = self.lines[seq:]
        return None if len(newer) > limit else [decode_line(line) for line in newer]


class _Away:
    """What can be away for a while: ``away`` is the reason, or None."""

    def __init__(self) -> None:
        self.away: str | None = None

    def _answer(self) -> None:
        if self.away is not None:
            raise StoreAway(self.away)


class MemoryJournalStore(_Away):
    """Implements ``callcenter.ports.JournalStore``."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[int, DomainEvent] = {}

    async def last_seq(self) -> int:
        """See the port."""
        self._answer()
        return max(self.stored, default=0)

    async def ship(self, entries: Sequence[JournalEntry]) -> None:
        """See the port."""
        self._answer()
        for entry in entries:
            self.stored.setdefault(entry.seq, entry.event)

    async def events_of_call(self, call_id: str) -> list[tuple[int, DomainEvent]]:
        """The whole life of one call, in order; empty when it is not known."""
        self._answer()
        events = sorted(self.stored.items())
        return [(seq, event) for seq, event in events if getattr(event, "call_id", None) == call_id]


class MemoryBus(_Away):
    """Implements ``callcenter.ports.Bus``."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[tuple[int, DomainEvent]] = []

    async def last_seq(self) -> int:
        """See the port."""
        self._answer()
        return self.published[-1][0] if self.published else 0

    async def publish(self, entries: Sequence[JournalEntry]) -> None:
        """See the port."""
        for entry in entries:
            if entry.seq > await self.last_seq():
                self.published.append((entry.seq, entry.event))

    async def read(self, after_seq: int, limit: int) -> list[tuple[int, DomainEvent]]:
        """Up to ``limit`` events numbered above ``after_seq``."""
        self._answer()
        return [(seq, event) for seq, event in self.published if seq > after_seq][:limit]


class ScriptedRecordingFiles:
    """Implements ``callcenter.ports.RecordingFiles`` without files: the first attempts fail with the reasons
    given, every later one answers as if both sides had spoken for ``duration_ms``."""

    def __init__(self, failures: Iterable[str | Exception] = (), *, duration_ms: int = 10_000) -> None:
        self._failures = deque(failures)
        self._duration_ms = duration_ms
        self.asked: list[str] = []

    async def finish(self, path_stem: str, *, wideband: bool) -> FinishedRecording:
        """See the port."""
        self.asked.append(path_stem)
        if self._failures:
            failure = self._failures.popleft()
            raise RecordingUnusable(failure) if isinstance(failure, str) else failure
        rate = 16_000 if wideband else 8_000
        return FinishedRecording(f"{path_stem}-both.wav", "0" * 64, self._duration_ms, rate, (-20.0, -21.0))


class ScriptedLookUps:
    """Implements ``callcenter.ports.LookUps``: each name has its answer; one without fails."""

    def __init__(self, answers: Mapping[str, Mapping[str, Value] | Exception | None] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Mapping[str, Value] | None:
        """See the port."""
        self.asked.append(question)
        answer = self.answers.get(question.look_up, LookUpFailed("no answer is scripted"))
        if isinstance(answer, Exception):
            raise answer
        return answer


class ScriptedWebhooks:
    """Implements ``callcenter.ports.Webhooks``: the first tries fail as given, every later one is taken."""

    def __init__(self, failures: Iterable[Exception] = ()) -> None:
        self._failures = deque(failures)
        self.tried: list[WebhookMessage] = []

    async def deliver(self, message: WebhookMessage) -> int:
        """See the port."""
        self.tried.append(message)
        if self._failures:
            raise self._failures.popleft()
        return 204


class ScriptedTranscriber:
    """Implements ``callcenter.ports.Transcriber``: hears the text given for a channel, and nothing without
    one."""

    def __init__(self, texts: Mapping[int, str | Exception]) -> None:
        self._texts = texts

    async def transcribe(self, path: str, channel: int, language: str) -> HeardText:
        """See the port."""
        text = self._texts.get(channel, TranscriptUnavailable("no text is scripted for this channel"))
        if isinstance(text, Exception):
            raise text
        return HeardText("scripted", "none", text, [])
