"""ARI asked over plain HTTP: for what is no part of a call and need not stand in line with calls."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import hdrs

from callcenter.adapters.asterisk.config import ARI_USER, SwitchConfig


class AriAsked:
    """A client of the switch's ARI, to be entered before use. ``_base`` is the address of ARI; what is not
    answered within ``within_sec`` raises TimeoutError."""

    def __init__(self, config: SwitchConfig, within_sec: float) -> None:
        self._config = config
        self._base = f"http://127.0.0.1:{config.ports.http}/ari"
        self._headers = {hdrs.AUTHORIZATION: aiohttp.encode_basic_auth(ARI_USER, config.ari_password)}
        self._within = aiohttp.ClientTimeout(total=within_sec)
        self._client: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(headers=self._headers, timeout=self._within)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()
