"""ARI's JSON becomes SwitchEvents: a pure function, and the place where Asterisk's words stop.

Unknown events and fields are ignored; a known event that lacks what it must have is a DecodeError.
Source: rest-api/api-docs/events.json of Asterisk 22, and the recorded events in tests/recorded.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from callcenter.adapters.asterisk.caller_identity import original_caller
from callcenter.adapters.asterisk.dialplan import LEG_VARIABLE
from callcenter.domain.switch import (
    CallerArrived,
    DigitPressed,
    HoldChanged,
    LegAnswered,
    LegEndCause,
    LegEnded,
    PhoneDialled,
    PlaybackEnded,
    SwitchEvent,
    TransferAsked,
)

TRUNK, PHONE, DIALLED = "trunk", "phone", "dialled"
"""The first Stasis argument: how the leg came to be."""

Json = Mapping[str, Any]

_WIDEBAND = re.compile(
    r"\b(g722|opus|slin(?:16|24|32|44|48|96|192)|silk(?:16|24)|siren(?:7|14)|speex(?:16|32))\b"
)

_CAUSES = {
    **dict.fromkeys((0, 16, 26, 31), LegEndCause.NORMAL),
    17: LegEndCause.BUSY,
    21: LegEndCause.DECLINED,
    **dict.fromkeys((18, 19), LegEndCause.NO_ANSWER),
    **dict.fromkeys((1, 2, 3, 20, 22, 27, 28), LegEndCause.UNREACHABLE),
    **dict.fromkeys((34, 38, 41, 42, 43), LegEndCause.CONGESTION),
    # Asterisk's own use of 44: no RTP for rtp_timeout seconds.
    44: LegEndCause.MEDIA_LOST,
}
"""ITU-T Q.850 cause values."""


@dataclass(frozen=True, slots=True)
class LegEnding:
    """The leg will end, and this is why: its end itself (StasisEnd) does not say."""

    leg_id: str
    cause: LegEndCause


class DecodeError(ValueError):
    """A known event without a field that it must have; the message holds names of fields, never values."""


def decode(event: Json) -> SwitchEvent | LegEnding | None:
    """The SwitchEvent that an ARI event means, or None when it means nothing to us.

    A leg that came to us ends with StasisEnd (it is not told of its ChannelDestroyed), one that we dialled
    with ChannelDestroyed (it may never have been in Stasis).

    Raises:
        DecodeError: a known event lacks a mandatory field.
    """
    kind = event.get("type")
    decoder = _DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        return None
    try:
        return decoder(event)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        what = error.args[0] if isinstance(error, KeyError) else type(error).__name__
        raise DecodeError(f"{kind}: missing or malformed field {what}") from None


def instant(timestamp: str) -> int:
    """ARI's time stamp ("2026-11-21T09:58:07.123+0000") as milliseconds since the Unix epoch."""
    if len(timestamp) == 28 and timestamp[19] == ".":
        return _second(timestamp[:19] + timestamp[23:]) * 1000 + int(timestamp[20:23])
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)


@lru_cache(maxsize=16)
def _second(timestamp: str) -> int:
    """Many events come within each."""
    return round(datetime.fromisoformat(timestamp).timestamp())


def arrival(channel: Json, trunk: str, did: str, at: int) -> CallerArrived:
    """The arrival that a caller's channel tells of, from its variables; also long after it arrived."""
    variables: Mapping[str, str] = channel.get("channelvars") or {}
    shown = channel["caller"]["number"]
    return CallerArrived(
        at=at,
        leg_id=channel["id"],
        trunk=trunk,
        did=did,
        caller=shown,
        caller_name=channel["caller"].get("name") or "",
        original_caller=original_caller(
            shown,
            asserted=variables.get("CC_PAI", ""),
            diversion=variables.get("CC_DIVERSION", ""),
            history=variables.get("CC_HISTORY", ""),
        ),
        wideband=_WIDEBAND.search(variables.get("CC_FORMATS", "")) is not None,
    )


def leg_variables(channel: Json) -> dict[str, str] | None:
    """The variables that we keep with a leg, or None when we never set any."""
    text = (channel.get("channelvars") or {}).get(LEG_VARIABLE)
    if not text:
        return None
    try:
        kept = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}


def end_cause(code: int) -> LegEndCause:
    """Fold a Q.850 cause."""
    return _CAUSES.get(code, LegEndCause.FAILED)


def _stasis_start(event: Json) -> SwitchEvent | None:
    channel, args, at = event["channel"], event["args"], instant(event["timestamp"])
    match args:
        case [str(how), str(trunk), str(did), *_] if how == TRUNK:
            return arrival(channel, trunk, did, at)
        case [str(how), str(phone), str(number), *_] if how == PHONE:
            return PhoneDialled(at, channel["id"], phone, number)
        case [str(how), *_] if how == DIALLED:
            return LegAnswered(at, channel["id"])
        case _:
            return None


def _destroyed(event: Json) -> SwitchEvent:
    return LegEnded(instant(event["timestamp"]), event["channel"]["id"], end_cause(event["cause"]))


def _hangup_request(event: Json) -> LegEnding | None:
    """A soft hang-up by the device (1) is how lost RTP ends a call; see rtp_check_timeout in Asterisk."""
    if not event.get("soft") or event.get("cause") != 1:
        return None
    return LegEnding(event["channel"]["id"], LegEndCause.MEDIA_LOST)


def _stasis_end(event: Json) -> SwitchEvent | None:
    channel = event["channel"]
    _, how, *_ = (channel["dialplan"].get("app_data") or ",").split(",")
    if how not in (TRUNK, PHONE):
        return None
    return LegEnded(instant(event["timestamp"]), channel["id"], LegEndCause.NORMAL)


def _digit(event: Json) -> SwitchEvent:
    return DigitPressed(instant(event["timestamp"]), event["channel"]["id"], event["digit"])


def _playback_finished(event: Json) -> SwitchEvent | None:
    playback = event["playback"]
    target: str = playback["target_uri"]
    if not target.startswith("channel:"):
        return None
    at = instant(event["timestamp"])
    return PlaybackEnded(at, target.removeprefix("channel:"), playback["id"], playback["state"] == "failed")


def _held(event: Json) -> SwitchEvent:
    return HoldChanged(instant(event["timestamp"]), event["channel"]["id"], held=True)


def _unheld(event: Json) -> SwitchEvent:
    return HoldChanged(instant(event["timestamp"]), event["channel"]["id"], held=False)


def _transfer(event: Json) -> SwitchEvent | None:
    if event.get("state"):  # the echo of the progress that we report ourselves
        return None
    target = event["refer_to"]["requested_destination"]["destination"]
    return TransferAsked(instant(event["timestamp"]), event["referred_by"]["source_channel"]["id"], target)


_DECODERS: dict[str, Callable[[Json], SwitchEvent | LegEnding | None]] = {
    "StasisStart": _stasis_start,
    "StasisEnd": _stasis_end,
    "ChannelHangupRequest": _hangup_request,
    "ChannelDestroyed": _destroyed,
    "ChannelDtmfReceived": _digit,
    "PlaybackFinished": _playback_finished,
    "ChannelHold": _held,
    "ChannelUnhold": _unheld,
    "ChannelTransfer": _transfer,
}

KNOWN_EVENTS = tuple(_DECODERS)
"""The only events that Asterisk is allowed to send."""

PASSING_EVENTS = ("ChannelDtmfReceived", "ChannelHold", "ChannelUnhold", "ChannelTransfer")
"""Those of them that no later look at the switch can make up for: what people have done with their phones."""
