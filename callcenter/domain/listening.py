"""The part of the switch's language that is about legs that are listened to while they speak."""

from __future__ import annotations

from dataclasses import dataclass


def listening_to(talk_id: str, side: str) -> str:
    """The id of the listening that hears this side of a talk."""
    return f"{talk_id}.{side}"


@dataclass(frozen=True, slots=True)
class StartListening:
    """Hand on what the leg says, while it is said, as the audio of this listening: mono, signed 16 bit,
    16 kHz (of a narrowband leg too), until StopListening, ListeningFailed or the end of the leg. What the
    leg hears is not touched. A listening does not outlive the controller that began it."""

    leg_id: str
    listening_id: str


@dataclass(frozen=True, slots=True)
class StopListening:
    """Hand on no more; a listening that is over already is fine."""

    leg_id: str
    listening_id: str


@dataclass(frozen=True, slots=True)
class ListeningFailed:
    """The listening could not be started or has broken off; ``reason`` is for people. One that ended with its
    leg is no failure and is not reported."""

    at: int
    leg_id: str
    listening_id: str
    reason: str
