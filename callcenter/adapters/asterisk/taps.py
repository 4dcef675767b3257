"""Taps: what a leg says, brought here while it is said.

For each there is a snoop channel that hears the leg, a websocket channel that we connect to at Asterisk's
own HTTP port and that sends what it hears in frames of 20 ms (slin16), and a bridge between the two. Their
ids tell that they are taps: nobody beyond this adapter hears of them, and those that an earlier controller
left behind are removed. Source: chan_websocket.c and res_stasis_snoop.c of Asterisk 22, and what was found
by running it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import aiohttp
import structlog

from callcenter.adapters.asterisk.reconcile import Truth
from callcenter.adapters.asterisk.rest import OnResponse, RestRequest, RestResponse, unheard
from callcenter.domain.listening import StartListening, StopListening

log = structlog.get_logger(__name__)

TAP = "tap-"
_SNOOP, _MEDIA, _BRIDGE = f"{TAP}snoop-", f"{TAP}media-", f"{TAP}bridge-"
_CONNECT_WITHIN_SEC = 2.0

Ask = Callable[[RestRequest, OnResponse, str], None]


@dataclass(slots=True, eq=False)
class _Tap:
    command: StartListening
    joined: set[str] = field(default_factory=set)
    """Its channels that can be bridged."""
    audio: asyncio.Task[None] | None = None


class Taps:
    """The listenings that run. `hear` gets their audio, `fail` is called once for each that breaks off."""

    def __init__(
        self,
        *,
        app: str,
        http_port: int,
        ask: Ask,
        hear: Callable[[str, bytes], None],
        fail: Callable[[StartListening, str], None],
    ) -> None:
        self._app, self._url = app, f"ws://127.0.0.1:{http_port}/media"
        self._ask, self._hear, self._fail = ask, hear, fail
        self._taps: dict[str, _Tap] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def carry_out(self, command: StartListening | StopListening) -> None:
        """Begin, or end; what goes wrong is told by `fail`."""
        if isinstance(command, StartListening):
            self._start(command)
        else:
            self._stop(command.listening_id)

    def leg_ended(self, leg_id: str) -> None:
        """Nobody speaks there any more."""
        for name in [name for name, tap in self._taps.items() if tap.command.leg_id == leg_id]:
            self._stop(name)

    def take(self, event: Mapping[str, Any], channel_id: str) -> None:
        """Deal with an event about a channel of a tap."""
        tap = self._taps.get(channel_id.removeprefix(_SNOOP).removeprefix(_MEDIA))
        if tap is not None and event.get("type") == "StasisStart":
            tap.joined.add(channel_id)
            if len(tap.joined) == 2:
                self._join(tap)

    def sweep(self, truth: Truth) -> Truth:
        """The truth without taps. Those that are not ours are removed."""
        found = [(channel["id"], "channels") for channel in truth.channels]
        found += [(bridge["id"], "bridges") for bridge in truth.bridges]
        for one, kind in found:
            name = one.removeprefix(_SNOOP).removeprefix(_MEDIA).removeprefix(_BRIDGE)
            if one.startswith(TAP) and name not in self._taps:
                self._ask(RestRequest("DELETE", f"/{kind}/{one}"), unheard, name)
        return replace(
            truth,
            channels=[one for one in truth.channels if not one["id"].startswith(TAP)],
            bridges=[one for one in truth.bridges if not one["id"].startswith(TAP)],
        )

    async def close(self) -> None:
        """End all of them."""
        for name in list(self._taps):
            self._stop(name)
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    # --- inner workings ------------------------------------------------------------------------------------

    def _start(self, command: StartListening) -> None:
        name = command.listening_id
        tap = self._taps[name] = _Tap(command)
        snoop = {"app": self._app, "spy": "in"}
        media = {
            "channelId": _MEDIA + name,
            "app": self._app,
            "external_host": "INCOMING",
            "transport": "websocket",
            "encapsulation": "none",
            "connection_type": "server",
            "format": "slin16",
        }
        made = partial(self._made, tap)
        path = f"/channels/{command.leg_id}/snoop/{_SNOOP}{name}"
        self._ask(RestRequest("POST", path, snoop), made, name)
        self._ask(RestRequest("POST", f"/bridges/{_BRIDGE}{name}", {"type": "mixing"}), made, name)
        self._ask(RestRequest("POST", "/channels/externalMedia", media), partial(self._media_made, tap), name)

    def _stop(self, listening_id: str) -> None:
        """End it, if it runs; what it needed is removed."""
        tap = self._taps.pop(listening_id, None)
        if tap is None:
            return
        if tap.audio is not None:
            tap.audio.cancel()
            self._ending.add(tap.audio)
            tap.audio.add_done_callback(self._ending.discard)
        for path in (f"/bridges/{_BRIDGE}", f"/channels/{_SNOOP}", f"/channels/{_MEDIA}"):
            self._ask(RestRequest("DELETE", path + listening_id), unheard, listening_id)

    def _made(self, tap: _Tap, response: RestResponse) -> None:
        if not response.ok and response.status != 409:  # 409: a bridge that is there already
            self._broke(tap, response.told)

    def _media_made(self, tap: _Tap, response: RestResponse) -> None:
        name = tap.command.listening_id
        if not response.ok:
            self._made(tap, response)
        elif self._taps.get(name) is tap:
            known = response.json().get("channelvars", {})
            connection = known.get("MEDIA_WEBSOCKET_CONNECTION_ID", "")
            tap.audio = asyncio.create_task(self._carry(tap, connection), name=f"audio-{name}")

    def _join(self, tap: _Tap) -> None:
        name = tap.command.listening_id
        both = {"channel": ",".join(sorted(tap.joined))}
        path = f"/bridges/{_BRIDGE}{name}/addChannel"
        self._ask(RestRequest("POST", path, both), partial(self._made, tap), name)

    async def _carry(self, tap: _Tap, connection: str) -> None:
        """Hand on the audio until it ends."""
        name, reason = tap.command.listening_id, "the switch sends no more audio"
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(_CONNECT_WITHIN_SEC):
                ws = await self._session.ws_connect(f"{self._url}/{connection}", protocols=("media",))
            async with ws:
                async for message in ws:
                    if message.type is aiohttp.WSMsgType.BINARY:
                        self._hear(name, message.data)
        except (aiohttp.ClientError, OSError) as error:
            reason = f"no audio connection: {str(error) or type(error).__name__}"
        except Exception:
            log.exception("switch_audio_not_taken")
        self._broke(tap, reason)

    def _broke(self, tap: _Tap, reason: str) -> None:
        if self._taps.get(tap.command.listening_id) is tap:
            self._stop(tap.command.listening_id)
            self._fail(tap.command, reason)
