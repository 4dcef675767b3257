"""The node that asks how it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from ivr_flows.model.parts import Digit, Name, Part, Texts, Way
from ivr_flows.model.speaking import Retries, TimeoutSec


class Question(Part):
    """One question; each key gives a score. Callers with the score ``satisfied`` or more are satisfied."""

    ask: Texts
    scores: Annotated[Mapping[Digit, Annotated[int, Field(ge=0, le=100)]], Field(min_length=2)]
    satisfied: Annotated[int, Field(ge=0, le=100)]

    @model_validator(mode="after")
    def _tells_them_apart(self) -> Self:
        if not min(self.scores.values()) < self.satisfied <= max(self.scores.values()):
            raise ValueError("'satisfied' must be one of the scores, and not the least: else all count alike")
        return self


class SurveyNode(Part):
    """Asks how it was. The first question is the one that counts in the figures; whoever answers it has taken
    part. One that is not answered after ``retries`` repeats ends the survey."""

    survey: Annotated[Mapping[Name, Question], Field(min_length=1, max_length=10)]
    """The questions by name, in their order."""
    next: Name
    no_answer: Name | None = None
    """Where to go when the first question was not answered; as ``next`` when not given."""
    retries: Retries = 1
    timeout_sec: TimeoutSec = 6
    barge_in: bool = True
    """A key during the words stops them and counts. Without, keys during the words are not heard."""
    human: bool = True
    """Whether the human key works here."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        unanswered = (Way("no_answer", self.no_answer, ("no_answer",)),) if self.no_answer else ()
        return (Way("next", self.next, ("next",), by_a_person=bool(unanswered)), *unanswered)
