"""SwitchCommands as ARI requests: a pure table, with our own ids everywhere.

Ids of legs, bridges and playbacks are chosen by us, so that a restarted controller recognises what it finds.
Every value sent is a string: Asterisk 22 has crashed on numbers where it expects strings.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

import orjson

from callcenter.adapters.asterisk.config import NAME
from callcenter.adapters.asterisk.decode import DIALLED
from callcenter.adapters.asterisk.dialplan import LEG_VARIABLE
from callcenter.adapters.asterisk.rest import RestRequest
from callcenter.domain.overhearing import StartSilence, StopSilence
from callcenter.domain.phone_commands import AnswerTransfer, SendDigits
from callcenter.domain.switch import (
    Connect,
    DestroyBridge,
    DialNumber,
    DialPhone,
    HangUp,
    LegEndCause,
    Play,
    Separate,
    StopPlay,
)

ID = re.compile(r"[A-Za-z0-9._:@=-]{1,120}")
"""What our ids may hold: they stand in paths, and Asterisk allows 149 bytes."""
HEADER_NAME, HEADER_VALUE = re.compile(r"[A-Za-z0-9-]{1,64}"), re.compile(r"[\x20-\x7e]{1,200}")
NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
DIGITS = re.compile(r"[0-9A-D*#]{1,32}")
_NO_NUMBER, _NO_NAME = re.compile(r"[^0-9A-Za-z+*#._-]"), re.compile(r'[\x00-\x1f\x7f"\\<>]')

MAX_VARIABLES = 900
"""Bytes; Asterisk reads manager lines of at most 1024."""

_AUDIO_SUFFIXES = frozenset({".wav", ".wav16", ".sln", ".sln16", ".ulaw", ".alaw", ".g722", ".gsm"})
_MEDIA_SCHEMES = ("sound:", "digits:", "number:", "tone:")

_REASONS = {
    LegEndCause.NORMAL: "normal",
    LegEndCause.BUSY: "busy",
    LegEndCause.DECLINED: "rejected",
    LegEndCause.NO_ANSWER: "no_answer",
    LegEndCause.UNREACHABLE: "unallocated",
    LegEndCause.CONGESTION: "congestion",
    LegEndCause.MEDIA_LOST: "failure",
    LegEndCause.FAILED: "failure",
}


class ImpossibleCommand(ValueError):
    """A command that cannot be said to Asterisk; the message is for people and names no personal data."""


def play(command: Play) -> RestRequest:
    """A playback; media are absolute audio file names, or Asterisk's own digits:, number: and tone: URIs."""
    media = [media_uri(item) for item in command.media]
    if not media:
        raise ImpossibleCommand("Play: no media given")
    path = f"/channels/{_id(command.leg_id)}/play"
    return RestRequest("POST", path, {"playbackId": _id(command.playback_id)}, {"media": media})


def stop_play(command: StopPlay) -> RestRequest:
    """End the playback now."""
    return RestRequest("DELETE", f"/playbacks/{_id(command.playback_id)}")


def start_music(leg_id: str) -> RestRequest:
    """Music on hold on the leg."""
    return RestRequest("POST", f"/channels/{_id(leg_id)}/moh")


def start_silence(command: StartSilence) -> RestRequest:
    """Silence instead of whatever its bridge has for it."""
    return RestRequest("POST", f"/channels/{_id(command.leg_id)}/silence")


def stop_silence(command: StopSilence) -> list[RestRequest]:
    """No more silence; harmless when there is none.

    The leg is outside its bridge meanwhile: there one thread of Asterisk makes the silence and ends it. In a
    bridge these are two, and an end that comes while the other is just making a frame is lost: the silence
    goes on for good (generator_force and deactivate_silence_generator in channel.c of Asterisk 22; 2 of 1,500
    ends were lost).
    """
    bridge, leg = f"/bridges/{_id(command.bridge_id)}", {"channel": _id(command.leg_id)}
    return [
        RestRequest("POST", f"{bridge}/removeChannel", leg),
        RestRequest("DELETE", f"/channels/{_id(command.leg_id)}/silence"),
        RestRequest("POST", f"{bridge}/addChannel", leg),
    ]


def stop_music(leg_id: str) -> RestRequest:
    """No more music; harmless when there is none."""
    return RestRequest("DELETE", f"/channels/{_id(leg_id)}/moh")


