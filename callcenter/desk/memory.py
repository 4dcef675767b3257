"""The in-memory twin of the desk's calls, over a MemoryCentre."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from callcenter.desk.service import QueueFacts
from callcenter.domain.call import Call
from callcenter.domain.events import DomainEvent
from callcenter.domain.numbering import Numbering
from callcenter.settings.desk import DeskSection
from callcenter.web.memory import MemoryCentre
from ivr_flows.model import Flow


class MemoryLiveCalls:
    """Implements ``LiveCalls`` and ``CallsOfNow`` of the desk: no call is ever settled, and every call takes
    this ``flow``. ``lists`` are by the caller's number; a number has one spelling."""

    def __init__(
        self,
        centre: MemoryCentre,
        flow: Flow,
        lists: Mapping[str, Mapping[str, str]],
        queue_skills: Mapping[str, int],
        desk: DeskSection,
    ) -> None:
        self._centre = centre
        self._flow = flow
        self._lists = lists
        self._queue_skills = queue_skills
        self.desk = desk
        self._calls: dict[str, Call] = {}
        centre.subscribe(self._follow)

    def _follow(self, _: int, event: DomainEvent) -> None:
        call = self._centre.calls.get(getattr(event, "call_id", None) or "")
        if call is not None:
            self._calls[call.call_id] = call

    def call(self, call_id: str) -> Call | None:
        """See the port."""
        return self._calls.get(call_id)

    def calls(self) -> Iterable[Call]:
        """See the port."""
        return self._centre.calls.values()

    def numbering(self) -> Numbering:
        """See the port."""
        return Numbering()

    def lists_of(self, call: Call) -> Mapping[str, str]:
        """See the port."""
        return self._lists.get(call.caller, {})

    def spellings(self, call: Call) -> Sequence[str]:
        """See the port."""
        return (call.caller,) if call.caller else ()

    def flow_of(self, call: Call) -> Flow:
        """See the port."""
        return self._flow

    def queue(self, name: str) -> QueueFacts:
        """See the port."""
        known = self._centre.view().queues.get(name)
        return QueueFacts(known.title if known else name, self._queue_skills)

    def skill(self, name: str) -> str:
        """See the port."""
        return name

    def categories(self) -> Collection[str]:
        """Those of tickets."""
        return ("consultation", "complaint")
