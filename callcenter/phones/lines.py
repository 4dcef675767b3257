"""Commands and events of a phone as lines: one JSON object each, the kind of message in `kind`."""

import json
from dataclasses import asdict, fields
from typing import Any

from callcenter.phones.protocol import AnswerAction, Command, EndedBy, Event, MediaState, Refusal


class ProtocolError(ValueError):
    """A line that is not a command or event of this protocol."""


_COMMANDS: dict[str, type[Any]] = {c.__name__: c for c in Command.__args__}
_EVENTS: dict[str, type[Any]] = {e.__name__: e for e in Event.__args__}
_ENUMS = {"action": AnswerAction, "by": EndedBy, "state": MediaState, "refusal": Refusal}


def encode_command(ref: int, command: Command) -> bytes:
    """One line, with its newline."""
    return _encode({"ref": ref, "kind": type(command).__name__, **asdict(command)})


def encode_event(event: Event) -> bytes:
    """One line, with its newline."""
    return _encode({"kind": type(event).__name__, **asdict(event)})


def decode_command(line: bytes) -> tuple[int, Command]:
    """The ref and the command of one line; ProtocolError if it is none."""
    body = _object(line)
    ref = body.pop("ref", None)
    if not isinstance(ref, int):
        raise ProtocolError(f"command without an integer ref: {line!r}")
    command: Command = _build(body, _COMMANDS, line)
    return ref, command


def decode_event(line: bytes) -> Event:
    """The event of one line; ProtocolError if it is none."""
    event: Event = _build(_object(line), _EVENTS, line)
    return event


def _encode(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except ValueError as error:
        raise ProtocolError(f"not JSON: {line!r}") from error
    if not isinstance(body, dict):
        raise ProtocolError(f"not an object: {line!r}")
    return body


def _build(body: dict[str, Any], kinds: dict[str, type[Any]], line: bytes) -> Any:
    kind = kinds.get(str(body.pop("kind", "")))
    if kind is None:
        raise ProtocolError(f"unknown kind: {line!r}")
    names = {f.name for f in fields(kind)}
    if not set(body) <= names:
        raise ProtocolError(f"{kind.__name__} has no {', '.join(sorted(set(body) - names))}: {line!r}")
    try:
        return kind(**{name: _value(name, value) for name, value in body.items()})
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"bad {kind.__name__}: {error}: {line!r}") from error


def _value(name: str, value: Any) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](value)
    return tuple(value) if isinstance(value, list) else value
