"""Calls and the world around the centre: what a flow asks and tells there becomes facts and jobs.

A question is asked again when its node is entered again after a restart. What is told (to webhooks, to the
ticket) is owed from the fact on that says so: the fact's id is that of the visit to the node, so that a node
that is entered again owes nothing twice.
"""

from __future__ import annotations

import json

from callcenter.controller.floor import Floor
from callcenter.controller.messages import (
    LookUp,
    LookUpAnswered,
    TellWebhook,
    UpdateTicket,
)
from callcenter.domain import events as e
from callcenter.domain.call import Call
from ivr_flows import effects as f
from ivr_flows.expressions import Value

OutsideEffect = f.AskLookUp | f.Send | f.UpdateTicket | f.CallerListed


class OutsideDriver:
    """Asks, tells, and knows what is still owed."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._asked: dict[str, tuple[str, str, int]] = {}
        """By call: the token of the question under way, what is asked, and since when."""

    def carry_out(self, call: Call, effect: OutsideEffect) -> None:
        """What a node wants of the world, of a call that has just entered it."""
        match effect:
            case f.AskLookUp():
                self._ask(call, effect)
            case f.Send():
                self._send(call, effect)
            case f.UpdateTicket():
                self._update_ticket(call, effect)
            case f.CallerListed():
                self._note_list(call, effect.list)

    def look_up_answered(self, call: Call, message: LookUpAnswered) -> None:
        """The call's question has its answer; one to an earlier question is nobody's."""
        token, look_up, since = self._asked.get(call.call_id, ("", "", 0))
        if token == message.token:
            del self._asked[call.call_id]
            now = self._floor.now
            self._floor.record(e.LookUpEnded(now, call.call_id, look_up, message.outcome.value, now - since))

    def done(self, call: Call, event: e.TicketUpdated | e.WebhookDelivered | e.WebhookGivenUp) -> None:
        """What was owed is done or given up; the ticket's additions follow one another."""
        match event:
            case e.TicketUpdated() if event.update_id not in call.ticket_updated:
                self._floor.record(event)
                self.update_ticket(call)
            case e.WebhookDelivered() | e.WebhookGivenUp() if event.send_id not in call.sends_over:
                self._floor.record(event)
            case _:
                pass

    def update_ticket(self, call: Call) -> None:
        """Add to the call's ticket, if there is one, what is owed to it next."""
        owed = call.ticket_update_owed
        if owed is not None and call.ticket_id is not None:
            self._floor.ask(
                UpdateTicket(call.call_id, owed.update_id, call.ticket_id, owed.text, owed.category)
            )

    def resume(self, call: Call) -> None:
        """Take up what a controller that died still owed."""
        self.update_ticket(call)
        for owed in call.sends_owed:
            self._tell(owed)

    def forget(self, call_id: str) -> None:
        """Nobody waits for an answer any more."""
        self._asked.pop(call_id, None)

    def _ask(self, call: Call, effect: f.AskLookUp) -> None:
        self._asked[call.call_id] = effect.token, effect.look_up, self._floor.now
        given = tuple(effect.given.items())
        known_as = self._floor.config.known_as(call)
        asked = effect.token, effect.look_up, given
        self._floor.ask(LookUp(call.call_id, *asked, call.caller, effect.within_ms, known_as))

    def _send(self, call: Call, effect: f.Send) -> None:
        send_id = f"{call.call_id}.s{len(call.path)}"
        if send_id in call.sends:
            return
        seal = self._floor.config.seal
        sealed = {
            name: seal.sealed(json.dumps(effect.body[name]), _purpose(send_id, name))
            for name in sorted(effect.secret)
            if seal is not None
        }
        body = {name: value for name, value in effect.body.items() if name not in effect.secret}
        self._floor.record(
            e.WebhookAsked(self._floor.now, call.call_id, send_id, effect.webhook, body, sealed)
        )
        self._tell(call.sends[send_id])

    def _tell(self, owed: e.WebhookAsked) -> None:
        body: dict[str, Value] = dict(owed.body)
        seal = self._floor.config.seal
        for name, sealed in owed.sealed.items() if seal else ():
            opened = seal.opened(sealed, _purpose(owed.send_id, name)) if seal else None
            if opened is not None:
                body[name] = json.loads(opened)
        self._floor.ask(TellWebhook(owed.call_id, owed.send_id, owed.webhook, tuple(body.items()), owed.at))

    def _update_ticket(self, call: Call, effect: f.UpdateTicket) -> None:
        update_id = f"{call.call_id}.u{len(call.path)}"
        if update_id not in call.ticket_updates:
            first = call.ticket_update_owed is None
            self._floor.record(
                e.TicketUpdateAsked(self._floor.now, call.call_id, update_id, effect.text, effect.category)
            )
            if first:
                self.update_ticket(call)

    def _note_list(self, call: Call, name: str) -> None:
        """A call counts once for each list."""
        now = self._floor.now
        entry_id = self._floor.config.lists_of(call, now).get(name, "")
        if name not in call.listed:
            self._floor.record(e.CallerListed(now, call.call_id, name, entry_id))


def _purpose(send_id: str, name: str) -> str:
    return f"{send_id}\0{name}"
