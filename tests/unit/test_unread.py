"""What Asterisk has sent and nobody read is read later, wherever the reading was broken off."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from callcenter.adapters.asterisk.unread import unread_messages

MASK = b"\x81\x7e\x00\x88"
"""One whose bytes look like the beginnings of frames."""


def framed(message: object, mask: bytes = MASK) -> bytes:
    """As a client of RFC 6455 sends it; unmasked, as a server does."""
    text = orjson.dumps(message)
    length = len(text)
    if length < 126:
        told = bytes([length])
    elif length < 1 << 16:
        told = b"\x7e" + length.to_bytes(2)
    else:
        told = b"\x7f" + length.to_bytes(8)
    head = b"\x81" + bytes([told[0] | (0x80 if mask else 0)]) + told[1:] + mask
    return head + (bytes(byte ^ mask[at % 4] for at, byte in enumerate(text)) if mask else text)


@st.composite
def messages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Some, each another one, with frames of all three forms."""
    fillers = draw(st.lists(st.sampled_from([0, 1, 90, 130, 400, 70_000]), min_size=1, max_size=5))
    return [{"number": number, "filler": "\x01~" * filler} for number, filler in enumerate(fillers)]


@given(messages(), st.sampled_from([MASK, b"", b"\xff\x00\xff\x01"]), st.data())
def test_all_that_came_whole_is_read(told: list[dict[str, Any]], mask: bytes, data: st.DataObject) -> None:
    """Whatever the beginning that somebody else has read, and the end that never came."""
    frames = [framed(message, mask) for message in told]
    stream = b"".join(frames)
    start = data.draw(st.integers(0, len(frames[0])))
    end = data.draw(st.integers(len(stream) - len(frames[-1]), len(stream)))
    whole, at = [], 0
    for message, frame in zip(told, frames, strict=True):
        if start <= at and at + len(frame) <= end:
            whole.append(message)
        at += len(frame)
    assert unread_messages(stream[start:end]) == whole


def test_other_frames_are_passed_over() -> None:
    """A ping, a pong and the farewell are no news."""
    ping, pong, close = b"\x89\x80" + MASK, b"\x8a\x80" + MASK, b"\x88\x82" + MASK + b"\x03\xe8"
    stream = ping + framed({"a": 1}) + pong + framed({"b": 2}) + close
    assert unread_messages(stream) == [{"a": 1}, {"b": 2}]


def test_what_is_none_of_it_is_nothing() -> None:
    """Neither noise nor a frame with something else in it."""
    assert unread_messages(b"") == []
    assert unread_messages(bytes(range(256)) * 4) == []
    assert unread_messages(framed([1, 2])) == []
