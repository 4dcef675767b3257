"""What is asked of the record of calls, and the lines that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEVER_QUEUED = "none"
"""The outcome asked for when the caller never asked for a human."""
EXCERPT = 60
"""So many characters of a transcript are shown beside the words that were looked for."""


@dataclass(frozen=True, slots=True, order=True)
class CallPlace:
    """Where a call stands in the list of all calls, by arrival."""

    arrived_at: int
    call_id: str


@dataclass(frozen=True, slots=True)
class CallsWanted:
    """Which calls; what is None, empty or 0 does not matter. They arrived from ``since_at`` on and before
    ``until_at``. ``agent_id`` talked in them; ``caller`` is how the caller's number ends; ``outcome`` is a
    value of QueueOutcome or NEVER_QUEUED; ``words`` were said. Only those before the place ``before``."""

    since_at: int | None = None
    until_at: int | None = None
    queue: str | None = None
    agent_id: str | None = None
    caller: str | None = None
    did: str | None = None
    outcome: str | None = None
    flow: str | None = None
    language: str | None = None
    recorded: bool | None = None
    least_wait_ms: int = 0
    least_talk_ms: int = 0
    words: str = ""
    before: CallPlace | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What was said around the words that were looked for."""

    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in a list. ``ended_at`` is None while it goes on; ``agent_ids`` are all who talked in it."""

    call_id: str
    arrived_at: int
    ended_at: int | None
    caller: str
    caller_name: str
    did: str
    language: str
    flow: str
    queue: str | None
    outcome: str | None
    wait_ms: int
    talk_ms: int
    agent_ids: tuple[str, ...]
    recorded: bool
    call_back_of: str | None = None
    excerpts: tuple[Excerpt, ...] = ()

    @property
    def place(self) -> CallPlace:
        """Where it stands in the list."""
        return CallPlace(self.arrived_at, self.call_id)


@dataclass(frozen=True, slots=True)
class CallsFound:
    """The newest calls of those wanted, newest first; ``more``: there are older ones, before the last."""

    calls: tuple[CallLine, ...]
    more: bool

    @staticmethod
    def first(lines: Sequence[CallLine], limit: int) -> CallsFound:
        """The first ``limit`` of these, which are in order and at least one more where there is one."""
        return CallsFound(tuple(lines[:limit]), len(lines) > limit)


def excerpt(text: str, words: str) -> str:
    """The text around the words."""
    at = max(0, text.lower().find(words.lower()) - EXCERPT // 2)
    return text[at : at + len(words) + EXCERPT]
