"""What `callcenter reload` leaves for the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.audit.model import AuditDeed
from callcenter.audit.service import AuditLog
from callcenter.audit.store import MemoryAudit
from callcenter.settings.reload_asked import ReloadAsked, leave, left
from callcenter.settings_in_force import ReloadsNoted


async def test_a_reload_by_command_stands_in_the_audit_log_once(tmp_path: Path) -> None:
    """With the name that the command was given, also when a predecessor died before it took the note away."""
    note, audit = tmp_path / "reload_asked.json", MemoryAudit()
    for asked in (ReloadAsked(1, "李㙍安"), ReloadAsked(1, "李㙍安"), ReloadAsked(2, "li")):
        leave(note, asked)
        noted = ReloadsNoted(note, AuditLog(audit))
        await noted.look()
        await noted.look()
        assert left(note) is None
    entries = [one.entry for one in audit.kept]
    assert [(entry.at, entry.user, entry.deed, entry.what) for entry in entries] == [
        (1, "李㙍安", AuditDeed.SETTINGS_CHANGED, "callcenter reload"),
        (2, "li", AuditDeed.SETTINGS_CHANGED, "callcenter reload"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "x", "author": "li"}', '{"at": 1}'])
def test_what_is_no_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "note").write_text(text)
    assert left(tmp_path / "note") is None
