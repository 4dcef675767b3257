"""Lists that grow at one end and shrink at the other stay sorted, whatever comes in or goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from acd.sorted_ends import put_in, take_out

KEYS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True)


@given(coming=KEYS, data=st.data())
def test_lists_stay_sorted(coming: list[tuple[int, int]], data: st.DataObject) -> None:
    """Keys come in and go in any order; what is left is what a plain sort would give."""
    keys: list[tuple[int, int]] = []
    for key in coming:
        put_in(keys, key)
    assert keys == sorted(coming)
    going = data.draw(st.permutations(coming))
    for number, key in enumerate(going, start=1):
        take_out(keys, key)
        assert keys == sorted(going[number:])
