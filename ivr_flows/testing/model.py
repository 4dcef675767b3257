"""The shape of ``flows/tests/*.yaml``: calls as people tell them, and what must come of each.

The classes are the YAML's shape too: ``cases.schema.json`` is made from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ivr_flows.calendars import Calendar
from ivr_flows.effects import QueueOutcome, TakeFault, TransferEnd
from ivr_flows.model import DIGITS, Confidence, Language, Name, Variable
from located_yaml import did_you_mean

_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})")
NEVER: Final = "never"
STAYS: Final = (*(outcome.value for outcome in QueueOutcome), NEVER)
"""How a stay in a queue may end."""
PARTIES: Final = (*(end.value for end in TransferEnd), NEVER)
"""What may come of a number dialled outside."""
GOOD: Final = "good"
TAKES: Final = (GOOD, *(fault.value for fault in TakeFault))
"""What may come of a take."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _moment(written: Any) -> Any:
    found = _MOMENT.fullmatch(written) if isinstance(written, str) else None
    try:
        return datetime.fromisoformat(f"{found[1]}T{int(found[2]):02}:{found[3]}") if found else _no_moment()
    except ValueError:
        return _no_moment()


def _no_moment() -> Any:
    raise ValueError("a time is written as 2026-03-02 10:00, on the flow's wall clock")


def _keys(written: Any) -> Any:
    """Unquoted keys are numbers to YAML."""
    keys = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
    if not isinstance(keys, str) or not keys or not set(keys) <= DIGITS:
        raise ValueError("keys are written as 1 or '0' or '12#': only 0-9, * and #")
    return keys


def _number(written: Any) -> Any:
    return str(written) if isinstance(written, int) and not isinstance(written, bool) else written


def _listed(written: Any) -> Any:
    """One is written without a list; a list is kept as it is."""
    return written if isinstance(written, list | tuple) else [written]


def _stay(written: Any) -> Any:
    return {"ends": written} if isinstance(written, str) else written


def _one_of(words: tuple[str, ...]) -> BeforeValidator:
    def known(written: Any) -> Any:
        if written not in words:
            near = did_you_mean(str(written), words)
            raise ValueError(f"'{written}' is none of {', '.join(words)}{near}")
        return written

    return BeforeValidator(known)


def _answer(written: Any) -> Any:
    return {"is": written} if isinstance(written, str) else written


def _sent(written: Any) -> Any:
    return {"to": written} if isinstance(written, str) else written


def _entered(written: Any) -> Any:
    return {"name": written} if isinstance(written, str) else written


def _words(written: Any) -> Any:
    return {"part": written} if isinstance(written, str) else written


def _text(written: str) -> str:
    return " ".join(written.split())


class _AlsoWritten:
    """For editors: the value may also be written as this (None: as one item, without the list)."""

    def __init__(self, schema: dict[str, Any] | None = None) -> None:
        self.schema = schema

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler(core_schema)
        return {"anyOf": [self.schema or whole["items"], whole]}


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{1,2}:[0-9]{2}$"}),
]
Keys = Annotated[
    str,
    BeforeValidator(_keys),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[0-9*#A-D]+$"}, {"type": "integer"}]}),
]
Number = Annotated[
    str, BeforeValidator(_number), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})
]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Words = Annotated[str, AfterValidator(_text), Field(min_length=1, max_length=500)]
Day = Literal["open", "closed", "holiday"]


class StepWritten(_Part):
    """One thing the caller does: exactly one of ``press``, ``say``, ``silent_sec`` and ``hang_up``.

    It is done once the call is ``at`` a node, ``heard`` begins to be heard, or the call is ``at_sec`` old (at
    most one of them; none: after the step before), and then ``after_sec``.
    """

    press: Keys | None = None
    """The keys, one every 0.2 seconds."""
    silent_sec: Seconds | None = None
    """Does nothing for so long."""
    hang_up: Literal[True] | None = None
    say: Words | None = None
    """What is recognised of what the caller says, where the flow listens. It takes a second."""
    confidence: Confidence | None = None
    """How surely it is recognised; 1 when not given."""
    at: Name | None = None
    """When the call is in this node."""
    heard: Words | None = None
    """When a text begins that has this in it."""
    at_sec: Seconds | None = None
    """When the call is so old."""
    after_sec: Seconds | None = None
    """So long after that; 0.2 when not given (0 after ``at_sec``)."""

    @model_validator(mode="after")
    def _one_deed(self) -> StepWritten:
        deeds = sum(deed is not None for deed in (self.press, self.say, self.silent_sec, self.hang_up))
        if deeds != 1:
            raise ValueError("a step does one thing: give it one of press, say, silent_sec and hang_up")
        if self.confidence is not None and self.say is None:
            raise ValueError("'confidence' says how surely words are recognised: it belongs to 'say'")
        if sum(when is not None for when in (self.at, self.heard, self.at_sec)) > 1:
            raise ValueError("a step waits for one thing: give it one of at, heard and at_sec, or none")
        return self


