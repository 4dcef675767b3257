"""The gate in front of the Centre: in order, not too fast, and nobody forgotten."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.domain.switch import CallerArrived


def caller(number: int) -> CallerArrived:
    return CallerArrived(0, f"leg-{number}", "city", "12345", "")


def test_a_burst_comes_in_at_once_and_the_rest_in_order() -> None:
    """Two at once, then one each 100 ms."""
    gate = AdmissionGate(AdmissionLimit(calls_per_sec=10, burst=2))
    admitted = [len(gate.arrive(caller(number), 10_000)) for number in range(5)]
    assert admitted == [1, 1, 0, 0, 0]
    assert len(gate) == 3
    times = []
    while (at := gate.next_deadline()) is not None:
        times += [(at, who.leg_id) for who in gate.admit(at)]
    assert [who for _, who in times] == ["leg-2", "leg-3", "leg-4"]
    assert all(100 <= later - before <= 102 for (before, _), (later, _) in pairwise(times))


def test_who_leaves_the_line_is_given_back() -> None:
    """Gone from the line they are told; gone elsewhere they are not ours."""
    gate = AdmissionGate(AdmissionLimit(1, 1))
    for number in range(4):
        gate.arrive(caller(number), 5)
    assert gate.leave("leg-0") is None
    assert gate.leave("leg-2") == caller(2)
    assert gate.missing({"leg-3"}) == [caller(1)]
    assert len(gate) == 1


def test_one_who_is_told_twice_stands_in_line_once() -> None:
    """A reconciliation may name a caller who already waits."""
    gate = AdmissionGate(AdmissionLimit(1, 1))
    gate.arrive(caller(0), 5)
    assert gate.arrive(caller(1), 5) == []
    assert gate.arrive(caller(1), 6) == []
    assert gate.admit(1100) == [caller(1)]
    assert gate.admit(9000) == []


@given(st.lists(st.integers(0, 300), max_size=60), st.floats(0.5, 200), st.integers(1, 20))
def test_everybody_comes_in_once_in_order_and_never_too_fast(
    gaps_ms: list[int], calls_per_sec: float, burst: int
) -> None:
    """Within any span no more come in than the burst and what the rate allows."""
    gate = AdmissionGate(AdmissionLimit(calls_per_sec, burst))
    now, came_in = 1_000_000, []
    for number, gap_ms in enumerate(gaps_ms):
        until = now + gap_ms
        while (at := gate.next_deadline()) is not None and at <= until:
            now = max(now, at)
            came_in += [(now, who.leg_id) for who in gate.admit(now)]
        now = until
        came_in += [(now, who.leg_id) for who in gate.arrive(caller(number), now)]
    while (at := gate.next_deadline()) is not None:
        assert at > now
        now = at
        came_in += [(now, who.leg_id) for who in gate.admit(now)]
    assert [who for _, who in came_in] == [f"leg-{number}" for number in range(len(gaps_ms))]
    for first, (began, _) in enumerate(came_in):
        for count, (at, _) in enumerate(came_in[first:], start=1):
            assert count <= burst + (at - began) / 1000 * calls_per_sec + 1
