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
from typing import Any

from callcenter.adapters.asterisk.reconcile import Truth
from callcenter.adapters.asterisk.rest import OnResponse, RestRequest, RestResponse, unheard
from callcenter.domain.overhearing import StartOverhearing, SupervisionMode

EAR = "ear-"
_SNOOP, _BRIDGE = f"{EAR}snoop-", f"{EAR}bridge-"
_WHISPER = {
    SupervisionMode.LISTEN: "none",
    SupervisionMode.WHISPER: "out",
    SupervisionMode.BARGE: "both",
}
"""Into what of the overheard leg the supervisor's voice is mixed: into nothing, into what it hears, or into
what it says as well."""
_GONE = "Channel not found"

Ask = Callable[[RestRequest, OnResponse, str], None]


@dataclass(slots=True, eq=False)
class _Ear:
    command: StartOverhearing
    name: str
    key: str


class Overhearings:
    """Those that run. `key` orders the requests for a leg, `hush` ends what plays on it, `fail` is called for
    each overhearing that does not come about."""

    def __init__(
        self,
        app: str,
        clock: Callable[[], int],
        *,
        ask: Ask,
        key: Callable[[str], str],
        hush: Callable[[str, str], None],
        fail: Callable[[StartOverhearing, str], None],
    ) -> None:
        self._app, self._clock, self._ask = app, clock, ask
        self._key, self._hush, self._fail = key, hush, fail
        self._ears: dict[str, _Ear] = {}

    def start(self, command: StartOverhearing) -> None:
        """Begin; what goes wrong is told by `fail`."""
        name, key = f"{command.overhearing_id}.{self._clock()}", self._key(command.by_leg_id)
        ear = self._ears[command.overhearing_id] = _Ear(command, name, key)
        made = partial(self._made, ear)
        snoop = {"app": self._app, "spy": "both", "whisper": _WHISPER[command.mode]}
        self._ask(RestRequest("POST", f"/bridges/{_BRIDGE}{name}", {"type": "mixing"}), made, key)
        self._ask(RestRequest("POST", f"/channels/{command.leg_id}/snoop/{_SNOOP}{name}", snoop), made, key)

    def stop(self, overhearing_id: str) -> None:
        """End it, if it runs; what it needed is removed."""
        ear = self._ears.pop(overhearing_id, None)
        if ear is not None:
            for path in (f"/channels/{_SNOOP}", f"/bridges/{_BRIDGE}"):
                self._ask(RestRequest("DELETE", path + ear.name), unheard, ear.key)

    def leg_ended(self, leg_id: str) -> None:
        """Nobody is there to be heard, or to hear."""
        for overhearing_id, ear in list(self._ears.items()):
            if leg_id in (ear.command.leg_id, ear.command.by_leg_id):
                self.stop(overhearing_id)

    def takes(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is about a channel of an overhearing; it is then dealt with."""
        channel = event.get("channel")
        channel_id = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(channel_id, str) or not channel_id.startswith(EAR):
            return False
        if event.get("type") == "StasisStart":
            name = channel_id.removeprefix(_SNOOP)
            for ear in [ear for ear in self._ears.values() if ear.name == name]:
                self._join(ear)
        return True

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

    def _join(self, ear: _Ear) -> None:
        by_leg_id = ear.command.by_leg_id
        self._hush(by_leg_id, ear.key)
        both = {"channel": f"{_SNOOP}{ear.name},{by_leg_id}"}
        path = f"/bridges/{_BRIDGE}{ear.name}/addChannel"
        self._ask(RestRequest("POST", path, both), partial(self._made, ear), ear.key)

    def _made(self, ear: _Ear, response: RestResponse) -> None:
        overhearing_id = ear.command.overhearing_id
        if response.ok or self._ears.get(overhearing_id) is not ear:
            return
        self.stop(overhearing_id)
        if response.status != 404 and _GONE not in response.body:
            self._fail(ear.command, response.told)
