"""What a transcription worker and its clients say to each other over a unix socket.

A message is two big-endian 32-bit lengths, a JSON header of the first length and a binary payload of the
second. The header's `kind` names the message; its other keys are the message's fields. The payload carries
PCM in a StreamFrame, a transcript's JSON in a JobDone, and is empty otherwise.

The worker speaks first: Ready. A job then goes SubmitJob -> JobBusy, or JobStarted -> JobDone | JobFailed.
A live stream goes OpenStream -> StreamOpened | StreamFailed, StreamFrame* -> StreamPartial | StreamFinal |
StreamOverrun ..., CloseStream -> StreamClosed. Ids are chosen by the client, per connection. A client that
closes its connection withdraws its jobs and streams.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

import orjson

from asr.model import Segment, Transcript, decode_segment, decode_transcript, encode_transcript
from asr.recognizer import FailureReason

_LENGTHS = struct.Struct(">II")
_MAX_HEADER_BYTES = 1 << 20
_MAX_PAYLOAD_BYTES = 64 << 20


class ProtocolError(Exception):
    """The other side sent something that is no message of this protocol."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's greeting: its model is loaded and warm."""

    engine: str
    model: str
    version: str
    languages: str
    live: bool


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """Transcribe channel `channel` (from 0) of the recording at `path`, an absolute path."""

    job_id: str
    path: str
    channel: int
    language: str


@dataclass(frozen=True, slots=True)
class JobBusy:
    """The queue is full: the client keeps the job and offers it again later."""

    job_id: str


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The job left the queue; its audio lasts `duration_ms`."""

    job_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class JobDone:
    """The job's transcript."""

    job_id: str
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job cannot be done; another try would fail alike."""

    job_id: str
    reason: FailureReason
    message: str


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Begin a live stream of 16-bit mono PCM at `sample_rate`.

    With `phrases` only these are listened for, as far as the engine can do that; everything else is heard as
    words of no meaning. An utterance ends after `pause_ms` without speech. Audio that would have to wait for
    longer than `max_behind_ms` is lost (StreamOverrun).
    """

    stream_id: str
    sample_rate: int
    language: str
    phrases: tuple[str, ...] = ()
    pause_ms: int = 1000
    max_behind_ms: int = 5000


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The stream may send frames."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class StreamFrame:
    """The next audio of a stream, 20 to 200 ms of it by custom."""

    stream_id: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class StreamPartial:
    """The current guess at the utterance in progress."""

    stream_id: str
    text: str


@dataclass(frozen=True, slots=True)
class StreamFinal:
    """An utterance, with times on the stream's clock."""

    stream_id: str
    segment: Segment


@dataclass(frozen=True, slots=True)
class StreamOverrun:
    """Frames came faster than they could be heard; `lost_ms` of audio were passed over."""

    stream_id: str
    lost_ms: int


@dataclass(frozen=True, slots=True)
class CloseStream:
    """The stream has no more frames."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """Everything of the stream has been heard."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The stream is refused or broken off; `reason` is a FailureReason, or BUSY when too many are open."""

    stream_id: str
    reason: str
    message: str


ClientMessage = SubmitJob | OpenStream | StreamFrame | CloseStream
WorkerMessage = (
    Ready
    | JobBusy
    | JobStarted
    | JobDone
    | JobFailed
    | StreamOpened
    | StreamPartial
    | StreamFinal
    | StreamOverrun
    | StreamClosed
    | StreamFailed
)
Message = ClientMessage | WorkerMessage

_KINDS: dict[str, type[Message]] = {
    cls.__name__: cls for cls in (*ClientMessage.__args__, *WorkerMessage.__args__)
}
# Which field of a message travels as the payload.
_PAYLOAD_FIELDS: dict[type[Message], str] = {StreamFrame: "pcm", JobDone: "transcript"}
_FIELD_TYPES = {cls: get_type_hints(cls) for cls in _KINDS.values()}


def encode(message: Message) -> bytes:
    """Return the message as bytes on the wire."""
    in_payload = _PAYLOAD_FIELDS.get(type(message))
    header = {"kind": type(message).__name__} | {
        field.name: getattr(message, field.name) for field in fields(message) if field.name != in_payload
    }
    head = orjson.dumps(header)
    match message:
        case StreamFrame():
            payload = message.pcm
        case JobDone():
            payload = encode_transcript(message.transcript)
        case _:
            payload = b""
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """Return the next message, None at the end of the stream. Raises ProtocolError."""
    try:
        head_length, payload_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
        if head_length > _MAX_HEADER_BYTES or payload_length > _MAX_PAYLOAD_BYTES:
            raise ProtocolError(f"a message of {head_length} + {payload_length} bytes is too long")
        head = await reader.readexactly(head_length)
        payload = await reader.readexactly(payload_length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return decode(head, payload)


def decode(head: bytes, payload: bytes) -> Message:
    """Return the message of a header and a payload. Raises ProtocolError."""
    try:
        values = orjson.loads(head)
        cls = _KINDS[values.pop("kind")]
        types = _FIELD_TYPES[cls]
        if cls in _PAYLOAD_FIELDS:
            values[_PAYLOAD_FIELDS[cls]] = decode_transcript(payload) if cls is JobDone else payload
        checked: dict[str, Any] = {name: _value(value, types[name]) for name, value in values.items()}
        return cls(**checked)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"not a message of this protocol: {error!r}") from error


def _value(value: object, wanted: type) -> object:
    if wanted is Segment and isinstance(value, dict):
        return decode_segment(value)
    if wanted is FailureReason and isinstance(value, str):
        return FailureReason(value)
    if wanted == tuple[str, ...] and isinstance(value, list) and all(type(item) is str for item in value):
        return tuple(value)
    if type(value) is not wanted:
        raise TypeError(f"{value!r} is not a {wanted.__name__}")
    return value
