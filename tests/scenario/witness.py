"""What can be seen of a world, and what must hold in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import orjson
from around import Elsewhere
from ledger_sums import check_ledger
from paper_centre import POLICY

from acd.model import Presence
from callcenter.adapters.memory import MemoryJournal
from callcenter.adapters.memory_switch import MemorySwitch
from callcenter.controller import memory
from callcenter.controller.centre import Centre
from callcenter.controller.floor import CentreConfig
from callcenter.controller.messages import Listen, ListenToTalk
from callcenter.controller.shell import Controller
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.codec import decode_line
from callcenter.domain.kpi import KpiBoard
from callcenter.ports import Recollection
from callcenter.tickets.store import MemoryTicketStore

E_ = TypeVar("E_", bound=e.DomainEvent)
KEPT_LINES = 20_000
SEEN_TO_MS = 800
"""Within which a new controller sees to a call."""


class Witness:
    """Looks at everything and changes nothing."""

    config: CentreConfig
    controller: Controller
    journal: MemoryJournal
    switch: MemorySwitch
    board: KpiBoard
    ticket_store: MemoryTicketStore
    elsewhere: Elsewhere
    defects: list[Exception]
    power_cut: bool
    longest_away_ms: int
    """How long there was no controller at most."""
    unrecorded: set[str]
    check_recovery_always: bool
    refusals: int
    listened: dict[str, Listen]
    talks: dict[str, ListenToTalk]
    read: set[str]

    @property
    def centre(self) -> Centre:
        """The living controller's Centre."""
        return self.controller.centre

    # --- what can be seen --------------------------------------------------------------------------------

    def events(self, kind: type[E_], call_id: str | None = None, *, after: int = 0) -> list[E_]:
        """All facts of this kind (about this call), in order."""
        found = map(_decoded, self.journal.lines[after:])
        return [
            event
            for event in found
            if isinstance(event, kind) and (call_id is None or getattr(event, "call_id", None) == call_id)
        ]

    def one(self, kind: type[E_], call_id: str) -> E_:
        """The one fact of this kind about this call."""
        (event,) = self.events(kind, call_id)
        return event

    def live(self, call_id: str) -> Call:
        """The call."""
        return self.centre.floor.calls[call_id]

    def talk(self, call_id: str) -> str:
        """The leg of the agent who talks on this call."""
        talk = self.live(call_id).conversation
        assert talk is not None
        return talk.leg_id

    def presence(self, agent_id: str) -> Presence:
        """What the agent is doing."""
        agent = self.centre.queueing.router.agent(agent_id)
        assert agent is not None
        return agent.presence

    def outcomes(self, call_id: str) -> list[e.QueueOutcome]:
        """How the call left each queue."""
        return [event.outcome for event in self.events(e.QueueLeft, call_id)]

    # --- what must hold ----------------------------------------------------------------------------------

    def check(self) -> None:
        """What must hold after every message."""
        for defect in self.defects:
            raise defect
        assert self.board.identity_ok, self.board.broken
        assert self.board.broken is None
        floor, router = self.centre.floor, self.centre.queueing.router
        assert not floor.steps
        in_hand = [(agent, call_id) for call_id, call in floor.calls.items() for agent in call.agents_at_work]
        talks = dict(in_hand)
        assert len(talks) == len(in_hand)
        working = {agent.agent_id: agent.call_id for agent in router.agents() if agent.presence == "on_call"}
        assert working == talks
        for call in floor.calls.values():
            assert (router.position(call.call_id) is not None) == call.in_line, call
        if self.check_recovery_always:
            self.check_recovery()

    def check_recovery(self) -> None:
        """A Centre and a board made of the journal, or of a snapshot, equal the living ones."""
        recalled = self.journal.recall()
        board = KpiBoard(POLICY)
        for _, event in recalled.events:
            board.apply(event)
        assert orjson.dumps(board.to_dict()) == orjson.dumps(self.board.to_dict())
        assert KpiBoard.from_dict(POLICY, orjson.loads(orjson.dumps(self.board.to_dict()))) == self.board
        same(memory.remembered(self.config, recalled), self.centre)
        snapshot = orjson.loads(orjson.dumps(memory.snapshot(self.centre, self.board.to_dict())))
        same(memory.remembered(self.config, Recollection(snapshot, [], recalled.last_seq)), self.centre)

    def check_nothing_is_left(self) -> None:
        """Every call ended and settled once; no leg or bridge is left; after-work is whole."""
        assert self.switch.truth().legs == ()
        assert [bridge.bridge_id for bridge in self.switch.truth().bridges] == []
        assert self.switch.listenings == {}
        assert self.switch.overhearings == {}
        assert self.centre.floor.supervisions() == []
        assert self.listened == {}
        assert self.talks == {}
        assert self.read == set()
        arrived = [event.call_id for event in self.events(e.CallArrived)]
        arrived += [event.call_id for event in self.events(e.CallBackPromised)]
        arrived += [event.call_id for event in self.events(e.CallDialledOut)]
        assert Counter(event.call_id for event in self.events(e.CallEnded)) == Counter(arrived)
        assert Counter(event.call_id for event in self.events(e.CallSettled)) == Counter(arrived)
        assert not self.board.total.waiting
        assert not self.board.total.call_backs.owed
        assert not self.board.dial_outs.live
        self._check_after_work(arrived)
        self.check_recovery()
        check_ledger(self.board, [event for _, event in self.journal.recall().events], POLICY)

    def _check_after_work(self, arrived: Sequence[str]) -> None:
        asked = Counter(event.call_id for event in self.events(e.TicketAsked))
        assert Counter(event.call_id for event in self.events(e.TicketLinked)) == asked
        assert not asked or max(asked.values()) == 1
        linked = Counter(call for ticket in self.ticket_store.tickets.values() for call in ticket.calls)
        assert linked == asked
        self._check_outside(linked)
        for call_id in arrived:
            if self.events(e.AgentConnected, call_id):
                stored = self.events(e.RecordingStored, call_id)
                self._check_failures(call_id)
                began = len(self.events(e.RecordingBegan, call_id))
                assert began == (call_id not in self.unrecorded) or self.power_cut
                assert len(stored) + len(self.events(e.RecordingFailed, call_id)) == began
                assert len(self.events(e.TranscriptStored, call_id)) == 2 * len(stored)

    def _check_outside(self, linked: Counter[str]) -> None:
        """What was owed to webhooks and tickets is done once, or given up; and nothing else is."""
        owed = Counter(event.send_id for event in self.events(e.WebhookAsked))
        over = [*self.events(e.WebhookDelivered), *self.events(e.WebhookGivenUp)]
        assert Counter(event.send_id for event in over) == owed
        assert not owed or max(owed.values()) == 1
        assert self.elsewhere.told.keys() <= owed.keys()
        updates = self.events(e.TicketUpdateAsked)
        wanted = Counter(event.update_id for event in updates if event.call_id in linked)
        assert Counter(event.update_id for event in self.events(e.TicketUpdated)) == wanted
        assert not wanted or max(wanted.values()) == 1
        written = "".join(ticket.text for ticket in self.ticket_store.tickets.values())
        for text in {event.text for event in updates}:
            times = sum(event.text == text and event.call_id in linked for event in updates)
            assert written.count(text) == times

    def _check_failures(self, call_id: str) -> None:
        """Nothing was written only of a call that was over before a new controller could see to it, or
        whose recording the switch refused to the end."""
        for failed in self.events(e.RecordingFailed, call_id):
            if "wrote nothing" in failed.reason and not self.refusals:
                connected = self.events(e.AgentConnected, call_id)[0]
                talked_ms = self.one(e.CallEnded, call_id).at - connected.at
                assert talked_ms < self.longest_away_ms + SEEN_TO_MS, failed


@lru_cache(KEPT_LINES)
def _decoded(line: bytes) -> e.DomainEvent:
    """The fact of one line of the journal; many look at each."""
    return decode_line(line)[1]


def same(rebuilt: Centre, live: Centre) -> None:
    """Two Centres know the same."""
    assert rebuilt.queueing.router.snapshot() == live.queueing.router.snapshot()
    assert rebuilt.queueing.phones == live.queueing.phones
    assert rebuilt.queueing.wrap_ups == live.queueing.wrap_ups
    assert rebuilt.queueing.last_agents.pairs() == live.queueing.last_agents.pairs()
    assert rebuilt.queueing.abandoned.rows() == live.queueing.abandoned.rows()
    assert rebuilt.agents.notes.rows() == live.agents.notes.rows()
    assert {one.leg_id for one in rebuilt.floor.supervisions()} == {
        one.leg_id for one in live.floor.supervisions()
    }
    assert rebuilt.published.watch.to_dict() == live.published.watch.to_dict()
    assert rebuilt.floor.calls == {
        call_id: call for call_id, call in live.floor.calls.items() if call.phase is not CallPhase.SETTLED
    }
