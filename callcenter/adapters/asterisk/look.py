"""How Asterisk and its trunks are: asked for, never subscribed to (a subscription to everything wedges
it)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import aiohttp
import orjson

from callcenter.adapters.asterisk.ami import AmiError, AmiRefused, GuardedAmi
from callcenter.adapters.asterisk.ari_asked import AriAsked
from callcenter.adapters.asterisk.config import SwitchConfig, Trunk, probe_of
from callcenter.adapters.asterisk.dialplan import refused_variables
from callcenter.switch_look import LineState, SwitchSeen, SwitchUnseen

_ANSWERS_WITHIN_SEC = 3.0
_MANAGER_ANSWERS_WITHIN_SEC = 2.0


class AsteriskLook(AriAsked):
    """See callcenter.switch_look.SwitchLook. To be entered before use. Without the ``manager`` connection
    nothing is known of registrations."""

    def __init__(self, config: SwitchConfig, manager: GuardedAmi) -> None:
        super().__init__(config, _ANSWERS_WITHIN_SEC)
        self._manager = manager

    async def look(self) -> SwitchSeen:
        """See the port."""
        about = await self._get("asterisk/info")
        endpoints = {one["resource"]: one for one in await self._get("endpoints/PJSIP")}
        registrations = await self._registrations()
        return SwitchSeen(
            version=about["system"]["version"].partition("+")[0].partition("~")[0],
            started_at=_instant(about["status"]["startup_time"]),
            legs=len({leg for one in endpoints.values() for leg in one["channel_ids"]}),
            manager=self._manager.logged_in,
            lines={
                trunk.name: await self._line(trunk, endpoints, registrations) for trunk in self._config.trunks
            },
        )

    async def _line(
        self, trunk: Trunk, endpoints: dict[str, Any], registrations: dict[str, str]
    ) -> LineState:
        probe = endpoints.get(probe_of(trunk.name))
        count, last = refused_variables(trunk.name)
        refused = int(await self._variable(count) or 0)
        refused_at = int(await self._variable(last) or 0) * 1000 if refused else None
        return LineState(
            peer_answers=None if probe is None else probe["state"] == "online",
            registration=registrations.get(trunk.name) if trunk.registration else None,
            legs=len(endpoints.get(trunk.name, {}).get("channel_ids", ())),
            refused=refused,
            refused_at=refused_at,
        )

    async def _registrations(self) -> dict[str, str]:
        """By trunk, in the switch's own word."""
        ours = [trunk.name for trunk in self._config.trunks if trunk.registration]
        if not ours:
            return {}
        try:
            told = await self._manager.list_action(
                "PJSIPShowRegistrationsOutbound", timeout_sec=_MANAGER_ANSWERS_WITHIN_SEC
            )
        except AmiRefused:
            told = []  # "No outbound registrations" is an error to Asterisk
        except AmiError:
            return dict.fromkeys(ours, "Unknown")
        known = {
            one["Endpoint"]: one["Status"] for one in told if one["Event"] == "OutboundRegistrationDetail"
        }
        return {name: known.get(name, "Unregistered") for name in ours}

    async def _variable(self, name: str) -> str:
        value: str = (await self._get(f"asterisk/variable?variable={name}"))["value"]
        return value

    async def _get(self, path: str) -> Any:
        try:
            async with self._client.get(f"{self._base}/{path}") as answer:
                if not answer.ok:
                    raise SwitchUnseen(f"the switch answered {answer.status} when asked how it is")
                return orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
            raise SwitchUnseen(f"the telephone switch cannot be reached: {reason}") from error


def _instant(written: str) -> int:
    return round(datetime.fromisoformat(written).timestamp() * 1000)
