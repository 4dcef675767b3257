"""The words that nodes are made of: names, texts, keys, expressions, and the ways between nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from ivr_flows.expressions import (
    MAX_LENGTH,
    MAX_NUMBER,
    MAX_TEXT,
    Condition,
    Expression,
    Value,
    expression_of,
    parse_condition,
)
from ivr_flows.templates import Template, parse_template
from located_yaml import Path

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
DIGITS: Final = frozenset("0123456789*#ABCD")
MAX_PROMPT: Final = 500
"""Characters of a text to be heard."""


def _name(written: str) -> str:
    if not NAME.fullmatch(written):
        raise ValueError(
            f"'{written}' is not a name: a letter, then letters, digits and _, at most 64 in all"
        )
    return written


def _language(written: str) -> str:
    if not _LANGUAGE.fullmatch(written):
        raise ValueError(f"'{written}' is not a language code such as zh, en or ko")
    return written


def _digit(written: str) -> str:
    if written not in DIGITS:
        raise ValueError(f"'{written}' is not one key of a telephone (0-9, *, #)")
    return written


def _text(written: str) -> str:
    text = " ".join(written.split())
    if not text:
        raise ValueError("the text is empty")
    return text


def _template(written: Any) -> Template:
    if not isinstance(written, str) or len(written) > MAX_PROMPT:
        raise ValueError(f"words to be heard are a text of at most {MAX_PROMPT} characters")
    return parse_template(_text(written))


def _plain(written: Any) -> Template:
    template = _template(written)
    if kinds := [slot.written for slot in template.slots if slot.kind]:
        raise ValueError(f"{kinds[0]}: kinds are for what is said; here a variable is written {{name}}")
    return template


def _condition(written: Any) -> Condition:
    if not isinstance(written, str):
        raise ValueError("a condition is written as a text, such as \"language == 'en'\"")
    return parse_condition(written)


def _variable(written: Value) -> Value:
    if isinstance(written, str) and len(written) > MAX_TEXT:
        raise ValueError(f"the text of a variable is at most {MAX_TEXT} characters long")
    if not isinstance(written, str) and abs(written) > MAX_NUMBER:
        raise ValueError(f"the number of a variable is at most {MAX_NUMBER}")
    return written


Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})]
Language = Annotated[
    str, AfterValidator(_language), Field(json_schema_extra={"pattern": f"^{_LANGUAGE.pattern}$"})
]
Digit = Annotated[str, AfterValidator(_digit), Field(json_schema_extra={"pattern": "^[0-9*#A-D]$"})]
Text = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT), AfterValidator(_text)]
Texts = Annotated[Mapping[Language, Text], Field(description="The words to be heard, by language.")]
Phrase = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_text)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=30, strict=False)]
Spoken = Annotated[
    Mapping[Language, Phrases],
    Field(
        description="What callers may say for it, by language; it is enough that they say it among others."
    ),
]
Confidence = Annotated[float, Field(ge=0, le=1)]
SayText = Annotated[
    Template,
    PlainValidator(_template),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_PROMPT}),
]
SayTexts = Annotated[
    Mapping[Language, SayText],
    Field(description="The words to be heard, by language; {name} or {name:kind} says a variable."),
]
PlainText = Annotated[
    Template,
    PlainValidator(_plain),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_PROMPT}),
]
"""A text that nobody hears, in which variables stand as they are."""
When = Annotated[
    Condition, PlainValidator(_condition), WithJsonSchema({"type": "string", "maxLength": MAX_LENGTH})
]
Worked = Annotated[
    Expression,
    PlainValidator(expression_of),
    WithJsonSchema({"type": ["string", "number", "boolean"], "maxLength": MAX_LENGTH}),
]
"""A value that is worked out in the call."""
Variable = Annotated[StrictBool | StrictInt | StrictFloat | StrictStr, AfterValidator(_variable)]


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: its word, where it leads, where it is written.

    ``by_a_person``: the caller, or an agent who talked with the caller, had to do something for it.
    """

    word: str
    target: str
    path: Path
    by_a_person: bool = False


class Part(BaseModel):
    """A part of a flow: frozen, and strict about what is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
