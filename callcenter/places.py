"""Where everything lies below the data directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class ChosenDirectories(Protocol):
    """What the settings say of it (their section ``centre``)."""

    @property
    def data_dir(self) -> Path: ...

    @property
    def installed_dir(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Places:
    """Paths only; nothing is made by asking. What is installed lies below ``installed_dir``, empty:
    ``data_dir``."""

    data_dir: Path
    installed_dir: Path | None = None

    @classmethod
    def of(cls, chosen: ChosenDirectories) -> Places:
        """The places that the settings choose."""
        return cls(chosen.data_dir, chosen.installed_dir)

    @property
    def _installed(self) -> Path:
        return self.installed_dir or self.data_dir

    @property
    def run(self) -> Path:
        """Sockets and pid files."""
        return self.data_dir / "run"

    @property
    def log(self) -> Path:
        """Log files of every service."""
        return self.data_dir / "log"

    @property
    def journal(self) -> Path:
        """The local journal."""
        return self.data_dir / "journal"

    @property
    def flow_versions(self) -> Path:
        """The published versions of the flows."""
        return self.data_dir / "flow_versions"

    @property
    def settings_history(self) -> Path:
        """The changes of the settings that were made over the API."""
        return self.data_dir / "settings_history"

    @property
    def caller_lists(self) -> Path:
        """The lists of callers as they were last known."""
        return self.data_dir / "caller_lists.json"

    @property
    def audit_owed(self) -> Path:
        """What the audit log could not take in yet."""
        return self.data_dir / "audit_owed.jsonl"

    @property
    def reload_asked(self) -> Path:
        """Who asked last by command that the settings be read again, until that is noted."""
        return self.data_dir / "reload_asked.json"

    @property
    def recordings(self) -> Path:
        """Recordings of calls."""
        return self.data_dir / "recordings"

    @property
    def regions(self) -> Path:
        """Where telephone numbers belong."""
        return self._installed / "regions"

    @property
    def prompts(self) -> Path:
        """Prompts and music as the switch plays them."""
        return self._installed / "prompts"

    @property
    def own_prompts(self) -> Path:
        """Prompts of this centre alone: recordings, and what was said in calls."""
        return self.data_dir / "prompts"

    @property
    def models(self) -> Path:
        """Speech models."""
        return self._installed / "models"

    @property
    def asterisk(self) -> Path:
        """The private Asterisk installation."""
        return self._installed / "asterisk"

    @property
    def switch(self) -> Path:
        """What Asterisk reads and writes."""
        return self.data_dir / "switch"

    @property
    def secrets(self) -> Path:
        """Passwords that the centre made for itself."""
        return self.data_dir / "secrets.json"

    def speech_socket(self, model_id: str) -> Path:
        """Where the speech worker of this model listens."""
        return self.run / f"speech-{model_id}.sock"