class StayWritten(_Part):
    """How one stay in a queue ends."""

    ends: Annotated[str, _one_of(STAYS), WithJsonSchema({"enum": [*STAYS]})]
    """The way back into the flow; ``never``: the caller waits, or talks, until the test is over."""
    after_sec: Seconds = 30


class PartyWritten(_Part):
    """What comes of one number dialled outside."""

    ends: Annotated[str, _one_of(PARTIES), WithJsonSchema({"enum": [*PARTIES]})]
    """``done``: they talk, and the other side hangs up; ``never``: they talk until the test is over."""
    after_sec: Seconds = 5


class AnswerWritten(_Part):
    """How one ticket asked for is answered."""

    answer: Annotated[Literal["opened", "refused", "silent"], Field(alias="is")]
    """``silent``: no answer ever comes."""
    after_sec: Seconds = 0.05


class LookUpWritten(_Part):
    """How one look-up is answered: by what was ``found``, or as it ``is`` otherwise."""

    found: Mapping[Name, Variable] | None = None
    """The results, by name."""
    answer: Annotated[Literal["not_found", "failed", "silent"] | None, Field(alias="is")] = None
    """``silent``: no answer ever comes."""
    after_sec: Seconds = 0.05

    @model_validator(mode="after")
    def _one_answer(self) -> LookUpWritten:
        if (self.found is None) == (self.answer is None):
            raise ValueError("give what was found, as {found: {name: ...}}, or not_found, failed or silent")
        return self


class SentWanted(_Part):
    """A webhook that was told something; what is not given is not asked."""

    to: Name
    body: Mapping[Name, Variable] | None = None
    """A part of what it was told."""


class QueueWanted(_Part):
    """A queue entered; what is not given is not asked."""

    name: Name
    priority: int | None = None
    skills: Mapping[Name, int] | None = None


class WordsWanted(_Part):
    """Words that are heard: a ``part`` of a text, or ``exactly`` the text."""

    part: Words | None = None
    exactly: Words | None = None

    @model_validator(mode="after")
    def _one(self) -> WordsWanted:
        if (self.part is None) == (self.exactly is None):
            raise ValueError("give the words as a text, or as {exactly: the whole text}")
        return self


_OneText: Final = _AlsoWritten({"type": "string"})
_WordsWanted = Annotated[WordsWanted, BeforeValidator(_words), _OneText]
_QueueWanted = Annotated[QueueWanted, BeforeValidator(_entered), _OneText]
_Stay = Annotated[StayWritten, BeforeValidator(_stay), _AlsoWritten({"enum": [*STAYS]})]
_Party = Annotated[PartyWritten, BeforeValidator(_stay), _AlsoWritten({"enum": [*PARTIES]})]
_Answer = Annotated[
    AnswerWritten, BeforeValidator(_answer), _AlsoWritten({"enum": ["opened", "refused", "silent"]})
]
_LookUp = Annotated[
    LookUpWritten, BeforeValidator(_answer), _AlsoWritten({"enum": ["not_found", "failed", "silent"]})
]
_SentWanted = Annotated[SentWanted, BeforeValidator(_sent), _OneText]
_T = TypeVar("_T")
_OneOrMore = Annotated[tuple[_T, ...], BeforeValidator(_listed), _AlsoWritten()]
_Calendar = Annotated[Calendar, WithJsonSchema({"type": "object"})]


