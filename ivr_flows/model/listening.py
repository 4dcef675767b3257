"""The node that listens: callers say in their own words what they want."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from ivr_flows.model.parts import Confidence, Digit, Name, Part, Spoken, Texts, Way
from ivr_flows.model.speaking import PauseSec, Retries, TimeoutSec


class Choice(Part):
    """What may be said, and where it leads. A question back names it by its first words."""

    words: Spoken
    next: Name
    key: Digit | None = None
    """The key that may be pressed instead."""


class ListenNode(Part):
    """Asks, and listens to the answer. It goes the way of the choice that was said; with ``into`` whatever
    else was said goes on by ``next``. After ``retries`` repeats the caller goes on by ``no_input`` or
    ``no_match``, and by ``unavailable`` at once where speech cannot be recognised."""

    listen: Texts
    choices: Annotated[Mapping[Name, Choice], Field(max_length=60)] = {}
    into: Name | None = None
    """The variable that takes what was said, as a text. It is personal: never shown, said or kept in the
    clear."""
    next: Name | None = None
    """Where to go with it when it is none of the choices."""
    no_input: Name
    no_match: Name
    unavailable: Name
    """Where to go when nobody can recognise speech now."""
    retries: Retries = 1
    timeout_sec: TimeoutSec = 6
    max_sec: Annotated[int, Field(ge=2, le=120)] = 20
    """How long a caller may speak."""
    pause_sec: PauseSec = 0.8
    """Who is silent for so long has finished speaking."""
    min_confidence: Confidence = 0.5
    """What was recognised less surely than this was not understood."""
    confirm_below: Confidence = 0.0
    """A choice recognised less surely than this is asked back (``hints.confirm``)."""
    barge_in: bool = True
    """A key or a saying during the words stops them and counts. Without, neither is heard until their end."""
    human: bool = True
    """Whether the human key works here."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.into is None) != (self.next is None):
            raise ValueError(
                "'into' takes what was said and 'next' says where it leads: give both, or neither"
            )
        if not self.choices and self.into is None:
            raise ValueError("there is nothing to listen for: add 'choices', or 'into' and 'next'")
        return self

    @property
    def asks(self) -> Texts:
        """The question."""
        return self.listen

    @property
    def keys(self) -> Mapping[str, str]:
        """Where keys lead."""
        return {choice.key: choice.next for choice in self.choices.values() if choice.key}

    def spoken(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """What may be said in this language, by choice."""
        return {name: choice.words.get(language, ()) for name, choice in self.choices.items()}

    def phrases(self, language: str) -> tuple[str, ...]:
        """What to listen for; empty: anything, because what was said is kept whole."""
        heard = [phrase for phrases in self.spoken(language).values() for phrase in phrases]
        return () if self.into else tuple(heard)

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        onward = (Way("next", self.next, ("next",), by_a_person=True),) if self.next else ()
        return (
            *(
                Way(name, choice.next, ("choices", name, "next"), by_a_person=True)
                for name, choice in self.choices.items()
            ),
            *onward,
            Way("no_input", self.no_input, ("no_input",)),
            Way("no_match", self.no_match, ("no_match",), by_a_person=True),
            Way("unavailable", self.unavailable, ("unavailable",)),
        )
