"""The ledger against the board of the day: two folds, one way of counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from callcenter.domain.events import DomainEvent
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.domain.kpi_ledger import COUNTED, Cell, Counts, Grain, KpiLedger, Scope, Sparse, merge
from callcenter.domain.kpi_tally import Tally


def summed(cells: dict[Cell, Sparse], grain: Grain, scope: Scope) -> dict[str, Counts]:
    """All intervals together, by name."""
    found: dict[str, Sparse] = {}
    for cell, counts in cells.items():
        if (cell.grain, cell.scope) == (grain, scope):
            merge(found.setdefault(cell.name, {}), counts)
    return {name: Counts.of(counts) for name, counts in found.items()}


def counted(tally: Tally) -> dict[str, Any]:
    """What adds up of a tally: all but who waits and is owed a call-back just now."""
    told = asdict(tally)
    del told["waiting"], told["call_backs"]["owed"]
    return told


def check_ledger(board: KpiBoard, events: Sequence[DomainEvent], policy: KpiPolicy) -> None:
    """By quarters and by days the ledger counts what the board of the only day counts, also when it is put
    away and taken up again in the middle; afterwards no call is open in it."""
    if not events or board.day_ends_at - min(event.at for event in events) > 86_400_000:
        return
    ledger, cells = KpiLedger(policy), dict[Cell, Sparse]()
    for place, event in enumerate(events):
        if place == len(events) // 2:
            cells = {cell: counts.sparse() for cell, counts in ledger.take().items()}
            ledger = KpiLedger.from_dict(orjson.loads(orjson.dumps(ledger.to_dict())))
        if isinstance(event, COUNTED):  # as the store reads the journal
            ledger.apply(event)
    for cell, counts in ledger.take().items():
        merge(cells.setdefault(cell, {}), counts.sparse())
    assert ledger.open == {}
    for grain in Grain:
        whole = summed(cells, grain, Scope.CENTRE).get("", Counts())
        queues = summed(cells, grain, Scope.QUEUE)
        assert counted(whole.tally) == counted(board.total)
        assert Counts(requests=whole.requests).sparse() == Counts(requests=board.requests).sparse()
        assert {name: counted(counts.tally) for name, counts in queues.items()} == {
            name: counted(tally) for name, tally in board.queues.items()
        }
        agents = summed(cells, grain, Scope.AGENT)
        for agent_id, time in board.agents.items():
            staffed = {
                presence: ms for presence, ms in time.at(ledger.at).items() if presence != "logged_out"
            }
            told = agents.get(agent_id, Counts()).spent_ms
            assert {**dict.fromkeys(staffed, 0), **told} == staffed
