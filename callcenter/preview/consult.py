"""Consultations of the made-up day: what the page's buttons ask, as far as a stage play can do it."""

from __future__ import annotations

from collections.abc import Iterator

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase


def asked(call: Call, command: c.Consult, now: int) -> Iterator[e.DomainEvent]:
    """The caller hears music, and somebody is rung."""
    if call.phase is CallPhase.TALKING:
        yield e.CallHeld(now, call.call_id, command.agent_id)
    yield e.ConsultAsked(
        now,
        call.call_id,
        f"{call.call_id}.q",
        command.agent_id,
        command.kind,
        command.target,
        call.queue or "",
    )


def answered(call: Call, now: int) -> Iterator[e.DomainEvent]:
    """Who was rung picks up, unless nobody wants them any more."""
    consult = call.consult
    if consult is not None and call.conversation is not None and not consult.answered:
        by = consult.target if consult.kind is e.TransferKind.AGENT else ""
        asking, leg_id = call.conversation.agent_id, f"{consult.consult_id}.leg"
        yield e.ConsultAnswered(now, call.call_id, asking, leg_id, by, consult.queue)


def controlled(call: Call, command: c.ConsultControl, now: int) -> Iterator[e.DomainEvent]:
    """Swap, confer, or let the consulted party go; what makes no sense does nothing."""
    consult, held = call.consult, call.phase is CallPhase.HELD
    if consult is None:
        return
    match command:
        case c.Swap() if consult.answered and not consult.joined:
            kind = e.CallRetrieved if held else e.CallHeld
            yield kind(now, call.call_id, command.agent_id)
        case c.Confer() if consult.answered and not consult.joined:
            if held:
                yield e.CallRetrieved(now, call.call_id, command.agent_id)
            yield e.ConferenceBegan(now, call.call_id, command.agent_id)
        case c.EndConsult():
            yield e.ConsultEnded(now, call.call_id, command.agent_id, e.ConsultEnd.CANCELLED)
            if held:
                yield e.CallRetrieved(now, call.call_id, command.agent_id)
        case _:
            pass
