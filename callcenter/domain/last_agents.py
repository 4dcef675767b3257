"""Who talked last with whom, for queues that prefer a caller's last agent."""

from __future__ import annotations

from collections.abc import Iterable

REMEMBERED = 20_000
"""Callers; who called longest ago is forgotten first."""


class LastAgents:
    """The last agent of each caller, by canonical number, of the last callers who talked with one."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._agents = dict(pairs)

    def talked(self, caller: str, agent_id: str) -> None:
        """The caller and the agent hear each other. A caller who shows no number is not remembered."""
        if not caller:
            return
        self._agents.pop(caller, None)
        self._agents[caller] = agent_id
        if len(self._agents) > REMEMBERED:
            del self._agents[next(iter(self._agents))]

    def of(self, caller: str) -> str | None:
        """The caller's last agent, if there is one who is remembered."""
        return self._agents.get(caller)

    def pairs(self) -> list[tuple[str, str]]:
        """All that is known, the longest ago first; what ``LastAgents(...)`` begins with."""
        return list(self._agents.items())
