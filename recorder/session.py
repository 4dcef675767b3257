"""The life of one recording: a pure machine in one table.

It starts the switch's recording, keeps trying within reason, and sees to it that a finished call ends with
either a stored file or a stated reason. Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

START_TIMEOUT_MS = 5_000
START_DELAYS_MS = (500, 2_000, 5_000, 15_000)
"""Waits before starting is tried again: the switch's control connection may come back."""
BETWEEN_TALKS_MS = 300
"""From the end of one talk to the recording of the next, at least: until then the leg may still hear the
party before, of whom a new recording must hear nothing (see AfterWorkDriver.pause_recording)."""
FINISH_DELAYS_MS = (1_000, 5_000, 25_000)
"""Waits before finishing is tried again: a full disk or a busy machine may pass."""


class RecordingState(StrEnum):
    """Where a recording is in its life."""

    STARTING = "starting"
    WAITING_TO_START = "waiting_to_start"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHING = "finishing"
    WAITING_TO_FINISH = "waiting_to_finish"
    STORED = "stored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Started:
    """The switch records."""


@dataclass(frozen=True, slots=True)
class StartFailed:
    """The switch does not record."""

    reason: str


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The caller waits for somebody else; what is heard meanwhile is not recorded."""


@dataclass(frozen=True, slots=True)
class TalkBegan:
    """The caller is about to hear somebody again."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """The recorded leg is gone; the files are about to be complete."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The finished file is stored."""


