"""The desk beside a call, over the centre at work and the settings in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from callcenter.adapters.postgres.pool import Database
from callcenter.desk.missed import MissedCalls
from callcenter.desk.missed_routes import MissedCallRoutes
from callcenter.desk.routes import DeskRoutes
from callcenter.desk.service import DeskService, PlacesOfNumbers, QueueFacts
from callcenter.desk.store import PostgresCallers, PostgresMissedCalls
from callcenter.domain.call import Call
from callcenter.domain.numbering import Numbering
from callcenter.ports import Clock
from callcenter.settings.desk import DeskSection
from callcenter.tickets.store import PostgresTicketStore
from callcenter.view import LiveCentre
from callcenter.web.access import Route
from ivr_flows.model import Flow, TicketNode


class CallsInForce:
    """Implements ``LiveCalls`` and ``CallsOfNow`` of the desk. Settings are asked for each time: a reload may
    put others in force."""

    def __init__(self, live: LiveCentre, clock: Clock) -> None:
        self._live = live
        self._clock = clock

    def call(self, call_id: str) -> Call | None:
        """See the port."""
        return self._live.centre.floor.calls.get(call_id)

    def calls(self) -> Iterable[Call]:
        """See the port."""
        return self._live.centre.floor.calls.values()

    def numbering(self) -> Numbering:
        """See the port."""
        return self._live.centre.floor.config.numbering

    def lists_of(self, call: Call) -> Mapping[str, str]:
        """See the port."""
        titles = self._live.settings.caller_lists
        lists = self._live.centre.floor.config.lists_of(call, self._clock())
        return {name: titles.get(name, name) for name in lists}

    def spellings(self, call: Call) -> tuple[str, ...]:
        """See the port."""
        config = self._live.centre.floor.config
        return (config.known_as(call) or (call.caller,)) if call.caller else ()

    def flow_of(self, call: Call) -> Flow:
        """See the port."""
        return self._live.centre.published.flow_of(call)

    def queue(self, name: str) -> QueueFacts:
        """See the port."""
        section = self._live.settings.queues.get(name)
        if section is None:
            return QueueFacts(name, {})
        return QueueFacts(section.title, {skill: need.level for skill, need in section.needs().items()})

    def skill(self, name: str) -> str:
        """See the port."""
        return self._live.settings.skills.get(name, name)

    @property
    def desk(self) -> DeskSection:
        """See the port."""
        return self._live.settings.desk

    def categories(self) -> Collection[str]:
        """Those of the queues' tickets, and of what flows open."""
        queues = (queue.category for queue in self._live.settings.queues.values())
        flows = self._live.centre.floor.config.flows.values()
        nodes = (node for flow in flows for node in flow.nodes.values())
        return dict.fromkeys([*queues, *(node.ticket for node in nodes if isinstance(node, TicketNode))])


def desk_of(
    live: LiveCentre, database: Database, regions: PlacesOfNumbers, clock: Clock, time_zone: str
) -> tuple[Route, ...]:
    """The routes of the desk; its days are those of ``time_zone``."""
    calls = CallsInForce(live, clock)
    service = DeskService(calls, PostgresCallers(database), regions, clock)
    desk = DeskRoutes(service, PostgresTicketStore(database), live, calls.categories, clock)
    missed = MissedCalls(calls, PostgresMissedCalls(database), clock, time_zone)
    return (*desk.table(), *MissedCallRoutes(missed, live).table())
