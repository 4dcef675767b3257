"""Passwords: made once, kept, and readable by nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callcenter.secrets import load_secrets


def test_they_are_made_once(tmp_path: Path) -> None:
    """The second start finds the same; a new phone gets one, a phone that went keeps its own."""
    path = tmp_path / "deep" / "secrets.json"
    first = load_secrets(path, ["2001", "2002"])
    assert len({first.ari, first.ami, first.admin, *first.phones.values()}) == 5
    assert load_secrets(path, ["2001", "2002"]) == first
    more = load_secrets(path, ["2003"])
    assert more.phones.keys() == {"2001", "2002", "2003"}
    assert more.phones["2001"] == first.phones["2001"]
    assert (more.ari, more.admin) == (first.ari, first.admin)


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    """Whatever the umask says, from the first byte on."""
    before = os.umask(0)
    try:
        load_secrets(tmp_path / "secrets.json", [])
    finally:
        os.umask(before)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_an_interrupted_writing_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the file was in place, by a process of the same id: the next start makes it."""
    path = tmp_path / "secrets.json"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _killed)
        with pytest.raises(KeyboardInterrupt):
            load_secrets(path, [])
    assert not path.exists()
    made = load_secrets(path, [])
    assert load_secrets(path, []) == made


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
