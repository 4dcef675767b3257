"""What a command that was not carried out is answered with, by the switch and by its twin alike."""

from callcenter.domain.listening import ListeningFailed, StartListening
from callcenter.domain.overhearing import OverhearingFailed, StartOverhearing
from callcenter.domain.switch import (
    CommandFailed,
    DialNumber,
    DialPhone,
    LegEndCause,
    LegEnded,
    Play,
    PlaybackEnded,
    RecordingFailed,
    StartRecording,
    SwitchCommand,
    SwitchEvent,
)


def refusal(command: SwitchCommand, at: int, reason: str, *, leg_exists: bool) -> SwitchEvent:
    """The event that follows the command in the place of what it would have brought about; ``leg_exists``:
    there is a leg with the id that is dialled."""
    match command:
        case DialPhone() | DialNumber() if not leg_exists:
            return LegEnded(at, command.leg_id, LegEndCause.FAILED)
        case Play():
            return PlaybackEnded(at, command.leg_id, command.playback_id, failed=True)
        case StartRecording():
            return RecordingFailed(at, command.leg_id, command.recording_id, reason)
        case StartListening():
            return ListeningFailed(at, command.leg_id, command.listening_id, reason)
        case StartOverhearing():
            return OverhearingFailed(at, command.by_leg_id, command.overhearing_id, reason)
        case _:
            return CommandFailed(at, command, reason)
