"""Notes: what supervisors wrote to agents who have not read it yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from callcenter.domain.agent_events import NoteRead, NoteSent

KEPT = 20
"""Unread notes kept for one agent; the oldest are dropped."""


class Notes:
    """The fold of NoteSent and NoteRead."""

    def __init__(self, rows: Iterable[dict[str, Any]] = ()) -> None:
        """As ``rows`` told."""
        self._unread: dict[str, list[NoteSent]] = {}
        for row in rows:
            self.apply(NoteSent(**row))

    def apply(self, event: NoteSent | NoteRead) -> None:
        """Take in the next fact."""
        unread = self._unread.pop(event.agent_id, [])
        match event:
            case NoteSent():
                unread = [*unread, event][-KEPT:]
            case NoteRead(note_id=note_id):
                unread = [note for note in unread if note.note_id != note_id]
        if unread:
            self._unread[event.agent_id] = unread

    def unread(self, agent_id: str) -> tuple[NoteSent, ...]:
        """The agent's, the oldest first."""
        return tuple(self._unread.get(agent_id, ()))

    def rows(self) -> list[dict[str, Any]]:
        """All of them, JSON-able."""
        return [asdict(note) for notes in self._unread.values() for note in notes]
