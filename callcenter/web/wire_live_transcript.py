"""The JSON shapes of what is said in a live call. See ``wire``.

``GET /api/calls/{call_id}/live-transcript`` is a stream of server-sent events: ``picture`` (LiveTranscript)
first, and again when the server began anew; then ``change`` (LiveTranscriptChange); at last ``end``
(LiveTranscriptEnd), after which the stream is not to be opened again.
"""

from __future__ import annotations

from typing import Literal

from callcenter.listening.transcript import Reading, Unread
from callcenter.web.wire import Instant, Wire


class LiveUtterance(Wire):
    """What one side said, in the order of ``number``. One that is not final may still become another text.
    ``lost``: somebody spoke here, but was not recognised in time; there is no text. ``at``: when it began."""

    number: int
    side: Literal["caller", "agent"]
    text: str
    is_final: bool
    lost: bool
    at: Instant


class LiveTranscript(Wire):
    """All that was said so far, and whether what is said now is read: ``heard``, ``paused`` (nobody talks) or
    ``unread``, and then ``why``. The server remembers since ``began_at``, and keeps nothing: after a restart
    of it, utterances are numbered anew."""

    began_at: Instant
    reading: Reading
    why: Unread | None
    utterances: list[LiveUtterance]


class LiveTranscriptChange(Wire):
    """As LiveTranscript, with the utterances that are new or have become others."""

    reading: Reading
    why: Unread | None
    utterances: list[LiveUtterance]


class LiveTranscriptEnd(Wire):
    """Why there is no more: the call is over, or with another agent, or the session has ended."""

    reason: Literal["over", "not_yours", "logged_out"]
