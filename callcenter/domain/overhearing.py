"""Supervisors in a call, in the language between the controller and the telephone switch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SupervisionMode(StrEnum):
    """Who hears the supervisor, who hears all: nobody, the agent alone, everybody. TAKE_OVER: as soon as the
    supervisor's phone is picked up they become the agent of the call."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True)
class StartOverhearing:
    """Let the leg ``by_leg_id`` hear all that this one says and hears, and speak into it as ``mode`` says
    (any but TAKE_OVER). It goes on, whatever becomes of the leg's bridge, until StopOverhearing or the end of
    either leg. Music on ``by_leg_id`` ends; afterwards that leg stays up and silent. ``overhearing_id`` is
    new; a leg is overheard once at a time by the same one."""

    leg_id: str
    by_leg_id: str
    overhearing_id: str
    mode: SupervisionMode


@dataclass(frozen=True, slots=True)
class StopOverhearing:
    """End the overhearing, if it runs."""

    leg_id: str
    overhearing_id: str


@dataclass(frozen=True, slots=True)
class StartSilence:
    """Send silence to this leg, which stays where it is and hears nothing else until StopSilence, or until
    something is played to it: what a supervisor says to a leg is heard only along with something else. Begun
    again it goes on."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class StopSilence:
    """End the silence, if there is one. What plays on the leg ends as well. Afterwards the leg is in the
    bridge, which it may leave for a moment."""

    leg_id: str
    bridge_id: str


OverhearingCommand = StartOverhearing | StopOverhearing | StartSilence | StopSilence


@dataclass(frozen=True, slots=True)
class OverhearingFailed:
    """The overhearing did not come about; ``leg_id`` is that of who was to hear, ``reason`` is for people.
    A leg that has meanwhile gone is no failure and is not reported."""

    at: int
    leg_id: str
    overhearing_id: str
    reason: str
