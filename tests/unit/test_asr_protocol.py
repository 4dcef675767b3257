"""The messages between a worker and its clients."""

from __future__ import annotations

import asyncio
import struct

import pytest

from asr.model import Segment, Transcript, Word
from asr.protocol import (
    CloseStream,
    JobBusy,
    JobDone,
    JobFailed,
    JobStarted,
    Message,
    OpenStream,
    ProtocolError,
    Ready,
    StreamClosed,
    StreamFailed,
    StreamFinal,
    StreamFrame,
    StreamOpened,
    StreamOverrun,
    StreamPartial,
    SubmitJob,
    encode,
    read_message,
)
from asr.recognizer import FailureReason

SEGMENT = Segment("路灯", (Word("路灯", 100, 600, 0.5),), 100, 600)
MESSAGES: list[Message] = [
    Ready("vosk", "vosk-ko", "0.3.45", "ko", True),
    SubmitJob("call-1#0", "/recordings/电话.wav", 0, "zh"),
    JobBusy("1"),
    JobStarted("1", 1500),
    JobDone("1", Transcript("zh", "whisper", "whisper-base", 8000, 1500, (SEGMENT,), "路灯")),
    JobFailed("1", FailureReason.BAD_FILE, "there is no such file"),
    OpenStream("s", 16000, "ko"),
    OpenStream("s", 16000, "ko", ("상담", "민원 접수"), 600, 2000),
    StreamOpened("s"),
    StreamFrame("s", bytes(range(256))),
    StreamPartial("s", "수도"),
    StreamFinal("s", SEGMENT),
    StreamOverrun("s", 200),
    CloseStream("s"),
    StreamClosed("s"),
    StreamFailed("s", "BUSY", "6 streams are open already"),
]


def reader_of(data: bytes) -> asyncio.StreamReader:
    """A stream that holds `data` and ends."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def test_every_message_arrives_as_it_was_sent() -> None:
    """Messages keep their fields and their order, and the end of the stream is None."""
    reader = reader_of(b"".join(encode(message) for message in MESSAGES))
    received = [await read_message(reader) for _ in MESSAGES]
    assert received == MESSAGES
    assert await read_message(reader) is None


async def test_message_cut_short_is_the_end_of_the_stream() -> None:
    """A side that dies in mid-message leaves no half message behind."""
    assert await read_message(reader_of(encode(MESSAGES[0])[:-1])) is None


@pytest.mark.parametrize(
    "head",
    [
        b"[]",
        b"{",
        b"{}",
        b'{"kind": "Unknown"}',
        b'{"kind": "JobBusy"}',
        b'{"kind": "JobBusy", "job_id": 1}',
        b'{"kind": "JobBusy", "job_id": "1", "more": "x"}',
        b'{"kind": "JobDone", "job_id": "1"}',
        b'{"kind": "JobFailed", "job_id": "1", "reason": "NONE", "message": ""}',
        b'{"kind": "StreamFinal", "stream_id": "s", "segment": {}}',
        b'{"kind": "OpenStream", "stream_id": "s", "sample_rate": 16000, "language": "ko", "phrases": [1]}',
    ],
)
async def test_header_that_is_no_message_is_refused(head: bytes) -> None:
    """Nothing malformed gets past the decoder, and nothing else than ProtocolError comes out of it."""
    with pytest.raises(ProtocolError):
        await read_message(reader_of(struct.pack(">II", len(head), 0) + head))


async def test_length_beyond_the_limit_is_refused_before_it_is_read() -> None:
    """A length of gigabytes is no reason to wait for them."""
    with pytest.raises(ProtocolError, match="too long"):
        await read_message(reader_of(struct.pack(">II", 10, 1 << 31)))