class Expectation(_Part):
    """What must have come of the call; what is not given is not asked."""

    heard: _OneOrMore[_WordsWanted] = ()
    """In this order; other texts may lie between. A text counts when a part of it is given."""
    not_heard: _OneOrMore[_WordsWanted] = ()
    path: _OneOrMore[Name] = ()
    """Nodes in this order; other nodes may lie between."""
    not_at: _OneOrMore[Name] = ()
    """Nodes that are not entered."""
    queue: _OneOrMore[_QueueWanted] | None = None
    """The queues entered, all of them in order; ``[]``: none."""
    ticket: _OneOrMore[str] | None = None
    """The categories of the tickets asked for, all of them in order; ``[]``: none."""
    sent: _OneOrMore[_SentWanted] | None = None
    """The webhooks told something, all of them in order; ``[]``: none."""
    added: _OneOrMore[_WordsWanted] | None = None
    """The words added to the ticket, all of them in order; ``[]``: none."""
    dialled: _OneOrMore[Number] | None = None
    """The numbers outside and the other centres to which the caller is handed on, in order; ``[]``: none."""
    rated: Mapping[Name, int] | None = None
    """The scores given in surveys, by question, all of them; ``{}``: none."""
    language: Language | None = None
    """Spoken to the caller at the end."""
    ends: Name | None = None
    """The word of the node that hangs up; ``caller``: the caller hung up; ``waiting``: still in a queue, or
    handed on; ``done``: after the agent."""
    within_sec: Seconds | None = None
    """The call ended, or came to its last queue, no later than this."""


class Given(_Part):
    """What a call meets. Every case may give it, and ``usually`` for all cases that do not."""

    at: Moment | None = None
    """When the call comes in, such as 2026-03-02 10:00, on the wall clock of the flow's time zone."""
    calendars: Mapping[Name, Day | _Calendar] = {}
    """Business hours: ``open``, ``closed`` or ``holiday`` (its own hours, but this day a holiday), or written
    out. Calendars not named are the centre's."""
    called: Number | None = None
    """The number called."""
    caller: Number | None = None
    """The caller's number. Take one that is nobody's."""
    trunk: str | None = None
    language: Language | None = None
    """Of the number called."""
    variables: Mapping[Name, Variable] = {}
    text_sec: Annotated[float, Field(gt=0, le=600)] | None = None
    """How long each text takes; 3 when not given."""
    queues: _OneOrMore[_Stay] | None = None
    """How each stay in a queue ends, in order; the last goes on. ``never`` when not given."""
    tickets: _OneOrMore[_Answer] | None = None
    """How each ticket asked for is answered, in order; the last goes on. ``opened`` when not given."""
    recognition: Literal["works", "unavailable"] | None = None
    """Whether speech can be recognised; ``works`` when not given."""
    look_ups: Mapping[Name, _OneOrMore[_LookUp]] = {}
    """How each look-up is answered, by its name, in order; the last goes on. One not named here fails."""
    lists: _OneOrMore[Name] | None = None
    """The lists of callers on which this one is; none when not given."""
    outside: _OneOrMore[_Party] | None = None
    """What comes of each number dialled outside, in order; the last goes on. ``never`` when not given."""
    takes: _OneOrMore[Annotated[str, _one_of(TAKES), WithJsonSchema({"enum": [*TAKES]})]] | None = None
    """What comes of each take, in order; the last goes on. ``good`` when not given."""
    keeps: _OneOrMore[StrictBool] | None = None
    """Whether the centre keeps each take as a prompt, in order; the last goes on. It does when not given."""
    no_prompts: _OneOrMore[Number] = ()
    """Numbers that no prompt has."""


class Case(Given):
    """One call and what must come of it."""

    steps: tuple[StepWritten, ...] = ()
    """What the caller does, one after the other."""
    expect: Expectation
    skip: StrictBool = False
    """Not run, but told."""


class CasesFile(_Part):
    """A file of tests."""

    flow: Name
    usually: Given = Given()
    cases: Annotated[Mapping[Annotated[str, Field(max_length=120)], Case], Field(min_length=1)]
    """By name; any words."""


class Ending(StrEnum):
    """How a call may end besides by the word of a node that hangs up."""

    CALLER = "caller"
    WAITING = "waiting"
    DONE = "done"
    ERROR = "error"
