"""Requests by HTTP to other systems: bounded in time and size, never redirected, never by a proxy that the
environment names. What is told of a failure names neither the address nor anything that was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

MAX_ANSWER_BYTES: Final = 256 * 1024
AT_ONCE_PER_HOST: Final = 16


class Unreachable(Exception):
    """There is no answer, or one that is too long; the text is for people."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``url`` is quoted already. Everything in it but the method may be personal."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout_ms: int


class Outgoing:
    """All requests of one process; connections are kept for the next one."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises Unreachable."""
        try:
            async with self._made().request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=request.timeout_ms / 1000),
            ) as answer:
                body = b""
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise Unreachable(f"its answer is longer than {MAX_ANSWER_BYTES} bytes")
                return answer.status, body
        except TimeoutError:
            raise Unreachable(f"no answer within {request.timeout_ms} ms") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:  # its text may hold the address
            raise Unreachable(f"it cannot be reached ({type(error).__name__})") from None

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _made(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit_per_host=AT_ONCE_PER_HOST)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        return self._session


def secret_values(
    secret_headers: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The headers with their secrets, and the variables that are not set."""
    missing = [variable for variable in secret_headers.values() if not environment.get(variable)]
    found = {
        header: environment[variable]
        for header, variable in secret_headers.items()
        if variable not in missing
    }
    return found, missing
