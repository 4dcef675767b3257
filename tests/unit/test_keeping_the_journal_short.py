"""What may go from the local journal."""

from __future__ import annotations

import pytest

from callcenter.adapters.valkey_bus import KEPT
from callcenter.main import nowhere_missed


@pytest.mark.parametrize(
    ("stored", "published", "last", "may_go"),
    [
        (90, 100, 100, 90),  # the store is behind
        (100, 40, 100, 40),  # the bus is behind
        (KEPT + 100, 0, KEPT + 100, 100),  # the bus was away so long that it would hold them no more
        (50, 0, KEPT + 100, 50),  # and the store even longer
    ],
)
def test_only_what_nobody_misses_goes(stored: int, published: int, last: int, may_go: int) -> None:
    """The store gets everything; the bus what it would still hold."""
    assert nowhere_missed(stored, published, last) == may_go
