"""Many deadlines, one timer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.alarms import SLACK, Alarms

SETTINGS = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 20)))


def test_equal_deadlines_keep_their_order() -> None:
    """Who was set first comes first; setting the same again changes nothing."""
    alarms: Alarms[str] = Alarms()
    for key in ("b", "a", "c", "b"):
        alarms.set(key, 5)
    assert alarms.due(4) == []
    assert alarms.due(5) == ["b", "a", "c"]
    assert alarms.next() is None


def test_what_is_put_off_does_not_pile_up() -> None:
    """Deadlines far ahead that are taken back long before, thousands of them."""
    alarms: Alarms[int] = Alarms()
    for key in range(10 * SLACK):
        alarms.set(key, 1_000_000 + key)
        if key % 10:
            alarms.set(key, None)
    assert len(alarms._heap) <= 3 * SLACK + 1
    assert alarms.due(2_000_000) == list(range(0, 10 * SLACK, 10))


@given(SETTINGS, st.integers(0, 20))
def test_only_the_last_setting_counts(settings: list[tuple[str, int | None]], now: int) -> None:
    """As a plain dict of the last settings would answer."""
    alarms: Alarms[str] = Alarms()
    plain: dict[str, int] = {}
    for key, at in settings:
        alarms.set(key, at)
        if at is None:
            plain.pop(key, None)
        else:
            plain[key] = at
        assert alarms.next() == min(plain.values(), default=None)
    due = alarms.due(now)
    assert sorted(due) == sorted(key for key, at in plain.items() if at <= now)
    assert [plain[key] for key in due] == sorted(plain[key] for key in due)
    assert alarms.next() == min((at for at in plain.values() if at > now), default=None)
