"""Nodes that speak with the caller."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from ivr_flows.digits import CHECKS, MAX_DIGITS, DigitCheck, parse_check
from ivr_flows.model.parts import Confidence, Digit, Language, Name, Part, SayTexts, Spoken, Texts, Way

Keys = Annotated[int, Field(ge=1, le=MAX_DIGITS)]
Retries = Annotated[int, Field(ge=0, le=5)]
TimeoutSec = Annotated[int, Field(ge=1, le=60)]
PauseSec = Annotated[float, Field(ge=0.3, le=3)]


class PlayNode(Part):
    """Says something, then goes on."""

    play: Texts
    next: Name
    speak_in: Language | None = None
    """Says the text of this language to every caller, whatever language was chosen."""
    barge_in: bool = True
    """Any key skips the rest, and counts for the menu that follows. Without, keys are not heard."""
    human: bool = True
    """Whether the human key works here."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class MenuNode(Part):
    """Offers choices by key, and by word where ``speech`` says so. After ``retries`` repeats the caller goes
    on by ``no_input`` or ``no_match``. Keys work whatever becomes of the recognition of speech."""

    menu: Texts
    digits: Annotated[Mapping[Digit, Name], Field(min_length=1)]
    no_input: Name
    no_match: Name
    retries: Retries = 2
    timeout_sec: TimeoutSec = 5
    barge_in: bool = True
    """A key or a saying during the words stops them and counts. Without, neither is heard until their end."""
    human: bool = True
    """Whether the human key works here."""
    speech: Mapping[Digit, Spoken] = {}
    """What may be said instead of a key, the human key too: ``{1: {zh: [咨询, 政策]}}``."""
    min_confidence: Confidence = 0.5
    """What was recognised less surely than this is taken for a wrong choice."""
    pause_sec: PauseSec = 0.6
    """Who is silent for so long has finished speaking."""

    @property
    def asks(self) -> Texts:
        """The question."""
        return self.menu

    @property
    def keys(self) -> Mapping[str, str]:
        """Where keys lead."""
        return self.digits

    def spoken(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """What may be said in this language, by key."""
        return {key: spoken.get(language, ()) for key, spoken in self.speech.items()}

    def phrases(self, language: str) -> tuple[str, ...]:
        """What to listen for; empty: nothing."""
        return tuple(phrase for phrases in self.spoken(language).values() for phrase in phrases)

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (
            *(
                Way(digit, target, ("digits", digit), by_a_person=True)
                for digit, target in self.digits.items()
            ),
            Way("no_input", self.no_input, ("no_input",)),
            Way("no_match", self.no_match, ("no_match",), by_a_person=True),
        )


class SayNode(Part):
    """Says a text in which variables stand, then goes on."""

    say: SayTexts
    next: Name
    barge_in: bool = True
    """Any key skips the rest, and counts for the menu that follows. Without, keys are not heard."""
    human: bool = True
    """Whether the human key works here."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class Length(Part):
    """How many digits an entry may have."""

    min: Keys
    max: Keys

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("'min' is greater than 'max'")
        return self


CONFIRM_KEY: Final = "1"
"""Says that the digits read back are right; every other key enters them anew."""

Check = Annotated[
    DigitCheck,
    PlainValidator(parse_check),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(CHECKS)},
                {"type": "string", "pattern": rf"^[0-9#?]{{1,{MAX_DIGITS}}}\*?$"},
                {
                    "type": "object",
                    "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}},
                    "required": ["min", "max"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _terminator(written: str) -> str:
    if written.isdecimal():
        raise ValueError("the key that ends the digits cannot be a digit itself: use '#' or '*'")
    return written


class CollectNode(Part):
    """Collects digits from the caller into a variable.

    The entry ends with the terminator, with its last possible digit, or when no further digit comes. After
    ``retries`` repeats the caller goes on by ``no_input`` or ``no_match``. The human key is a digit too: it
    leads to a human when it is all that was entered.
    """

    collect: Texts
    digits: Keys | Length
    into: Name
    """The variable that takes the digits, as a text."""
    next: Name
    no_input: Name
    no_match: Name
    """Where to go when the digits are wrong after all retries."""
    terminator: Annotated[Digit, AfterValidator(_terminator)] = "#"
    check: Check | None = None
    """What the digits must be: luhn, phone_cn, id_card_cn, a mask such as '20######', or {min: 1, max:
    500}."""
    echo: bool = False
    """Reads the digits back (``hints.echo``) and asks to confirm them."""
    sensitive: bool = False
    """The digits are nobody's business: they are never shown, said or kept in the clear."""
    retries: Retries = 2
    timeout_sec: TimeoutSec = 5
    """How long to wait for the first digit, and for each further one."""
    barge_in: bool = True
    """A key during the words stops them and counts. Without, keys during the words are not heard."""
    human: bool = True
    """Whether the human key works here."""

    @cached_property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most digits."""
        return (self.digits.min, self.digits.max) if isinstance(self.digits, Length) else (self.digits,) * 2

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (
            Way("next", self.next, ("next",), by_a_person=True),
            Way("no_input", self.no_input, ("no_input",)),
            Way("no_match", self.no_match, ("no_match",), by_a_person=True),
        )


class WaitNode(Part):
    """Lets time pass, in silence or with words first and music after; the human key is heard."""

    wait: Annotated[int, Field(ge=1, le=600, description="Seconds, words included.")]
    next: Name
    prompt: Texts | None = None
    music: bool = False
    human: bool = True
    """Whether the human key works here."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)
