"""A flow: nodes and the ways between them, frozen once loaded.

The classes are the YAML's shape too: the JSON Schema is made from them, and the word that opens a node in the
file (``play:``, ``menu:`` ...) is the field that makes it that kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    WithJsonSchema,
)

from ivr_flows.calendars import known_zone
from ivr_flows.effects import QueueOutcome
from ivr_flows.expressions import MAX_LENGTH, Condition, parse_condition
from located_yaml import Document, Path

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
DIGITS: Final = frozenset("0123456789*#ABCD")


def _name(written: str) -> str:
    if not _NAME.fullmatch(written):
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


def _condition(written: Any) -> Condition:
    if not isinstance(written, str):
        raise ValueError("a condition is written as a text, such as \"language == 'en'\"")
    return parse_condition(written)


Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})]
Language = Annotated[
    str, AfterValidator(_language), Field(json_schema_extra={"pattern": f"^{_LANGUAGE.pattern}$"})
]
Digit = Annotated[str, AfterValidator(_digit), Field(json_schema_extra={"pattern": "^[0-9*#A-D]$"})]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_text)]
Texts = Annotated[Mapping[Language, Text], Field(description="The words to be heard, by language.")]
When = Annotated[
    Condition, PlainValidator(_condition), WithJsonSchema({"type": "string", "maxLength": MAX_LENGTH})
]
Variable = StrictBool | StrictInt | StrictFloat | StrictStr


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: its word, where it leads, where it is written.

    ``by_a_person``: the caller, or an agent who talked with the caller, had to do something for it.
    """

    word: str
    target: str
    path: Path
    by_a_person: bool = False


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class PlayNode(_Part):
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


class MenuNode(_Part):
    """Offers choices by key. After ``retries`` repeats the caller goes on by ``no_input`` or ``no_match``."""

    menu: Texts
    digits: Annotated[Mapping[Digit, Name], Field(min_length=1)]
    no_input: Name
    no_match: Name
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    timeout_sec: Annotated[int, Field(ge=1, le=60)] = 5
    barge_in: bool = True
    """A key during the words stops them and counts. Without, keys during the words are not heard."""
    human: bool = True
    """Whether the human key works here."""

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


class HoursNode(_Part):
    """Asks a calendar whether the centre is open."""

    hours: Name
    open: Name
    closed: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("open", self.open, ("open",)), Way("closed", self.closed, ("closed",)))


class Case(_Part):
    """One case of a branch."""

    when: When
    next: Name


class BranchNode(_Part):
    """Goes the way of the first case whose condition holds."""

    branch: Annotated[tuple[Case, ...], Field(min_length=1, strict=False)]
    otherwise: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (
            *(Way(c.when.text, c.next, ("branch", i, "next")) for i, c in enumerate(self.branch)),
            Way("otherwise", self.otherwise, ("otherwise",)),
        )


class LanguageNode(_Part):
    """From here the caller is spoken to in this language."""

    language: Language
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


MAY_END: Final = (QueueOutcome.AGENT_DONE, QueueOutcome.CALL_BACK)
"""The outcomes after which a call may end without a word of the flow."""


class QueueNode(_Part):
    """Queues the call for a human; the queue's own settings bound the wait.

    ``otherwise`` is the way of every outcome not named but two: without ``agent_done`` the call ends after
    the agent, without ``call_back`` once the caller has been promised to be called back.
    """

    queue: Name
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    skills: Mapping[Name, Annotated[int, Field(ge=1, le=10)]] = {}
    timeout: Name | None = None
    full: Name | None = None
    no_agent: Name | None = None
    closed: Name | None = None
    call_back: Name | None = None
    """Where the caller is told of the promised call-back."""
    agent_done: Name | None = None
    otherwise: Name | None = None

    def way_of(self, outcome: QueueOutcome) -> str | None:
        """Where an outcome leads; None when the call ends (or, in a flow not checked, nobody said)."""
        named: str | None = getattr(self, outcome.value)
        return named if named or outcome in MAY_END else self.otherwise

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        found = []
        for outcome in QueueOutcome:
            field = outcome.value if getattr(self, outcome.value) else "otherwise"
            if target := self.way_of(outcome):
                found.append(Way(outcome.value, target, (field,), outcome is QueueOutcome.AGENT_DONE))
        return tuple(found)


