"""What two viewers of one short day are told, recorded in tests/data/wire, where the console's tests read it.

``python tests/unit/wire_tale.py`` (with PYTHONPATH=.) records it anew after the wire has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from web_twin import T0, USERS, agent, arrival, ended, offered, presence, queued

from acd.model import Presence
from callcenter.domain import events as e
from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_catalogue import KpiFigure, KpiUnit
from callcenter.domain.overhearing import SupervisionMode
from callcenter.web.live import all_keys, sight_of_others, touched
from callcenter.web.memory import MemoryCentre
from callcenter.web.picture import Picture
from callcenter.web.ports import Component, QueueView, User
from callcenter.web.wire import instant

RECORDED = Path(__file__).resolve().parents[1] / "data/wire"
VIEWERS = {"supervisor": USERS["sue"], "agent": USERS["amy"]}
PAUSE_REASONS = ("break", "meal")
DISPOSITIONS = {"solved": "已解决", "ticket": "转工单办理"}

_DAY: tuple[tuple[e.DomainEvent, ...], ...] = (
    (presence("1001", Presence.READY), presence("1002", Presence.READY)),
    (arrival("c1"), e.NodeEntered(T0, "c1", "hotline", "1", "menu")),
    (queued("c1"),),
    (presence("1001", Presence.OFFERED, "c1"), offered("c1")),
    (arrival("c2", "021555"), queued("c2")),
    (
        e.OfferEnded(T0, "c1", "o1", "general", "1001", "accepted"),
        e.QueueLeft(T0, "c1", "general", e.QueueOutcome.ANSWERED, 4_000),
        e.AgentConnected(T0, "c1", "1001", "c1.1001", "general"),
        presence("1001", Presence.ON_CALL, "c1"),
    ),
    (e.SupervisionBegan(T0, "c1", "m-c1.0", "sue", "desk-9", SupervisionMode.WHISPER),),
    (e.SupervisionAnswered(T0, "c1", "m-c1.0"), e.NoteSent(T0, "1001", "n1", "sue", "请放慢语速")),
    (e.CallHeld(T0, "c1", "1001"),),
    (e.CallRetrieved(T0, "c1", "1001"),),
    (e.QueueLeft(T0, "c2", "general", e.QueueOutcome.ABANDONED, 6_000), ended("c2")),
    (e.AgentReleased(T0, "c1", "1001", "general", 9_000, 2_000), ended("c1")),
    (e.PresenceChanged(T0, "1001", "wrap_up", "disposition_missing", "c1", T0 + 60_000),),
    (e.QueueStateChanged(T0, "general", is_open=False), presence("1002", Presence.LOGGED_OUT)),
    (e.SwitchStateChanged(T0, up=False),),
    (arrival("c3"),),
)
"""What happens, second by second."""


class _Wall:
    """A centre, and its picture as the socket keeps it."""

    def __init__(self) -> None:
        self.at = T0
        self.asked = 0
        self.centre = MemoryCentre(
            [agent("1001", "陈晓雯"), agent("1002", "赵䶮")],
            [QueueView("general", "综合受理"), QueueView("korean", "韩语专线 한국어")],
            first_seq=100,
            figures=self._figures,
            dispositions=DISPOSITIONS,
        )
        self.picture = Picture(self.centre.view())

    def _figures(self) -> dict[str, tuple[KpiFigure, ...]]:
        rate = self.asked / 2 if self.asked else None
        aimed = KpiFigure(
            "connect_rate", rate, KpiUnit.RATIO, "answered / asked", float(self.asked), 2.0, 0.8
        )
        count = KpiFigure("human_requests", float(self.asked), KpiUnit.COUNT, "calls that asked for a human")
        return {TOTAL: (aimed, count), "general": (count,) if self.asked else ()}

    def snapshot(self, viewer: User) -> Any:
        """wire.Snapshot of now."""
        return json.loads(self.picture.snapshot(self.centre.view().seq, self.at, viewer, PAUSE_REASONS))

    def happens(self, events: tuple[e.DomainEvent, ...]) -> Callable[[User], Iterator[Any]]:
        """Let this happen; the answer tells a viewer of it: wire.Changes of the events, of the figures, and a
        wire.Ping."""
        after = self.centre.view().seq
        self.at += 1_000
        for event in events:
            self.centre.emit(replace(event, at=self.at))
            self.asked += isinstance(event, e.CallQueued)
        seq = self.centre.view().seq
        every = all_keys(self.centre.view())
        touched_keys = [key for event in events for key in touched(event, lambda: every)]
        spans = (
            ((after, seq), self.picture.renew(self.centre.view(), touched_keys)),
            ((seq, seq), self.picture.renew_gauges(self.centre.view())),
        )

        def told(viewer: User) -> Iterator[Any]:
            sight = sight_of_others(viewer)
            for span, keys in spans:
                own = self.picture.own(keys).get(viewer.agent_id or "", ())
                if keys or span[0] != span[1]:
                    yield json.loads(self.picture.changes(span, self.at, keys, sight, own))
            yield {"type": "ping", "seq": seq, "server_at": instant(self.at)}

        return told


def tale() -> dict[str, Any]:
    """For each viewer all messages of the day, and the snapshot that their picture must then be."""
    wall = _Wall()
    messages = {name: [wall.snapshot(viewer)] for name, viewer in VIEWERS.items()}
    for events in _DAY:
        told = wall.happens(events)
        for name, viewer in VIEWERS.items():
            messages[name] += told(viewer)
    wall.centre.set_health(Component.STORE, False, wall.at, "trying again")
    told = wall.happens(())
    for name, viewer in VIEWERS.items():
        messages[name] += told(viewer)
    return {
        name: {"messages": messages[name], "end": wall.snapshot(viewer)} for name, viewer in VIEWERS.items()
    }


if __name__ == "__main__":
    RECORDED.mkdir(parents=True, exist_ok=True)
    for viewer, recorded in tale().items():
        lines = ",\n".join(json.dumps(message, ensure_ascii=False) for message in recorded["messages"])
        end = json.dumps(recorded["end"], ensure_ascii=False)
        text = f'{{"messages": [\n{lines}\n],\n"end": {end}}}\n'
        (RECORDED / f"{viewer}.json").write_text(text, encoding="utf-8")
