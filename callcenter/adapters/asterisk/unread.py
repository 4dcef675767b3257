"""What Asterisk has sent over a websocket to a controller that did not live to read it.

Source of the form: RFC 6455, section 5.2.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_FIN, _MASKED = 0x80, 0x80
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_BEGINNINGS = tuple(_FIN | kind for kind in (_TEXT, _CLOSE, _PING, _PONG))
"""Asterisk never divides a message, so no others come."""
_LENGTHS = {126: 2, 127: 8}
"""By the length that the second byte says: in how many bytes the true one follows."""
_MASK = 4


class _NotAFrame(Exception):
    """What stands there is none."""


def unread_messages(stream: bytes) -> list[Mapping[str, Any]]:
    """The JSON objects in these bytes, in order.

    The controller may have taken the beginning of the first frame: what stands before the first whole one is
    passed over, and so is a last one that did not come whole.
    """
    for start, byte in enumerate(stream):
        if byte in _BEGINNINGS:
            with contextlib.suppress(_NotAFrame, orjson.JSONDecodeError):
                found = [orjson.loads(text) for text in _texts(stream, start)]
                if found and all(isinstance(each, dict) for each in found):
                    return found
    return []


def _texts(stream: bytes, start: int) -> Iterator[bytes]:
    """The payloads of the text frames from there on."""
    while start + 2 <= len(stream):
        first, second = stream[start : start + 2]
        if first not in _BEGINNINGS:
            raise _NotAFrame
        body, length = start + 2, second & ~_MASKED
        if length in _LENGTHS:
            told = stream[body : body + _LENGTHS[length]]
            body, length = body + _LENGTHS[length], int.from_bytes(told)
        mask = b""
        if second & _MASKED:
            mask, body = stream[body : body + _MASK], body + _MASK
        if body + length > len(stream):
            return
        if first == _FIN | _TEXT:
            payload = stream[body : body + length]
            yield _unmasked(payload, mask) if mask else payload
        start = body + length


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """Each byte against the mask's byte in turn (section 5.3)."""
    length = len(payload)
    cover = (mask * (length // _MASK + 1))[:length]
    return (int.from_bytes(payload) ^ int.from_bytes(cover)).to_bytes(length)