class TicketNode(_Part):
    """Opens a ticket for the call, or joins the caller's open one, then goes on."""

    ticket: Annotated[str, Field(min_length=1, max_length=64, description="The ticket's category.")]
    text: Text
    next: Name
    failed: Name | None = None
    """Where to go when there is no ticket within ``timeout_sec``; as ``next`` when not given."""
    timeout_sec: Annotated[int, Field(ge=1, le=60)] = 10

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        failed = (Way("failed", self.failed, ("failed",)),) if self.failed else ()
        return (Way("next", self.next, ("next",)), *failed)


class VoicemailNode(_Part):
    """Takes a message after a beep, and opens a ticket for it; a key ends the message. The ticket is there
    also when the caller hangs up instead."""

    voicemail: Texts
    category: Annotated[str, Field(min_length=1, max_length=64)] = "voicemail"
    """The ticket's category."""
    text: Text = "来电人留言，请听录音。"
    """What the ticket says."""
    max_sec: Annotated[int, Field(ge=5, le=600)] = 120
    human: bool = True
    """Whether the human key works here."""
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class HangUpNode(_Part):
    """Ends the call; the word says why."""

    hang_up: Name

    def ways(self) -> tuple[Way, ...]:
        """None: the flow is over."""
        return ()


NODE_KINDS: Final[Mapping[str, type[_Part]]] = {
    "play": PlayNode,
    "menu": MenuNode,
    "hours": HoursNode,
    "branch": BranchNode,
    "language": LanguageNode,
    "queue": QueueNode,
    "ticket": TicketNode,
    "voicemail": VoicemailNode,
    "hang_up": HangUpNode,
}


def kinds_in(written: Any) -> list[str]:
    """The kinds that a node as written claims to be; exactly one when it is right."""
    return [kind for kind in NODE_KINDS if isinstance(written, Mapping) and kind in written]


def _tag(written: Any) -> str | None:
    kinds = kinds_in(written)
    return f"{kinds[0]} node" if len(kinds) == 1 else None


Node = Annotated[
    Annotated[PlayNode, Tag("play node")]
    | Annotated[MenuNode, Tag("menu node")]
    | Annotated[HoursNode, Tag("hours node")]
    | Annotated[BranchNode, Tag("branch node")]
    | Annotated[LanguageNode, Tag("language node")]
    | Annotated[QueueNode, Tag("queue node")]
    | Annotated[TicketNode, Tag("ticket node")]
    | Annotated[VoicemailNode, Tag("voicemail node")]
    | Annotated[HangUpNode, Tag("hang_up node")],
    Discriminator(_tag),
]


class HumanKey(_Part):
    """The key that leads to a human from every play and menu."""

    key: Digit = "0"
    next: Name


class Hints(_Part):
    """What is said before a menu is repeated."""

    no_input: Texts
    no_match: Texts


class FlowFile(_Part):
    """A flow as written in YAML."""

    flow: Name
    languages: Annotated[tuple[Language, ...], Field(min_length=1, strict=False)]
    """The languages offered, the default first."""
    time_zone: Annotated[str, AfterValidator(known_zone)] = "Asia/Shanghai"
    """Whose wall clock ``hour``, ``date`` ... mean in conditions."""
    start: Name
    human: HumanKey | None = None
    hints: Hints | None = None
    variables: Mapping[Name, Variable] = {}
    """What conditions may ask besides the facts of every call, each with its value when nobody sets it."""
    nodes: Annotated[Mapping[Name, Node], Field(min_length=1, max_length=2000)]


@dataclass(frozen=True, slots=True)
class Flow:
    """A loaded flow, checked to be sound. ``version`` is the hash of its content, whatever its layout."""

    name: str
    version: str
    content: FlowFile
    source: Document

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by name."""
        return self.content.nodes
