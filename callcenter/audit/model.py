"""One entry of the audit log, and the chain that shows when one was changed or taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import orjson

LONGEST_TEXT: Final = 400
FIRST: Final = ""
"""What the hash of the first entry covers as the one before."""


class AuditDeed(StrEnum):
    """What somebody did."""

    LOGGED_IN = "logged_in"
    CALL_SEEN = "call_seen"
    RECORDING_HEARD = "recording_heard"
    LIVE_TRANSCRIPT_READ = "live_transcript_read"
    SEARCHED = "searched"
    TICKET_SEEN = "ticket_seen"
    LIST_SEEN = "list_seen"
    SURVEYS_SEEN = "surveys_seen"
    AUDIT_SEEN = "audit_seen"
    AGENT_COMMANDED = "agent_commanded"
    CALL_COMMANDED = "call_commanded"
    QUEUE_CHANGED = "queue_changed"
    LIST_CHANGED = "list_changed"
    TICKET_CHANGED = "ticket_changed"
    PROMPT_CHANGED = "prompt_changed"
    SETTINGS_CHANGED = "settings_changed"
    FLOW_WRITTEN = "flow_written"
    FLOWS_PUBLISHED = "flows_published"
    FLOWS_STAGED = "flows_staged"
    FLOWS_FINISHED = "flows_finished"
    FLOWS_WITHDRAWN = "flows_withdrawn"
    FLOWS_ROLLED_BACK = "flows_rolled_back"
    PHONE_GIVEN = "phone_given"
    USER_CHANGED = "user_changed"
    USER_UNLOCKED = "user_unlocked"
    USERS_IMPORTED = "users_imported"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - says that it was, not what it is


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    """The right was missing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed of one person. ``at`` is ms since the epoch, UTC; ``address`` where the request came from;
    ``what`` it was about (a call's id, a user's name, words that were searched); ``detail`` the fields of the
    request that matter; ``reason`` as the person gave it, if any."""

    entry_id: str
    at: int
    user: str
    role: str
    address: str
    deed: AuditDeed
    what: str
    outcome: Outcome = Outcome.DONE
    reason: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it lies in the log: ``seq`` grows by one, ``hash`` covers the entry and the hash before."""

    seq: int
    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of this time (``to_at`` is not in it), person, deed and object; those numbered below
    ``before``."""

    from_at: int = 0
    to_at: int = 2**62
    user: str | None = None
    deed: AuditDeed | None = None
    what: str | None = None
    before: int | None = None

    def has(self, kept: Kept) -> bool:
        """This is one of them."""
        entry = kept.entry
        return (
            self.from_at <= entry.at < self.to_at
            and self.user in (None, entry.user)
            and self.deed in (None, entry.deed)
            and self.what in (None, entry.what)
            and (self.before is None or kept.seq < self.before)
        )


def plain(text: str) -> str:
    """The text as any store can keep it, of bounded length."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")[:LONGEST_TEXT]


def chained(hash_before: str, entry: Entry) -> str:
    """The hash of this entry after that one."""
    said = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(hash_before.encode() + b"\n" + said).hexdigest()


def broken_at(log: Iterable[Kept], hash_before: str = FIRST, seq_before: int = 0) -> int | None:
    """The number of the first entry of ``log`` (in order) that is not what was written, or before which some
    are missing; None when all is whole."""
    for kept in log:
        if kept.seq != seq_before + 1 or kept.hash != chained(hash_before, kept.entry):
            return kept.seq
        hash_before, seq_before = kept.hash, kept.seq
    return None
