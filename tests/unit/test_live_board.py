"""The figures of the live centre are those of its journal, whenever somebody looks."""

from __future__ import annotations

import pytest

from callcenter import live_board
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.live_board import LiveBoard

POLICY = KpiPolicy({}, "Asia/Shanghai")
T0 = 1_795_000_000_000


def arrivals(count: int) -> list[e.DomainEvent]:
    """So many calls come in."""
    return [
        e.CallArrived(
            T0 + number, f"c{number}", f"l{number}", "city", "12345", "1391", "1391", "", False, "zh", "line"
        )
        for number in range(count)
    ]


def test_whoever_looks_sees_everything_counted() -> None:
    """As if each had been counted when it happened."""
    at_once, live = KpiBoard(POLICY), LiveBoard(KpiBoard(POLICY))
    for seq, event in enumerate(arrivals(3)):
        at_once.apply(event)
        live.take(seq, event)
        assert live.board.to_dict() == at_once.to_dict()


def test_not_everything_waits_for_somebody_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays small, and the first who looks does not wait for a day to be counted."""
    monkeypatch.setattr(live_board, "AT_MOST", 4)
    board = KpiBoard(POLICY)
    live = LiveBoard(board)
    for seq, event in enumerate(arrivals(6)):
        live.take(seq, event)
    assert board.requests.calls_in == 4
    assert live.board.requests.calls_in == 6


def test_an_event_that_cannot_be_counted_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next ones are counted."""
    counted = KpiBoard.apply

    def stumbles(board: KpiBoard, event: e.DomainEvent) -> None:
        if event.at == T0:
            raise KeyError("a defect")
        counted(board, event)

    monkeypatch.setattr(KpiBoard, "apply", stumbles)
    live = LiveBoard(KpiBoard(POLICY))
    for seq, event in enumerate(arrivals(2)):
        live.take(seq, event)
    assert live.board.requests.calls_in == 1
