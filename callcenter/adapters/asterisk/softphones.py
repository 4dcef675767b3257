"""Softphones in Asterisk: pushed by ARI into its memory.

Every value pushed is a string: a number crashes Asterisk 22. The order is auth, aor, endpoint, so that
nothing ever refers to what is not there. Source: res_ari_asterisk.c (dynamic configuration, sorcery).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping

import aiohttp

from callcenter.adapters.asterisk.ari_asked import AriAsked
from callcenter.adapters.asterisk.config import NAME, SwitchConfig
from callcenter.adapters.asterisk.dialplan import PHONE_CONTEXT
from callcenter.domain.softphones import SOFTPHONE_PREFIX
from callcenter.phone_registrar import SwitchRefused

REALM = "asterisk"
"""What Asterisk names itself in a challenge as long as no other default_realm is set."""
_KINDS = ("auth", "aor", "endpoint")
_LOOKS, _LOOK_S = 20, 0.05
_ANSWERS_WITHIN_SEC = 5.0


class AsteriskSoftphones(AriAsked):
    """See callcenter.phone_registrar.PhoneRegistrar. To be entered before use."""

    def __init__(self, config: SwitchConfig) -> None:
        super().__init__(config, _ANSWERS_WITHIN_SEC)

    async def put(self, name: str, password: str) -> None:
        """See PhoneRegistrar."""
        for kind, fields in self._objects(name, password).items():
            pushed = [{"attribute": key, "value": str(value)} for key, value in fields.items()]
            await self._ask("PUT", self._path(kind, name), {"fields": pushed})

    async def remove(self, name: str) -> None:
        """See PhoneRegistrar. Who is registered goes first: of a contact whose phone is known no more, the
        switch would never tell that it is gone. What is gone it shows for a moment longer."""
        await self._until(name, lambda state: state != "online")
        for kind in reversed(_KINDS):
            await self._ask("DELETE", self._path(kind, name), missing_ok=True)
        await self._until(name, lambda state: state is None)

    async def known(self) -> frozenset[str]:
        """See PhoneRegistrar."""
        try:
            async with self._client.get(f"{self._base}/endpoints/PJSIP") as answer:
                if answer.status != 200:
                    raise SwitchRefused(f"the switch answered {answer.status} when asked for its phones")
                found = await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error
        return frozenset(one["resource"] for one in found if one["resource"].startswith(SOFTPHONE_PREFIX))

    async def _until(self, name: str, settled: Callable[[str | None], bool]) -> None:
        for _ in range(_LOOKS):
            if settled(await self._state(name)):
                break
            await asyncio.sleep(_LOOK_S)

    async def _state(self, name: str) -> str | None:
        """None: the switch shows no such phone."""
        try:
            async with self._client.get(f"{self._base}/endpoints/PJSIP/{name}") as answer:
                return str((await answer.json())["state"]) if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error

    async def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, missing_ok: bool = False
    ) -> None:
        try:
            async with self._client.request(method, f"{self._base}/{path}", json=body) as answer:
                if answer.ok or (missing_ok and answer.status == 404):
                    return
                raise SwitchRefused(f"the switch answered {answer.status}: {answer.reason}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(error) from error

    def _path(self, kind: str, name: str) -> str:
        if not name.startswith(SOFTPHONE_PREFIX) or not NAME.fullmatch(name):
            raise SwitchRefused("the agent's id has characters that no phone's name can have")
        return f"asterisk/config/dynamic/res_pjsip/{kind}/{name}"

    def _objects(self, name: str, password: str) -> dict[str, dict[str, str]]:
        config = self._config
        digest = hashlib.md5(f"{name}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()
        return {
            "auth": {"auth_type": "digest", "username": name, "password_digest": f"MD5:{digest}"},
            "aor": {
                "max_contacts": "1",
                "remove_existing": "yes",
                "qualify_frequency": str(config.qualify_sec),
                "qualify_timeout": "2.0",
                "minimum_expiration": "30",
            },
            "endpoint": {
                "webrtc": "yes",
                "dtls_auto_generate_cert": "yes",
                "context": PHONE_CONTEXT,
                "disallow": "all",
                "allow": ",".join(config.softphone_codecs),
                "auth": name,
                "aors": name,
                "identify_by": "username,auth_username",
                "callerid": f"<{name}>",
                "from_domain": "callcenter",
                "direct_media": "no",
                "rtp_symmetric": "yes",
                "force_rport": "yes",
                "rewrite_contact": "yes",
                "send_pai": "no",
                "trust_id_outbound": "yes",
                # A browser sends all the time, also when it is muted: silence means that the page is gone.
                "rtp_timeout": str(config.softphone_timeout_sec),
                "rtp_timeout_hold": str(config.softphone_timeout_sec),
                "timers": "no",
            },
        }


def _away(error: Exception) -> SwitchRefused:
    reason = "no answer in time" if isinstance(error, TimeoutError | asyncio.TimeoutError) else str(error)
    return SwitchRefused(f"the telephone switch cannot be reached: {reason}")
