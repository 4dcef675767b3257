"""One websocket that Asterisk has dialled to us, without what is said over it."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from callcenter.adapters.asterisk.line_keeper import lend
from callcenter.adapters.asterisk.rest import decode_message

FAREWELL_SEC = 1.0
"""How long Asterisk has to answer our farewell."""

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_CORK: int | None = getattr(socket, "TCP_CORK", None)
"""Linux alone has them."""
_UNLESS_GONE = contextlib.suppress(OSError)
"""A connection that has just gone is told by itself."""


class AriSocket(WSListener):
    """One connection that was accepted. `on_connected` and `on_disconnected` are called once each, with this;
    `on_message` with every JSON object in between, an empty one for a text that is none."""

    def __init__(
        self,
        *,
        on_connected: Callable[["AriSocket"], None],
        on_message: Callable[["AriSocket", Mapping[str, Any]], None],
        on_disconnected: Callable[["AriSocket"], None],
    ) -> None:
        self._on_connected, self._on_message, self._on_disconnected = (
            on_connected,
            on_message,
            on_disconnected,
        )
        self._connection: socket.socket | None = None
        self._transport: WSTransport | None = None
        self._parts: list[bytes] = []
        self._lent = self._left = False
        self.close_code: int | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        lent = transport.underlying_transport.get_extra_info("socket")
        # A handle of our own: uvloop makes a new socket object for each thing asked of the one it lends.
        self._connection = socket.socket(fileno=os.dup(lent.fileno()))
        self._acknowledge()
        self._on_connected(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if self._parts or not frame.fin:
            self._collect(kind, frame)
        elif kind is WSMsgType.TEXT:
            self._on_message(self, decode_message(frame.get_payload_as_memoryview()))
        if kind is WSMsgType.CLOSE:
            self.close_code = frame.get_close_code().value
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.last_in_buffer:
            self._acknowledge()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._connection is not None:
            with self._connection, _UNLESS_GONE:
                if not self._left:
                    # Closing alone ends nothing while somebody else has a handle of it.
                    self._connection.shutdown(socket.SHUT_RDWR)
            self._connection = None
        self._on_disconnected(self)

    def send(self, messages: Sequence[bytes]) -> None:
        """Send them now and together, which costs hardly more than one does; without effect when the
        connection has just gone, which is told."""
        if self._transport is None:
            return
        together = len(messages) > 1
        if together:
            self._cork(1)
        for message in messages:
            self._transport.send(WSMsgType.TEXT, message)
        if together:
            self._cork(0)

    def lend_to(self, keeper: Path) -> None:
        """Let the keeper, if there is one, keep it open when this process ends."""
        self._lent = self._connection is not None and lend(self._connection, keeper)

    def leave(self) -> None:
        """End our part in it: the keeper ends the connection; without one, close it."""
        if self._lent and self._transport is not None:
            self._left = True
            self._transport.disconnect(False)
        else:
            self.close()

    def close(self) -> None:
        """Say farewell, and hang up when it was answered or too long was not."""
        if self._transport is not None and not self._transport.is_disconnected:
            self._transport.send_close(WSCloseCode.GOING_AWAY)
            asyncio.get_running_loop().call_later(FAREWELL_SEC, self._transport.disconnect, False)

    async def closed(self) -> None:
        """Wait until it is gone."""
        if self._transport is not None:
            await self._transport.wait_disconnected()

    def _collect(self, kind: WSMsgType, frame: WSFrame) -> None:
        """A message in several pieces, between which other frames may come."""
        if kind not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            return
        self._parts.append(frame.get_payload_as_bytes())
        if frame.fin:
            whole, self._parts = b"".join(self._parts), []
            self._on_message(self, decode_message(whole))

    def _cork(self, on: int) -> None:
        """Hold what is sent back until this is off again (tcp(7), TCP_CORK)."""
        if self._connection is not None and _CORK is not None:
            with _UNLESS_GONE:
                self._connection.setsockopt(socket.IPPROTO_TCP, _CORK, on)

    def _acknowledge(self) -> None:
        """See to it that what comes next is acknowledged at once.

        Asterisk lets its kernel hold a message back until the one before it is acknowledged (Nagle): with
        our kernel's delayed acknowledgement one that follows another closely would come 40 ms late.
        Linux forgets the wish by itself, so it is renewed (tcp(7), TCP_QUICKACK).
        """
        if self._connection is None or _QUICKACK is None:
            return
        try:  # some twenty times for each call: entering a context manager costs as much again
            self._connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        except OSError:
            return
