"""How long agents worked and were available while it was measured."""

from __future__ import annotations

from collections.abc import Iterable

from acd.model import Presence

WORKING = frozenset({Presence.ON_CALL, Presence.WRAP_UP})
AVAILABLE = frozenset({Presence.READY, Presence.OFFERED})
_WORK, _FREE, _OFF = 0, 1, 2
_DOING = {
    presence: _WORK if presence in WORKING else _FREE if presence in AVAILABLE else _OFF
    for presence in Presence
}


class AgentTimes:
    """A fold over ``ChangePresence``; only what lies between two instants (ms) counts."""

    def __init__(self, agents: Iterable[str], from_ms: int, to_ms: int) -> None:
        self._from, self._to = from_ms, to_ms
        self._doing = dict.fromkeys(agents, _OFF)
        self._since = dict.fromkeys(self._doing, from_ms)
        self._spent = (dict.fromkeys(self._doing, 0), dict.fromkeys(self._doing, 0))

    def changed(self, agent_id: str, presence: Presence, now: int) -> None:
        """From now on the agent does this."""
        doing = _DOING[presence]
        before = self._doing[agent_id]
        if doing == before:
            return
        self._doing[agent_id] = doing
        now = min(max(now, self._from), self._to)
        if before != _OFF:
            self._spent[before][agent_id] += now - self._since[agent_id]
        self._since[agent_id] = now

    def finish(self) -> None:
        """Count what still runs up to the end."""
        for agent_id in self._doing:
            self.changed(agent_id, Presence.LOGGED_OUT, self._to)

    def occupancy(self, agents: Iterable[str] | None = None) -> float | None:
        """(talk + hold + wrap-up) / (talk + hold + wrap-up + available) of these agents, or of all; None when
        none of them was there."""
        chosen = list(self._doing if agents is None else agents)
        worked = sum(self._spent[_WORK][agent] for agent in chosen)
        free = sum(self._spent[_FREE][agent] for agent in chosen)
        return worked / (worked + free) if worked + free else None
