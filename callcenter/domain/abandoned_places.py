"""Where callers stood in line who hung up while they waited, for queues that let them come back to it."""

from __future__ import annotations

from collections.abc import Iterable

REMEMBERED = 20_000
"""Places; who hung up longest ago is forgotten first."""


class AbandonedPlaces:
    """The last place of each caller in each queue, by canonical number. Instants are ``int`` milliseconds
    since the Unix epoch, UTC."""

    def __init__(self, rows: Iterable[tuple[str, str, int, int]] = ()) -> None:
        self._places = {(caller, queue): (place_at, left_at) for caller, queue, place_at, left_at in rows}

    def left(self, caller: str, queue: str, place_at: int, now: int) -> None:
        """The caller hung up. One who shows no number is not remembered."""
        if not caller:
            return
        self._places.pop((caller, queue), None)
        self._places[caller, queue] = place_at, now
        if len(self._places) > REMEMBERED:
            del self._places[next(iter(self._places))]

    def of(self, caller: str, queue: str, since: int) -> int | None:
        """Where this caller stood, who hung up later than ``since``; None without such a place."""
        place_at, left_at = self._places.get((caller, queue), (0, since))
        return place_at if left_at > since else None

    def taken(self, caller: str, queue: str) -> None:
        """The caller is back in line."""
        self._places.pop((caller, queue), None)

    def rows(self) -> list[tuple[str, str, int, int]]:
        """All that is known, the longest ago first; what ``AbandonedPlaces(...)`` begins with."""
        return [(caller, queue, *place) for (caller, queue), place in self._places.items()]
