"""The whole flow: its nodes, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Discriminator, Field, Tag

from ivr_flows.calendars import known_zone
from ivr_flows.model.asking import HangUpNode, QueueNode, TicketNode, VoicemailNode
from ivr_flows.model.deciding import (
    BranchNode,
    HoursNode,
    LanguageNode,
    ReturnNode,
    SetNode,
    SplitNode,
    SubflowNode,
)
from ivr_flows.model.handing_on import TransferNode
from ivr_flows.model.listening import ListenNode
from ivr_flows.model.outside import CallerListNode, LookUpNode, SendNode, UpdateTicketNode
from ivr_flows.model.parts import Digit, Language, Name, Part, Phrases, SayTexts, Texts, Variable
from ivr_flows.model.recording import HearNode, KeepNode, RecordNode
from ivr_flows.model.speaking import CollectNode, MenuNode, PlayNode, SayNode, WaitNode
from ivr_flows.model.surveying import SurveyNode
from ivr_flows.variables import Variables
from located_yaml import Document

NODE_KINDS: Final[Mapping[str, type[Part]]] = {
    "play": PlayNode,
    "say": SayNode,
    "menu": MenuNode,
    "listen": ListenNode,
    "collect": CollectNode,
    "hours": HoursNode,
    "branch": BranchNode,
    "set": SetNode,
    "split": SplitNode,
    "language": LanguageNode,
    "queue": QueueNode,
    "transfer": TransferNode,
    "survey": SurveyNode,
    "ticket": TicketNode,
    "update_ticket": UpdateTicketNode,
    "look_up": LookUpNode,
    "caller_list": CallerListNode,
    "send": SendNode,
    "wait": WaitNode,
    "voicemail": VoicemailNode,
    "record": RecordNode,
    "hear": HearNode,
    "keep": KeepNode,
    "flow": SubflowNode,
    "return": ReturnNode,
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
    | Annotated[SayNode, Tag("say node")]
    | Annotated[MenuNode, Tag("menu node")]
    | Annotated[ListenNode, Tag("listen node")]
    | Annotated[CollectNode, Tag("collect node")]
    | Annotated[HoursNode, Tag("hours node")]
    | Annotated[BranchNode, Tag("branch node")]
    | Annotated[SetNode, Tag("set node")]
    | Annotated[SplitNode, Tag("split node")]
    | Annotated[LanguageNode, Tag("language node")]
    | Annotated[QueueNode, Tag("queue node")]
    | Annotated[TransferNode, Tag("transfer node")]
    | Annotated[SurveyNode, Tag("survey node")]
    | Annotated[TicketNode, Tag("ticket node")]
    | Annotated[UpdateTicketNode, Tag("update_ticket node")]
    | Annotated[LookUpNode, Tag("look_up node")]
    | Annotated[CallerListNode, Tag("caller_list node")]
    | Annotated[SendNode, Tag("send node")]
    | Annotated[WaitNode, Tag("wait node")]
    | Annotated[VoicemailNode, Tag("voicemail node")]
    | Annotated[RecordNode, Tag("record node")]
    | Annotated[HearNode, Tag("hear node")]
    | Annotated[KeepNode, Tag("keep node")]
    | Annotated[SubflowNode, Tag("flow node")]
    | Annotated[ReturnNode, Tag("return node")]
    | Annotated[HangUpNode, Tag("hang_up node")],
    Discriminator(_tag),
]


class HumanKey(Part):
    """The key that leads to a human from every play and menu."""

    key: Digit = "0"
    next: Name


class Hints(Part):
    """What is said before a menu or an entry of digits is repeated, and to have digits confirmed."""

    no_input: Texts
    no_match: Texts
    echo: SayTexts | None = None
    """Reads digits back: ``{digits:digits}`` stands for them, and key 1 confirms."""
    confirm: SayTexts | None = None
    """Asks a caller back who was not heard surely: ``{choice}`` stands for what was heard, key 1 confirms."""
    yes: Mapping[Language, Phrases] = {}
    """What may be said to confirm it, instead of key 1."""


class FlowFile(Part):
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
    """What expressions may ask besides the facts of every call, each with its value when nobody sets it."""
    nodes: Annotated[Mapping[Name, Node], Field(min_length=1, max_length=2000)]

    @cached_property
    def known(self) -> Variables:
        """All that is known of the flow's variables before any call."""
        return Variables.of(self.variables, self.nodes)


@dataclass(frozen=True, slots=True)
class Flow:
    """A loaded flow, checked to be sound.

    ``version`` is the hash of its content, whatever its layout. ``subflows`` are the flows that its nodes
    name: a call that began on this flow stays with these, whatever is published meanwhile.
    """

    name: str
    version: str
    content: FlowFile
    source: Document
    subflows: Mapping[str, Flow] = field(default_factory=dict)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by name."""
        return self.content.nodes

    def with_subflows(self) -> Iterator[Flow]:
        """This flow and all that it goes through; one that is gone through twice comes twice."""
        yield self
        for inner in self.subflows.values():
            yield from inner.with_subflows()
