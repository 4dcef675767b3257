"""The settings of the made-up day, to be looked at and changed in a preview."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from callcenter.ports import Clock
from callcenter.settings_editing.memory import settings_twin
from callcenter.settings_editing.service import SettingsEditing
from callcenter.web.ports import AgentView
from located_yaml import Put, edited

_SKILLS: Final = {
    "zh": "mandarin",
    "en": "english",
    "ko": "korean",
    "complaint": "complaints",
    "policy": "policy",
}
_GROUPS: Final = (["day"], ["day", "late"], ["late"])


def made_up_settings(directory: Path, clock: Clock, agents: Iterable[AgentView]) -> SettingsEditing:
    """The shipped settings with these agents, below this directory, made anew."""
    editing = settings_twin(directory, clock)
    file = directory / "config/agents.yaml"
    entries = {
        agent.agent_id: {
            "name": agent.name,
            "skills": {_SKILLS[skill]: level for skill, level in agent.skills.items()},
            "groups": _GROUPS[place % len(_GROUPS)],
        }
        for place, agent in enumerate(agents)
    }
    edits = [Put(("skills", "policy"), "政策咨询 policy"), Put(("agents",), entries)]
    file.write_text(edited(file.read_text(encoding="utf-8"), file.name, edits), encoding="utf-8")
    return editing
