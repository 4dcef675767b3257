"""The places of waiting callers, told to their own legs for who finds only these (domain.leg_variables)."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.controller.floor import Floor
from callcenter.domain import leg_variables
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import SetVariables


class ToldPlaces:
    """Knows what each caller's leg tells, and says no word too many."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._told: dict[str, dict[str, str]] = {}

    def keep(self, call: Call) -> None:
        """Let the waiting caller's leg tell of the place. While a phone rings for it, that leg does: a call
        that is taken at once costs the switch nothing here."""
        if not call.offers:
            self.change(call)

    def change(self, call: Call) -> None:
        """The leg tells what the call asks for now, whatever rings for it."""
        if call.phase is not CallPhase.QUEUED or not call.leg_id:
            return
        place, told = leg_variables.of_place(call), self._told.get(call.call_id, {})
        if place != told:
            self._told[call.call_id] = place
            self._floor.order(SetVariables(call.leg_id, dict.fromkeys(told, "") | place))

    def forget(self, call: Call) -> None:
        """The caller waits no more: what the leg tells would mislead who finds it."""
        told = self._told.pop(call.call_id, None)
        if told and call.leg_id in self._floor.legs:
            self._floor.order(SetVariables(call.leg_id, dict.fromkeys(told, "")))

    def found(self, call: Call, variables: Mapping[str, str]) -> None:
        """After a restart the caller's leg tells this; put right what is not so."""
        self._told[call.call_id] = {
            name: variables[name] for name in leg_variables.OF_PLACE if variables.get(name)
        }
        if call.phase is CallPhase.QUEUED:
            self.keep(call)
        else:
            self.forget(call)
