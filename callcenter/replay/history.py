"""What must hold in any history of a centre, whatever happened in it: checked over the facts of a journal.

No machine of the centre is used for it; the facts alone must make sense. It knows nothing of what was before
the first fact, and believes the first thing that it hears of each agent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.model import Presence
from acd.presence import PRESENCE_TABLE
from acd.strategies import STRATEGIES, Rings
from callcenter.domain import events as e

_MOVES = {(before, after) for (before, _), after in PRESENCE_TABLE.items()}


@dataclass(slots=True)
class _Agent:
    presence: Presence | None = None
    offer: e.OfferMade | None = None
    talks_in: str | None = None
    calls_back: str | None = None


@dataclass(slots=True)
class _Call:
    queue: str | None = None
    offers: dict[str, e.OfferMade] = field(default_factory=dict)
    accepted: str | None = None
    consults: bool = False
    talks_with: str | None = None


class History:
    """Take in the facts in their order; ``wrong`` tells what cannot have been."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._agents: dict[str, _Agent] = {}
        self._calls: dict[str, _Call] = {}

    def take(self, event: e.DomainEvent) -> None:
        """One more fact."""
        match event:
            case e.CallArrived(call_id=call_id) | e.CallBackPromised(call_id=call_id):
                self._calls[call_id] = _Call()
            case e.CallDialledOut():
                self._calls[event.call_id] = _Call(accepted=event.agent_id)
            case e.PresenceChanged():
                self._presence(event)
            case e.CallSettled(call_id=call_id):
                self._settled(event.at, call_id, self._calls.pop(call_id, _Call()))
            case _:
                if (call := self._calls.get(getattr(event, "call_id", None) or "")) is not None:
                    self._of_call(event, call)

    def _of_call(self, event: e.DomainEvent, call: _Call) -> None:
        match event:
            case e.CallQueued():
                self._must(event.at, call.queue is None, f"{event.call_id} waits in two queues")
                call.queue, call.accepted = event.queue, None
            case e.QueueLeft():
                self._must(event.at, call.queue is not None, f"{event.call_id} left a queue it was not in")
                answered = event.outcome is e.QueueOutcome.ANSWERED
                told = f"{event.call_id} left as {event.outcome.value}, accepted by {call.accepted}"
                self._must(event.at, answered == (call.accepted is not None), told)
                call.queue = None
            case e.CallRecovered():
                call.accepted = event.agent_id or None
            case e.ConsultAsked():
                call.consults, call.accepted = True, None
            case e.ConsultEnded():
                call.consults = False
            case e.OfferMade():
                self._offered(event, call)
            case e.OfferEnded():
                self._offer_ended(event, call)
            case e.CallTakenOver():
                call.accepted = event.by_agent_id
            case e.AgentConnected():
                self._connected(event, call)
            case e.AgentReleased():
                self._agent(event.agent_id).talks_in = call.talks_with = None
            case e.CallBackDialled():
                self._dialled(event, call)
            case e.CallBackMissed():
                self._agent(event.agent_id).calls_back = None

    def _offered(self, made: e.OfferMade, call: _Call) -> None:
        agent, who = self._agent(made.agent_id), f"agent {made.agent_id}, offered {made.call_id},"
        self._must(
            made.at,
            call.consults or call.queue is not None,
            f"{made.call_id} was offered though it does not wait",
        )
        self._must(made.at, agent.presence in (None, Presence.READY), f"{who} is {agent.presence}")
        self._must(made.at, agent.offer is None, f"{who} rings for {agent.offer and agent.offer.call_id}")
        self._must(made.at, agent.talks_in is None, f"{who} talks in {agent.talks_in}")
        self._must(made.at, agent.calls_back is None, f"{who} waits for the answer in {agent.calls_back}")
        strategy = STRATEGIES.get(made.decision.get("strategy", ""))
        alone = strategy is not None and strategy.rings is Rings.ONE
        self._must(made.at, not (alone and call.offers), f"{made.call_id} rings twice")
        for other_id, queue, order_at in made.decision.get("competing", ()):
            later = queue != made.queue or order_at >= made.decision["order_at"]
            self._must(made.at, later, f"{made.call_id} went before {other_id}, which was first in {queue}")
        agent.offer = call.offers[made.offer_id] = made

    def _offer_ended(self, ended: e.OfferEnded, call: _Call) -> None:
        made = call.offers.pop(ended.offer_id, None)
        self._must(ended.at, made is not None, f"{ended.offer_id} ended though it was not open")
        self._agent(ended.agent_id).offer = None
        if ended.end == "accepted":
            told = f"{ended.call_id} was accepted by {call.accepted} and {ended.agent_id}"
            self._must(ended.at, call.accepted is None, told)
            call.accepted = ended.agent_id

    def _dialled(self, event: e.CallBackDialled, call: _Call) -> None:
        """Nobody is dialled without an agent of their own who waits for the answer."""
        agent = self._agent(event.agent_id)
        accepted = f"{event.agent_id} calls back in {event.call_id}, which {call.accepted} accepted"
        self._must(event.at, call.accepted == event.agent_id, accepted)
        free = agent.talks_in is None and agent.calls_back is None
        self._must(event.at, free, f"{event.agent_id} calls back in {event.call_id} beside other work")
        agent.calls_back = event.call_id

    def _connected(self, event: e.AgentConnected, call: _Call) -> None:
        agent = self._agent(event.agent_id)
        told = f"{event.call_id} talks with {call.talks_with} and {event.agent_id}"
        self._must(event.at, call.talks_with is None, told)
        self._must(event.at, agent.talks_in is None, f"{event.agent_id} talks in two calls")
        accepted = f"{event.agent_id} talks in {event.call_id}, which {call.accepted} accepted"
        self._must(event.at, call.accepted == event.agent_id, accepted)
        waited = agent.calls_back in (None, event.call_id)
        self._must(event.at, waited, f"{event.agent_id} talks and waits for {agent.calls_back}")
        agent.talks_in, agent.calls_back, call.talks_with = event.call_id, None, event.agent_id

    def _settled(self, at: int, call_id: str, call: _Call) -> None:
        self._must(at, call.queue is None, f"{call_id} settled though it waits in {call.queue}")
        self._must(at, not call.offers, f"{call_id} settled though phones ring: {', '.join(call.offers)}")
        self._must(at, call.talks_with is None, f"{call_id} settled though {call.talks_with} talks")

    def _presence(self, changed: e.PresenceChanged) -> None:
        agent, after = self._agent(changed.agent_id), Presence(changed.presence)
        before, agent.presence = agent.presence, after
        told = f"agent {changed.agent_id} went from {before} to {after}"
        self._must(changed.at, before is None or (before, after) in _MOVES, told)

    def _agent(self, agent_id: str) -> _Agent:
        return self._agents.setdefault(agent_id, _Agent())

    def _must(self, at: int, holds: bool, told: str) -> None:
        if not holds:
            self.wrong.append(f"{at}: {told}")


def wrong_in(events: Iterable[e.DomainEvent]) -> list[str]:
    """All that cannot have been in this history, in its order."""
    history = History()
    for event in events:
        history.take(event)
    return history.wrong
