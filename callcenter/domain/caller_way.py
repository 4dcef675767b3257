"""The way of a caller through the flow, for people: what was asked, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callcenter.domain import events as e
from callcenter.domain.call import Call
from ivr_flows.chosen import offered_as
from ivr_flows.model import (
    CollectNode,
    Flow,
    ListenNode,
    MenuNode,
    Node,
    QueueNode,
    TransferNode,
    VoicemailNode,
)


class WayKind(StrEnum):
    """What a caller met on the way through the flow."""

    MENU = "menu"
    NUMBER = "number"
    QUEUE = "queue"
    MESSAGE = "message"
    TRANSFER = "transfer"
    HUMAN_KEY = "human_key"


_KINDS: Final[Mapping[type, WayKind]] = {
    MenuNode: WayKind.MENU,
    ListenNode: WayKind.MENU,
    CollectNode: WayKind.NUMBER,
    QueueNode: WayKind.QUEUE,
    VoicemailNode: WayKind.MESSAGE,
    TransferNode: WayKind.TRANSFER,
}


@dataclass(slots=True)
class WayStep:
    """One place on the way. ``asked`` is what was said there, in the caller's language; ``key`` what was
    pressed or said (empty: nothing) and ``choice`` what the flow means by it, in its own words, or the queue.
    """

    node: str
    kind: WayKind
    at: int
    asked: str = ""
    key: str = ""
    choice: str = ""


def way_of(call: Call, flow: Flow) -> list[WayStep]:
    """The places at which the caller chose, gave a number, left a message, or waited. What the flow that is
    known here does not have (of an old call) is left out."""
    flows = {known.name: known for known in flow.with_subflows()}
    way: list[WayStep] = []
    language, here, node = "", flow, None
    step: WayStep | None = None
    for event in call.history:
        match event:
            case e.CallArrived() | e.CallBackPromised() | e.LanguageChosen():
                language = event.language
            case e.NodeEntered():
                here = flows.get(event.flow, flow)
                node = here.nodes.get(event.node)
                step = _step(node, event, language) if node is not None else None
                way += [step] if step else []
            case e.KeyPressed(digit=key) | e.ChoiceSpoken(choice=key) if step is not None:
                if step.kind is WayKind.MENU and node is not None:
                    step.key, step.choice = key, offered_as(here, node, key, language)
            case e.KeyPressed(digit=key) if here.content.human and here.content.human.key == key:
                way.append(WayStep(node=call.path[-1], kind=WayKind.HUMAN_KEY, at=event.at, key=key))
            case _:
                pass
    return way


def _step(node: Node, event: e.NodeEntered, language: str) -> WayStep | None:
    kind = _KINDS.get(type(node))
    if kind is None:
        return None
    asked = node.asks.get(language, "") if isinstance(node, MenuNode | ListenNode) else ""
    choice = node.queue if isinstance(node, QueueNode) else ""
    return WayStep(event.node, kind, event.at, asked, "", choice)
