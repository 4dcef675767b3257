"""The language between the controller and the telephone switch, free of the switch's own words.

SwitchEvent is what the switch tells; SwitchCommand is what it is asked. Leg, bridge, playback and recording
ids are ours and deterministic, so that a restarted controller recognises what it meets. Instants are ``int``
milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.domain.listening import ListeningFailed, StartListening, StopListening
from callcenter.domain.overhearing import OverhearingCommand, OverhearingFailed
from callcenter.domain.phone_commands import AnswerTransfer, SendDigits


class LegRole(StrEnum):
    """What a Leg is in its Call."""

    CALLER = "caller"
    AGENT = "agent"
    CONSULTED = "consulted"
    MONITOR = "monitor"


class LegEndCause(StrEnum):
    """Why a Leg ended, in the words of ITU-T Q.850 folded to what routing must tell apart."""

    NORMAL = "normal"
    BUSY = "busy"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    CONGESTION = "congestion"
    MEDIA_LOST = "media_lost"
    FAILED = "failed"


# --- what the switch tells ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerArrived:
    """A caller came in over a trunk, is answered and hears music until told otherwise.

    ``caller`` is the number shown; ``original_caller`` is whom a forwarding named first (P-Asserted-Identity,
    Diversion, History-Info), or None. ``wideband`` says that the leg carries 16 kHz audio.
    """

    at: int
    leg_id: str
    trunk: str
    did: str
    caller: str
    caller_name: str = ""
    original_caller: str | None = None
    wideband: bool = False


@dataclass(frozen=True, slots=True)
class PhoneDialled:
    """An agent's phone dialled a number by itself; the leg is answered already."""

    at: int
    leg_id: str
    phone: str
    number: str


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """A leg that we dialled was picked up and waits for what we do with it."""

    at: int
    leg_id: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The leg is gone (or could not be dialled at all); nothing more comes from it."""

    at: int
    leg_id: str
    cause: LegEndCause


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A digit 0-9, *, # or A-D was pressed on this leg. Personal data: never log it."""

    at: int
    leg_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """All media of the playback were heard, or it was stopped, or it failed (a missing file)."""

    at: int
    leg_id: str
    playback_id: str
    failed: bool


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The phone itself put its party on hold or took it back."""

    at: int
    leg_id: str
    held: bool


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """The phone itself asked (SIP REFER) for its party to be sent to ``target``: the user part of a SIP URI.
    It waits for AnswerTransfer."""

    at: int
    leg_id: str
    target: str


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The recording runs."""

    at: int
    leg_id: str
    recording_id: str


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """The recording could not be started; ``reason`` is for people."""

    at: int
    leg_id: str
    recording_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PhoneReachabilityChanged:
    """A registered phone appeared, vanished or stopped answering the switch's qualify requests."""

    at: int
    phone: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """The switch refused a command; ``reason`` is for people. A leg that has meanwhile gone is no failure
    and is not reported."""

    at: int
    command: SwitchCommand
    reason: str


@dataclass(frozen=True, slots=True)
class LegFact:
    """A leg that exists now. ``variables`` are those that we set on it; ``arrival`` is given for a caller's
    leg that came in over a trunk (whether or not we ever heard of it)."""

    leg_id: str
    answered: bool
    variables: Mapping[str, str]
    arrival: CallerArrived | None = None


@dataclass(frozen=True, slots=True)
class BridgeFact:
    """A bridge that exists now, with the legs in it."""

    bridge_id: str
    leg_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SwitchConnected:
    """The control connection is up; ``legs`` and ``bridges`` are all that exist, read after it came up.

    ``restarted`` is true when the switch process itself is a new one: whatever it carried before is gone.
    """

    at: int
    legs: tuple[LegFact, ...]
    bridges: tuple[BridgeFact, ...]
    reachable_phones: frozenset[str]
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class SwitchLost:
    """The control connection is down; calls go on in the switch until it is back."""

    at: int


