"""DomainEvents about flows: which ones new callers take, what callers press and say, what flows do badly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FlowsPublished:
    """From now on new callers take the flows of version ``number`` (``flows``: the hash of each, by name),
    but for the share that takes the version ``staged`` (callcenter.domain.flow_stage.Stage; None: nobody).
    Calls in progress go on with what they began with. ``action`` is the entry of the publishing log up to
    which this is. It is stated at each change and, once anything was published, at each start."""

    at: int
    number: int
    flows: dict[str, str]
    action: int
    staged: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FlowsRefused:
    """What was published up to ``action`` cannot be run by the settings in force, or the flows do not fit
    the settings that were to come in force: everything stays as it was. ``mistakes`` are whole messages, each
    with its place."""

    at: int
    action: int
    mistakes: list[str]


@dataclass(frozen=True, slots=True)
class FlowStageWithdrawn:
    """The staged version ``number`` did worse than its guard allows: no new caller takes it any more.

    ``began`` names the stage (the entry of the publishing log that began it). ``guard`` is containment,
    abandonment or errors; the shares are 0.0 to 1.0 of so many ``calls``, ``worse_by`` their difference,
    ``allowed`` what the guard allowed and ``by_chance`` what chance alone may do among so few."""

    at: int
    number: int
    began: int
    guard: str
    staged_share: float
    staged_calls: int
    in_force_share: float
    in_force_calls: int
    worse_by: float
    allowed: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class PromptRecorded:
    """A person has recorded the prompt with this number by telephone, in this call: callers hear it from now
    on."""

    at: int
    call_id: str
    number: str


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """The caller could not be played what this node says: the audio was missing or broken."""

    at: int
    call_id: str
    flow: str
    node: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key in the flow. ``digit`` is personal data, masked in every output; it is ``?``
    where the caller was asked for a number and not for a choice, so that such numbers are never journaled."""

    at: int
    call_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class ChoiceSpoken:
    """The caller said, instead of pressing it, this key of a menu. ``confidence`` is 0.0 to 1.0; the words
    themselves are kept nowhere."""

    at: int
    call_id: str
    choice: str
    confidence: float
