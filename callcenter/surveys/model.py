"""Surveys: what a caller answered, whom it concerns, and the figures made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One score. ``counts``: in the survey's first question, of which the figures are made."""

    question: str
    score: int
    satisfied: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """One call whose caller was asked how it was, at ``offered_at`` (ms since the epoch, UTC). ``agent_ids``
    are those who had talked with the caller, in order; ``queue`` is empty for a call that was in none."""

    call_id: str
    offered_at: int
    queue: str
    agent_ids: tuple[str, ...]
    ticket_id: str | None
    answers: tuple[Answer, ...]

    @property
    def rating(self) -> Answer | None:
        """The answer that counts; None: the caller did not take part."""
        return next((answer for answer in self.answers if answer.counts), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which surveys: offered from ``from_at`` on and before ``to_at``, of a queue's or an agent's calls."""

    from_at: int
    to_at: int
    queue: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Callers invited to rate, those who did, and those of them who are satisfied."""

    invited: int
    rated: int
    satisfied: int

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: satisfied / rated; None while nobody has rated."""
        return self.satisfied / self.rated if self.rated else None

    @property
    def participation_rate(self) -> float | None:
        """参评率: rated / invited; None while nobody was invited."""
        return self.rated / self.invited if self.invited else None


def summary_of(results: Iterable[SurveyResult]) -> Summary:
    """The figures of these."""
    ratings = [result.rating for result in results]
    rated = [rating for rating in ratings if rating is not None]
    return Summary(len(ratings), len(rated), sum(rating.satisfied for rating in rated))
