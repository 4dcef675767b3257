"""What a phone worker is told and what it reports, over its stdin and stdout (`lines` is how it is written).

Every command carries a `ref`; the worker answers each one with exactly one `CommandDone` or `CommandRefused`
of that ref. Everything else it says is an event about the account or about one call, named by `call_ref`:
the parent names the calls it places, the worker names the calls that come in.
Order is kept in both directions. `at` is the instant of the event, milliseconds since the Unix epoch UTC.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AnswerAction(StrEnum):
    """What a phone does by itself with a call that comes in."""

    MANUAL = "manual"
    """Ring, report the call and wait for Answer or Decline (or for ever: the agent who never answers)."""
    ANSWER = "answer"
    DECLINE = "decline"


class EndedBy(StrEnum):
    """Who ended a call, as this phone saw it."""

    LOCAL = "local"
    REMOTE = "remote"
    WORKER = "worker"
    """The phone's own process died."""


class MediaState(StrEnum):
    """Whether audio flows on a call."""

    ACTIVE = "active"
    LOCAL_HOLD = "local_hold"
    REMOTE_HOLD = "remote_hold"
    NONE = "none"


class Refusal(StrEnum):
    """Why a worker did not do what it was told."""

    UNSUPPORTED = "unsupported"
    """This kind of phone cannot do it at all."""
    TOO_MANY_CALLS = "too_many_calls"
    UNKNOWN_CALL = "unknown_call"
    WRONG_STATE = "wrong_state"
    BAD_ARGUMENT = "bad_argument"
    LIBRARY_ERROR = "library_error"


@dataclass(frozen=True, slots=True)
class AnswerPolicy:
    """How a registered phone treats incoming calls: `action`, `after_ms` from the INVITE on.

    `code` is the SIP status of a decline (486 Busy Here, 603 Decline ...).
    """

    action: AnswerAction = AnswerAction.MANUAL
    after_ms: int = 0
    code: int = 486


# Commands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Register:
    """Register `user` at `registrar` ("host:port"). Reported later by Registered or RegistrationFailed."""

    user: str
    password: str
    registrar: str


@dataclass(frozen=True, slots=True)
class SetAnswerPolicy:
    """From now on treat incoming calls like this."""

    action: AnswerAction
    after_ms: int
    code: int


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Call `uri`.

    `caller` is the user part of the From address; empty: the registered user. `headers` are added to the
    INVITE. `codecs` (of "PCMU", "PCMA", "G722", best first) are offered; empty: all that the phone has.
    `record` is as in Record; empty: nothing is recorded.
    """

    call_ref: str
    uri: str
    caller: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    codecs: tuple[str, ...] = ()
    record: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Pick up a ringing incoming call."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Refuse a ringing incoming call with the SIP status `code` (400-699)."""

    call_ref: str
    code: int


@dataclass(frozen=True, slots=True)
class SendDtmf:
    """Send `digits` (0-9 * # A-D) one after the other as RFC 4733 telephone events."""

    call_ref: str
    digits: str


@dataclass(frozen=True, slots=True)
class Play:
    """Send the audio of a WAV file (mono, 16 bit) to the other party, in place of what was playing.

    Ends with exactly one PlayDone of this command's ref.
    """

    call_ref: str
    path: str
    loop: bool = False


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Send silence from now on."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class Record:
    """Write what this phone hears on the call to a WAV file; the file is complete when the call has ended."""

    call_ref: str
    path: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the other party on hold (re-INVITE with sendonly)."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class Unhold:
    """Take the other party back."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Blind transfer: REFER the other party to the SIP URI `target`.

    TransferProgress tells the outcome; once it succeeded the phone hangs up by itself.
    """

    call_ref: str
    target: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call in whatever state it is: CANCEL, a 603 or BYE."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Hang up everything, unregister, and leave within a second."""


CallCommand = Answer | Decline | SendDtmf | Play | StopPlaying | Record | Hold | Unhold | Transfer | HangUp
"""What is said about a call that exists."""

Command = Register | SetAnswerPolicy | PlaceCall | CallCommand | Quit

# Events -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker listens for SIP on `sip_port`. Always the first line."""

    at: int
    sip_port: int


@dataclass(frozen=True, slots=True)
class CommandDone:
    """The command was carried out, or its work has begun and will be reported by events."""

    at: int
    ref: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """The command had no effect; `text` says why, for a person."""

    at: int
    ref: int
    refusal: Refusal
    text: str


@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar accepted `user`."""

    at: int
    user: str


@dataclass(frozen=True, slots=True)
class RegistrationFailed:
    """The registrar refused `user`, or did not answer (sip_code 408)."""

    at: int
    user: str
    sip_code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call rings here. `headers` are those of the INVITE, names in lower case, first value of each."""

    at: int
    call_ref: str
    caller: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ringing:
    """The far end of a placed call reports 180 or 183."""

    at: int
    call_ref: str
    sip_code: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The call is answered and acknowledged; audio flows with `codec` at `sample_rate_hz`."""

    at: int
    call_ref: str
    codec: str
    sample_rate_hz: int


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """Audio started, was put on hold by one side, or came back."""

    at: int
    call_ref: str
    state: MediaState


@dataclass(frozen=True, slots=True)
class DtmfReceived:
    """The other party pressed one digit."""

    at: int
    call_ref: str
    digit: str


@dataclass(frozen=True, slots=True)
class PlayDone:
    """The Play command `ref` is over; `completed` is false if something cut it short."""

    at: int
    call_ref: str
    ref: int
    completed: bool


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """What the other side says about a Transfer: the SIP status of the transferred call so far."""

    at: int
    call_ref: str
    sip_code: int
    final: bool


@dataclass(frozen=True, slots=True)
class MediaStats:
    """RTP counters of a call, sent just before Disconnected if there was media."""

    at: int
    call_ref: str
    sent_packets: int
    received_packets: int
    lost_packets: int
    jitter_max_ms: float


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The call is over; always its last event. Its recording is complete. `sip_code` 200 means a BYE."""

    at: int
    call_ref: str
    sip_code: int
    reason: str
    by: EndedBy


@dataclass(frozen=True, slots=True)
class WorkerFault:
    """Something unexpected happened inside the worker; it goes on if it can."""

    at: int
    text: str


Event = (
    Ready
    | CommandDone
    | CommandRefused
    | Registered
    | RegistrationFailed
    | Incoming
    | Ringing
    | Confirmed
    | MediaChanged
    | DtmfReceived
    | PlayDone
    | TransferProgress
    | MediaStats
    | Disconnected
    | WorkerFault
)


def now_ms() -> int:
    """This instant in milliseconds since the Unix epoch UTC."""
    return time.time_ns() // 1_000_000