def dial(command: DialPhone | DialNumber, app: str) -> RestRequest:
    """A new leg that enters the application as DIALLED when it is answered."""
    if isinstance(command, DialPhone):
        endpoint, name = f"PJSIP/{_name(command.phone)}", _display_name(command.caller_name)
        formats = {"formats": "slin16"} if command.wideband else {}  # else Asterisk prefers 8 kHz codecs
    else:
        if not NUMBER.fullmatch(command.number):
            raise ImpossibleCommand("DialNumber: the number has characters that cannot be dialled")
        endpoint, name, formats = f"PJSIP/{command.number}@{_name(command.trunk)}", "", {}
    variables = {LEG_VARIABLE: packed(command.variables), "PJSIP_TRANSFER_HANDLING()": "ari-only"}
    if isinstance(command, DialNumber):
        variables |= {f"PJSIP_HEADER(add,{name})": value for name, value in _headers(command.headers)}
    query = {
        "endpoint": endpoint,
        "app": app,
        "appArgs": DIALLED,
        "channelId": _id(command.leg_id),
        "callerId": f'"{name}" <{_caller_number(command.caller)}>',
        "timeout": str(command.ring_timeout_sec),
        **formats,
    }
    return RestRequest("POST", "/channels", query, {"variables": variables})


def connect(command: Connect) -> list[RestRequest]:
    """Make the bridge (409 when it exists) and move the legs into it.

    `proxy_media` keeps the audio inside Asterisk, where it can be recorded.
    """
    bridge = f"/bridges/{_id(command.bridge_id)}"
    legs = ",".join(_id(leg_id) for leg_id in command.leg_ids)
    return [
        RestRequest("POST", bridge, {"type": "mixing,proxy_media"}),
        RestRequest("POST", f"{bridge}/addChannel", {"channel": legs}),
    ]


def separate(command: Separate) -> RestRequest:
    """Take one leg out."""
    path = f"/bridges/{_id(command.bridge_id)}/removeChannel"
    return RestRequest("POST", path, {"channel": _id(command.leg_id)})


def destroy_bridge(command: DestroyBridge) -> RestRequest:
    """Remove the bridge."""
    return RestRequest("DELETE", f"/bridges/{_id(command.bridge_id)}")


def hang_up(command: HangUp) -> RestRequest:
    """End the leg."""
    return RestRequest("DELETE", f"/channels/{_id(command.leg_id)}", {"reason": _REASONS[command.cause]})


def send_digits(command: SendDigits) -> RestRequest:
    """Keys of 100 ms, 60 ms apart: what comes after them for this leg waits for them."""
    if not DIGITS.fullmatch(command.digits):
        raise ImpossibleCommand("SendDigits: there are no such keys")
    query = {"dtmf": command.digits, "duration": "100", "between": "60"}
    return RestRequest("POST", f"/channels/{_id(command.leg_id)}/dtmf", query)


def answer_transfer(command: AnswerTransfer) -> RestRequest:
    """Tell the phone that its REFER was carried out, so that it ends its own call, or that it was not."""
    state = "channel_answered" if command.done else "channel_declined"
    return RestRequest("POST", f"/channels/{_id(command.leg_id)}/transfer_progress", {"states": state})


def event_filter(app: str, kinds: Collection[str]) -> RestRequest:
    """Of the application's events these only; the answers to requests of a websocket come in any case."""
    # The filter swallows those, too, unless they are named.
    allowed = [{"type": kind} for kind in (*kinds, "RESTResponse")]
    return RestRequest("PUT", f"/applications/{app}/eventFilter", body={"allowed": allowed})


def media_uri(item: str) -> str:
    """Asterisk's name for a piece of media: files are named without their suffix, which it chooses by itself.

    Raises:
        ImpossibleCommand: neither an absolute path nor a known scheme.
    """
    if item.startswith(_MEDIA_SCHEMES):
        return item
    path = PurePosixPath(item)
    if not path.is_absolute() or any(ord(char) < 32 for char in item):
        raise ImpossibleCommand("Play: media must be absolute file names")
    return f"sound:{path.with_suffix('') if path.suffix in _AUDIO_SUFFIXES else path}"


def packed(variables: Mapping[str, str]) -> str:
    """The variables as the text of LEG_VARIABLE.

    Raises:
        ImpossibleCommand: together they are longer than a line of the manager interface can be.
    """
    text = orjson.dumps(dict(variables))
    if len(text) > MAX_VARIABLES:
        raise ImpossibleCommand(f"the variables of one leg are longer than {MAX_VARIABLES} bytes")
    return text.decode()


def _headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise ImpossibleCommand("DialNumber: a header that cannot be sent")
        yield name, value


def _id(value: str) -> str:
    if not ID.fullmatch(value):
        raise ImpossibleCommand("an id holds characters that cannot stand in a path, or is empty")
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ImpossibleCommand("the name of a phone or trunk holds characters that no such name has")
    return value


def _caller_number(number: str) -> str:
    return _NO_NUMBER.sub("", number)[:64]


def _display_name(name: str) -> str:
    return _NO_NAME.sub("", name)[:64]
