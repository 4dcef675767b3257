"""DomainEvents about parties outside the centre to whom callers are handed on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutsideDialled:
    """The caller is being transferred to an outside number over this leg. ``by_flow``: by a node of the flow,
    which goes on when the outside party has gone or never came; ``record``: what is spoken is recorded."""

    at: int
    call_id: str
    leg_id: str
    by_flow: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class OutsideAnswered:
    """The outside party picked up: they talk."""

    at: int
    call_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class OutsideEnded:
    """The outside party has gone, never came, or was let go: the flow goes on."""

    at: int
    call_id: str
    leg_id: str