SwitchEvent = (
    CallerArrived
    | PhoneDialled
    | LegAnswered
    | LegEnded
    | DigitPressed
    | PlaybackEnded
    | HoldChanged
    | TransferAsked
    | RecordingStarted
    | RecordingFailed
    | ListeningFailed
    | OverhearingFailed
    | PhoneReachabilityChanged
    | CommandFailed
    | SwitchConnected
    | SwitchLost
)

# --- what the switch is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Play the media one after the other on the leg; music on it stops. PlaybackEnded follows, always:
    the adapter itself ends it as failed if the switch stays silent past ``timeout_ms``.

    A medium is ``sound:`` and an absolute file name without its suffix, or ``digits:``, ``number:``,
    ``tone:``. Playbacks on one leg queue; music asked for meanwhile begins after them.
    """

    leg_id: str
    playback_id: str
    media: tuple[str, ...]
    timeout_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Stop the playback now (barge-in); PlaybackEnded follows."""

    leg_id: str
    playback_id: str


@dataclass(frozen=True, slots=True)
class StartMusic:
    """Music on hold on this leg until StopMusic, Play or Connect."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class StopMusic:
    """End the music on this leg."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class DialPhone:
    """Ring a registered phone as a new leg with this id. LegAnswered or LegEnded follows.

    ``variables`` are set on the new channel before it rings. The switch itself gives up after
    ``ring_timeout_sec`` (a safety net behind the Router's own deadline). ``wideband`` asks the phone for
    16 kHz audio first: for a wideband caller, who is recorded and recognised better so.
    """

    leg_id: str
    call_id: str
    phone: str
    caller: str
    caller_name: str
    ring_timeout_sec: int
    variables: Mapping[str, str] = field(default_factory=dict)
    wideband: bool = False


@dataclass(frozen=True, slots=True)
class DialNumber:
    """Ring an outside number over a trunk as a new leg with this id; otherwise as DialPhone. ``headers`` are
    told to the other side with the call: names of letters, digits and ``-``, values of printable ASCII."""

    leg_id: str
    call_id: str
    trunk: str
    number: str
    caller: str
    ring_timeout_sec: int
    variables: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connect:
    """Bring the legs together in the bridge (made when it does not exist). Music and playbacks on them end;
    PlaybackEnded follows for the latter."""

    bridge_id: str
    leg_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Separate:
    """Take the leg out of the bridge; it stays up and silent."""

    bridge_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class DestroyBridge:
    """Remove the bridge; legs still in it stay up."""

    bridge_id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the leg; LegEnded follows. A leg that is already gone is fine."""

    leg_id: str
    cause: LegEndCause = LegEndCause.NORMAL


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Keep these values with the leg, readable by whoever finds it after a restart: together at most 900
    bytes a leg, else CommandFailed."""

    leg_id: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record what the leg says and what it hears as two synchronous mono files.

    They are ``<path_stem>-said`` and ``<path_stem>-heard`` with the extension ``.wav16`` (16 kHz) when
    ``wideband`` and ``.wav`` (8 kHz) otherwise: RIFF WAVE, mono, signed 16 bit. What they hold already stays
    in front: a later StartRecording of the same name goes on behind it. They are complete soon after the leg
    has ended or StopRecording was carried out. ``path_stem`` is absolute and free of the characters that mean
    something to a dialplan.
    """

    leg_id: str
    recording_id: str
    path_stem: str
    wideband: bool


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording; the files are complete soon after."""

    leg_id: str
    recording_id: str


SwitchCommand = (
    Play
    | StopPlay
    | StartMusic
    | StopMusic
    | DialPhone
    | DialNumber
    | Connect
    | Separate
    | DestroyBridge
    | HangUp
    | SendDigits
    | AnswerTransfer
    | SetVariables
    | StartRecording
    | StopRecording
    | StartListening
    | StopListening
    | OverhearingCommand
)
