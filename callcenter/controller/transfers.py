"""Callers who are taken outside: by an agent, out of a queue, or by their flow, which then goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.floor import Floor, LegRef, OtherCentre
from callcenter.controller.flows import FlowDriver
from callcenter.controller.steps import (
    LetOutsideGo,
    ToFlow,
    ToOutside,
)
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.commands import DIALLABLE
from callcenter.domain.switch import (
    Connect,
    DialNumber,
    HangUp,
    LegEndCause,
    LegRole,
    Play,
    StartMusic,
    StopMusic,
    StopPlay,
)
from ivr_flows.effects import TransferEnd

RING_SEC = 60
"""How long an outside number rings that no flow set a time for."""
RINGING: Final = ("tone:ring",)
NEVER_CAME: Final[Mapping[LegEndCause, TransferEnd]] = {
    LegEndCause.BUSY: TransferEnd.BUSY,
    LegEndCause.DECLINED: TransferEnd.BUSY,
    LegEndCause.NO_ANSWER: TransferEnd.NO_ANSWER,
}
"""What the flow is told of an outside party that did not pick up; whatever else it was, it failed."""


class TransferDriver:
    """Rings outside numbers for callers, and lets their flows go on when nobody is there any more."""

    def __init__(self, floor: Floor, flows: FlowDriver, after_work: AfterWorkDriver) -> None:
        self._floor = floor
        self._flows = flows
        self._after_work = after_work

    def take(self, call: Call, step: ToOutside | LetOutsideGo) -> None:
        """Ring somebody outside, or no longer."""
        match step:
            case ToOutside():
                self._dial(call, step)
            case LetOutsideGo() if call.outside_leg_id is not None:
                self._floor.order(HangUp(call.outside_leg_id))
                self._over(call, call.outside_leg_id)
            case _:
                pass  # who was rung has gone at the same moment

    def _dial(self, call: Call, step: ToOutside) -> None:
        """The caller hears music or the ringing meanwhile. What cannot be dialled at all is told to the flow
        at once."""
        floor, asked = self._floor, step.by_flow
        self._after_work.pause_recording(call)
        centre = floor.config.centres.get(asked.centre or "") if asked else None
        number = centre.number if centre else step.number
        if asked is not None and not DIALLABLE.fullmatch(number):
            floor.then(ToFlow(call.call_id, TransferEnd.FAILED))
            return
        leg_id = f"x-{call.call_id}.{call.meetings}"
        by_flow, record = asked is not None, asked is not None and asked.record
        floor.record(e.OutsideDialled(floor.now, call.call_id, leg_id, by_flow, record))
        if asked is not None:
            self._let_hear(call, asked.ring_sec, music=asked.music)
        trunk = (centre.trunk if centre else asked.trunk if asked else None) or floor.config.outbound_trunk
        floor.dial(
            DialNumber(
                leg_id=leg_id,
                call_id=call.call_id,
                trunk=trunk or call.trunk,
                number=number,
                caller=call.did,
                ring_timeout_sec=asked.ring_sec if asked else RING_SEC,
                variables=leg_variables.of_outside(call, by_flow=by_flow, record=record),
                headers=_headers(call, centre),
            ),
            LegRef(call.call_id, LegRole.CONSULTED),
        )

    def answered(self, call: Call, leg_id: str) -> None:
        """The outside party picked up; one whose caller has left is let go already. Safe to repeat."""
        floor, party = self._floor, call.outside
        if party is None or party.leg_id != leg_id or call.phase is not CallPhase.RELEASED:
            if call.live:
                floor.order(HangUp(leg_id))
            return
        if not party.answered:
            floor.record(e.OutsideAnswered(floor.now, call.call_id, leg_id))
        self._after_work.record_outside(call, also_unrecorded=party.record)
        floor.order(Connect(call.bridge_id, (call.leg_id, leg_id)))
        if party.by_flow:
            self._flows.outside_answered(call)

    def take_over(self, call: Call, leg_id: str, *, answered: bool) -> None:
        """The caller, whom no agent has any more, is left to an outside party who was consulted, or is still
        rung for that."""
        floor = self._floor
        floor.record(e.OutsideDialled(floor.now, call.call_id, leg_id))
        if answered:
            self.answered(call, leg_id)

    def ended(self, call: Call, leg_id: str, cause: LegEndCause) -> None:
        """The outside party hung up, or never came: the flow goes on that had it rung; else the call ends."""
        floor, party = self._floor, call.outside
        if not call.live or party is None or party.leg_id != leg_id:
            return
        if not party.by_flow:
            floor.hang_up(call, e.EndedBy.SYSTEM, "transfer_ended")
            return
        end = TransferEnd.DONE if party.answered else NEVER_CAME.get(cause, TransferEnd.FAILED)
        self._over(call, leg_id)
        floor.ending.setdefault(call.call_id, (e.EndedBy.SYSTEM, "transfer_ended"))
        floor.then(ToFlow(call.call_id, end))

    def caller_gone(self, call: Call) -> None:
        """The caller's leg is gone: the outside party, if there is one, is let go."""
        leg_id = call.outside_leg_id
        if leg_id is not None:
            if leg_id in self._floor.legs:
                self._floor.order(HangUp(leg_id))
            self._floor.part(call, joined=False)

    def take_up(self, call: Call) -> None:
        """An outside party is still rung after a restart: what the caller heard may have been lost, so that
        it is music now."""
        party = call.outside
        if party is not None and party.by_flow:
            self._flows.take_up(call)
            if not party.answered:
                self._floor.order(StopPlay(call.leg_id, _ringing(party.leg_id)), StartMusic(call.leg_id))

    def _over(self, call: Call, leg_id: str) -> None:
        floor, party = self._floor, call.outside
        joined = party is not None and party.answered
        floor.record(e.OutsideEnded(floor.now, call.call_id, leg_id))
        self._after_work.pause_recording(call)
        floor.order(StopPlay(call.leg_id, _ringing(leg_id)), StopMusic(call.leg_id))
        floor.part(call, joined=joined)

    def _let_hear(self, call: Call, ring_sec: int, *, music: bool) -> None:
        assert call.outside is not None
        if music:
            self._floor.order(StartMusic(call.leg_id))
        else:
            timeout_ms = ring_sec * 1000 * 2
            self._floor.order(Play(call.leg_id, _ringing(call.outside.leg_id), RINGING, timeout_ms))


def _ringing(leg_id: str) -> str:
    """The playback by which the caller hears this leg ring."""
    return f"{leg_id}.ringing"


def _headers(call: Call, centre: OtherCentre | None) -> dict[str, str]:
    """What the other centre is told; nothing when the ticket could not be had in time."""
    return {centre.header: call.ticket_id} if centre and call.ticket_id else {}
