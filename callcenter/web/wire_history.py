"""The JSON shapes of the record of calls: its list, and the life of one call. See ``wire``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callcenter.domain.call_life import Lane, MarkKind
from callcenter.web.wire import Instant, Moment, Wire
from callcenter.web.wire_api import Name, SpanMs

Seconds = Annotated[int, Field(ge=0, le=86_400)]

# --- requests ----------------------------------------------------------------------------------------------


class CallsRequest(Wire):
    """Which calls of the record: arrived from ``since`` on and before ``until``. ``caller`` is how the number
    ends, ``outcome`` one of a queue or ``none`` for those that never asked for a human, ``words`` were said.
    ``before`` is ``next`` of the page before."""

    since: Moment | None = None
    until: Moment | None = None
    queue: Name | None = None
    agent: Name | None = None
    caller: Annotated[str, Field(pattern=r"^[0-9+*#]{1,32}$")] | None = None
    did: Name | None = None
    outcome: Name | None = None
    flow: Name | None = None
    language: Name | None = None
    recorded: bool | None = None
    least_wait_sec: Seconds = 0
    least_talk_sec: Seconds = 0
    words: Annotated[str, Field(max_length=100)] = ""
    before: Annotated[str, Field(pattern=r"^[0-9]{1,15}\..{1,128}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


# --- answers -----------------------------------------------------------------------------------------------


class SaidExcerpt(Wire):
    """What was said around the words that were looked for."""

    leg: str
    text: str


class CallLine(Wire):
    """One call in the list of all. ``ended_at`` is null while it goes on; ``excerpts`` only when words were
    looked for."""

    call_id: str
    arrived_at: Instant
    ended_at: Instant | None
    caller: str
    caller_name: str
    did: str
    language: str
    flow: str
    queue: str | None
    outcome: str | None
    wait_ms: SpanMs
    talk_ms: SpanMs
    agent_ids: list[str]
    recorded: bool
    call_back_of: str | None
    excerpts: list[SaidExcerpt]


class CallsAnswer(Wire):
    """Calls, newest first; ``next`` leads to the older ones, null when there are none."""

    calls: list[CallLine]
    next: str | None


class LifeSpan(Wire):
    """From when to when (null: still) on a lane. ``name`` is the node, queue, agent id or state, ``end`` how
    it ended. ``offset_ms`` is where this stretch begins in the recording's sound."""

    lane: Lane
    name: str
    began_at: Instant
    ended_at: Instant | None
    end: str
    offset_ms: SpanMs | None


class LifeMark(Wire):
    """What happened in one moment."""

    kind: MarkKind
    at: Instant
    name: str


class LifeAnswer(Wire):
    """One call over time; spans in the order in which they began. ``ended_at`` null: it goes on."""

    call_id: str
    ended_at: Instant | None
    spans: list[LifeSpan]
    marks: list[LifeMark]


class WaveformAnswer(Wire):
    """The shape of a recording's sound: of each channel (caller, agent) the loudest sample of so many equal
    stretches, 0 to 255."""

    duration_ms: SpanMs
    peaks: list[list[int]]
