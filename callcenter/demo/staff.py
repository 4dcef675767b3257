"""The demo's agents: those of the settings, and made-up colleagues when more are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcenter.demo.agents import Workplace
from callcenter.settings import Settings

FIRST_AGENT, FIRST_PHONE = 1001, 2001
COLLEAGUES: tuple[Mapping[str, int], ...] = (
    {"mandarin": 9, "complaints": 5},
    {"mandarin": 8, "complaints": 8},
    {"mandarin": 7},
)
KOREAN = {"skills": {"korean": 10, "mandarin": 5, "complaints": 3}, "queues": []}


def staff_overlay(settings: Settings, agents: int) -> dict[str, Any]:
    """What to lay over the settings so that there are so many agents and phones, and exactly the last of the
    first four speaks Korean: a caller who waits for them really waits."""
    people: dict[str, Any] = {}
    phones: dict[str, Any] = {}
    for index in range(agents):
        agent_id, phone = str(FIRST_AGENT + index), str(FIRST_PHONE + index)
        if agent_id not in settings.agents:
            people[agent_id] = {
                "name": f"坐席{agent_id}",
                "skills": dict(COLLEAGUES[index % len(COLLEAGUES)]),
            }
        if phone not in settings.phones:
            phones[phone] = {"codecs": ["g722", "ulaw", "alaw"]}
    if agents < 4:
        people[str(FIRST_AGENT + agents - 1)] = KOREAN
    return {"agents": people, "phones": phones}


def workplaces(agents: int, passwords: Mapping[str, str]) -> tuple[Workplace, ...]:
    """Who works at which phone."""
    return tuple(
        Workplace(str(FIRST_AGENT + index), phone, passwords[phone])
        for index in range(agents)
        for phone in [str(FIRST_PHONE + index)]
    )