@dataclass(frozen=True, slots=True)
class FinishFailed:
    """The finished file could not be made; ``final``: nor will it be, as nothing was recorded."""

    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time named by ``next_deadline`` has come."""


RecordingEvent = (
    Started | StartFailed | TalkEnded | TalkBegan | CallOver | Finished | FinishFailed | DeadlineReached
)


@dataclass(frozen=True, slots=True)
class Start:
    """Make the switch record, behind what it has recorded of this call already."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Make the switch record no longer."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Make the finished file out of what the switch wrote."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """There will be no recording; ``reason`` is for people."""

    reason: str


RecordingCommand = Start | Stop | Finish | GiveUp


class RecordingSession:
    """One recording. Call ``start`` once, then ``handle`` with every event; carry out what they return."""

    def __init__(self) -> None:
        self.state = RecordingState.STARTING
        self._starts = 0
        self._finishes = 0
        self._deadline: int | None = None
        self._paused_at = -BETWEEN_TALKS_MS

    def start(self, now: int) -> list[RecordingCommand]:
        """Begin."""
        self.state = RecordingState.STARTING
        self._starts += 1
        self._deadline = now + START_TIMEOUT_MS
        return [Start()]

    @staticmethod
    def resumed(*, call_over: bool, talking: bool) -> RecordingSession:
        """A recording found after a restart: the switch went on by itself."""
        session = RecordingSession()
        if call_over:
            session.state, session._finishes = RecordingState.FINISHING, 1
        else:
            session.state = RecordingState.RUNNING if talking else RecordingState.PAUSED
        return session

    def next_deadline(self) -> int | None:
        """When DeadlineReached is to be told, or None."""
        return self._deadline

    def handle(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        """Take in one event. Raises KeyError for one that TABLE does not know in this state."""
        if isinstance(event, DeadlineReached) and (self._deadline is None or now < self._deadline):
            return []
        return TABLE[self.state, type(event)](self, event, now)

    def _ignore(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        return []

    def _run(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        self.state, self._deadline = RecordingState.RUNNING, None
        return []

    def _start_again(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        return self.start(now)

    def _go_on(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        go_on_at = self._paused_at + BETWEEN_TALKS_MS
        if now >= go_on_at:
            return self.start(now)
        self.state, self._deadline = RecordingState.WAITING_TO_START, go_on_at
        return []

    def _pause(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        runs = self.state is not RecordingState.WAITING_TO_START
        self._paused_at = now if runs else self._paused_at
        self.state, self._deadline, self._starts = RecordingState.PAUSED, None, 0
        return [Stop()] if runs else []

    def _wait_to_start(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        reason = event.reason if isinstance(event, StartFailed) else "the switch did not confirm it in time"
        if self._starts > len(START_DELAYS_MS):
            return self._give_up(f"recording could not be started: {reason}")
        self.state = RecordingState.WAITING_TO_START
        self._deadline = now + START_DELAYS_MS[self._starts - 1]
        return []

    def _finish(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        self.state, self._deadline = RecordingState.FINISHING, None
        self._finishes += 1
        return [Finish()]

    def _wait_to_finish(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        assert isinstance(event, FinishFailed)
        if event.final or self._finishes > len(FINISH_DELAYS_MS):
            return self._give_up(f"recording could not be finished: {event.reason}")
        self.state = RecordingState.WAITING_TO_FINISH
        self._deadline = now + FINISH_DELAYS_MS[self._finishes - 1]
        return []

    def _store(self, event: RecordingEvent, now: int) -> list[RecordingCommand]:
        self.state, self._deadline = RecordingState.STORED, None
        return []

    def _give_up(self, reason: str) -> list[RecordingCommand]:
        self.state, self._deadline = RecordingState.FAILED, None
        return [GiveUp(reason)]


_S = RecordingState
_M = RecordingSession
Handler = Callable[[RecordingSession, RecordingEvent, int], list[RecordingCommand]]
TABLE: Mapping[tuple[RecordingState, type], Handler] = {
    (_S.STARTING, Started): _M._run,
    (_S.STARTING, StartFailed): _M._wait_to_start,
    (_S.STARTING, DeadlineReached): _M._wait_to_start,
    (_S.STARTING, CallOver): _M._finish,
    (_S.STARTING, TalkEnded): _M._pause,
    (_S.STARTING, TalkBegan): _M._ignore,
    (_S.WAITING_TO_START, DeadlineReached): _M._start_again,
    (_S.WAITING_TO_START, Started): _M._run,
    (_S.WAITING_TO_START, StartFailed): _M._ignore,
    (_S.WAITING_TO_START, CallOver): _M._finish,
    (_S.WAITING_TO_START, TalkEnded): _M._pause,
    (_S.WAITING_TO_START, TalkBegan): _M._ignore,
    (_S.RUNNING, CallOver): _M._finish,
    (_S.RUNNING, Started): _M._ignore,
    (_S.RUNNING, StartFailed): _M._wait_to_start,
    (_S.RUNNING, TalkEnded): _M._pause,
    (_S.RUNNING, TalkBegan): _M._ignore,
    (_S.PAUSED, TalkBegan): _M._go_on,
    (_S.PAUSED, CallOver): _M._finish,
    (_S.PAUSED, TalkEnded): _M._ignore,
    # the answer to a start that the end of the talk has overtaken
    (_S.PAUSED, Started): _M._ignore,
    (_S.PAUSED, StartFailed): _M._ignore,
    # the answer to a start that the end of the call has overtaken
    (_S.FINISHING, Started): _M._ignore,
    (_S.FINISHING, StartFailed): _M._ignore,
    (_S.FINISHING, Finished): _M._store,
    (_S.FINISHING, FinishFailed): _M._wait_to_finish,
    (_S.WAITING_TO_FINISH, DeadlineReached): _M._finish,
    (_S.WAITING_TO_FINISH, Started): _M._ignore,
    (_S.WAITING_TO_FINISH, StartFailed): _M._ignore,
    # a second confirmation, or the end of a call whose recording is settled, changes nothing
    (_S.STORED, Started): _M._ignore,
    (_S.FAILED, Started): _M._ignore,
    (_S.FAILED, StartFailed): _M._ignore,
    (_S.FAILED, CallOver): _M._ignore,
    (_S.FAILED, TalkEnded): _M._ignore,
    (_S.FAILED, TalkBegan): _M._ignore,
}
