"""DomainEvents about what callers say of the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SurveyOffered:
    """The caller is asked how it was, once a call. ``agent_ids`` are those who talked with the caller by
    then, in order, ``queue`` the last one that the call was in (empty: none)."""

    at: int
    call_id: str
    flow: str
    node: str
    queue: str
    agent_ids: list[str]


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """The caller's score in one question. ``counts``: it is the survey's first, of which the figures are made
    (and which says that the caller took part). ``checkpoint`` is what a restarted controller resumes from."""

    at: int
    call_id: str
    question: str
    score: int
    satisfied: bool
    counts: bool
    checkpoint: dict[str, Any] = field(default_factory=dict)
