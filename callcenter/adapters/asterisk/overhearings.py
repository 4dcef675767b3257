"""Overhearings: supervisors who hear a leg, and speak into it as far as they may.

For each there is a snoop channel at the overheard leg and a bridge in which it meets the supervisor's leg.
The call's own bridge is not touched, so that holds, transfers and recordings go on as if nobody were there:
what is whispered is mixed into what the overheard leg hears and nowhere else. Their ids tell that they are
overhearings: nobody beyond this adapter hears of them, and those that an earlier controller left behind are
removed. No id is used twice, because a channel lives on for a moment after it was hung up. Source:
res_stasis_snoop.c of Asterisk 22, and what was found by running it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, assert_never

from callcenter.adapters.asterisk import requests
from callcenter.adapters.asterisk.reconcile import Truth
from callcenter.adapters.asterisk.rest import LEFT_STASIS, OnResponse, RestRequest, RestResponse, unheard
from callcenter.domain.overhearing import (
    OverhearingCommand,
    StartOverhearing,
    StartSilence,
    StopOverhearing,
    StopSilence,
    SupervisionMode,
)

EAR = "ear-"
_SNOOP, _BRIDGE = f"{EAR}snoop-", f"{EAR}bridge-"
_WHISPER = {
    SupervisionMode.LISTEN: "none",
    SupervisionMode.WHISPER: "out",
    SupervisionMode.BARGE: "both",
}
"""Into what of the overheard leg the supervisor's voice is mixed: into nothing, into what it hears, or into
what it says as well."""

Ask = Callable[[RestRequest, OnResponse, str], None]


@dataclass(slots=True, eq=False)
class _Ear:
    command: StartOverhearing
    name: str
    key: str


class Overhearings:
    """Those that run. `key` orders the requests for a leg, `hushing` makes those that end what plays on it,
    `fail` is called for what does not come about."""

    def __init__(
        self,
        app: str,
        clock: Callable[[], int],
        *,
        ask: Ask,
        key: Callable[[str], str],
        hushing: Callable[[str], list[RestRequest]],
        fail: Callable[[StartOverhearing | StartSilence | StopSilence, str], None],
    ) -> None:
        self._app, self._clock, self._ask = app, clock, ask
        self._key, self._hushing, self._fail = key, hushing, fail
        self._ears: dict[str, _Ear] = {}

    def carry_out(self, command: OverhearingCommand) -> None:
        """Begin, or end if it runs."""
        match command:
            case StartOverhearing():
                self._start(command)
            case StopOverhearing(overhearing_id=overhearing_id):
                self._stop(overhearing_id)
            case StartSilence():
                self._silence(command, requests.start_silence(command))
            case StopSilence(leg_id):
                self._silence(command, *self._hushing(leg_id), *requests.stop_silence(command))
            case _:
                assert_never(command)

    def leg_ended(self, leg_id: str) -> None:
        """Nobody is there to be heard, or to hear."""
        for overhearing_id, ear in list(self._ears.items()):
            if leg_id in (ear.command.leg_id, ear.command.by_leg_id):
                self._stop(overhearing_id)

    def take(self, event: Mapping[str, Any], channel_id: str) -> None:
        """Deal with an event about a channel of an overhearing."""
        if event.get("type") == "StasisStart":
            name = channel_id.removeprefix(_SNOOP)
            for ear in [ear for ear in self._ears.values() if ear.name == name]:
                self._join(ear)

    def sweep(self, truth: Truth) -> Truth:
        """The truth without overhearings. Those that are not ours are removed."""
        ours = {ear.name for ear in self._ears.values()}
        found = [(channel["id"], "channels") for channel in truth.channels]
        found += [(bridge["id"], "bridges") for bridge in truth.bridges]
        for one, kind in found:
            name = one.removeprefix(_SNOOP).removeprefix(_BRIDGE)
            if one.startswith(EAR) and name not in ours:
                self._ask(RestRequest("DELETE", f"/{kind}/{one}"), unheard, name)
        return replace(
            truth,
            channels=[one for one in truth.channels if not one["id"].startswith(EAR)],
            bridges=[one for one in truth.bridges if not one["id"].startswith(EAR)],
        )

    def _start(self, command: StartOverhearing) -> None:
        name, key = f"{command.overhearing_id}.{self._clock()}", self._key(command.by_leg_id)
        ear = self._ears[command.overhearing_id] = _Ear(command, name, key)
        made = partial(self._made, ear)
        snoop = {"app": self._app, "spy": "both", "whisper": _WHISPER[command.mode]}
        self._ask(RestRequest("POST", f"/bridges/{_BRIDGE}{name}", {"type": "mixing"}), made, key)
        self._ask(RestRequest("POST", f"/channels/{command.leg_id}/snoop/{_SNOOP}{name}", snoop), made, key)

    def _stop(self, overhearing_id: str) -> None:
        ear = self._ears.pop(overhearing_id, None)
        if ear is not None:
            for path in (f"/channels/{_SNOOP}", f"/bridges/{_BRIDGE}"):
                self._ask(RestRequest("DELETE", path + ear.name), unheard, ear.key)

    def _silence(self, command: StartSilence | StopSilence, *asked: RestRequest) -> None:
        *first, last = asked
        key, made = self._key(command.leg_id), partial(self._silence_made, command)
        for request in first:
            self._ask(request, unheard, key)
        self._ask(last, made, key)  # when one before fails, it tells

    def _silence_made(self, command: StartSilence | StopSilence, response: RestResponse) -> None:
        if not (response.ok or response.not_there or response.status in LEFT_STASIS):
            self._fail(command, response.told)

    def _join(self, ear: _Ear) -> None:
        by_leg_id = ear.command.by_leg_id
        for stop in self._hushing(by_leg_id):
            self._ask(stop, unheard, ear.key)
        both = {"channel": f"{_SNOOP}{ear.name},{by_leg_id}"}
        path = f"/bridges/{_BRIDGE}{ear.name}/addChannel"
        self._ask(RestRequest("POST", path, both), partial(self._made, ear), ear.key)

    def _made(self, ear: _Ear, response: RestResponse) -> None:
        overhearing_id = ear.command.overhearing_id
        if response.ok or self._ears.get(overhearing_id) is not ear:
            return
        self._stop(overhearing_id)
        if not response.not_there:
            self._fail(ear.command, response.told)
