"""What is to be seen of a flow, whatever it is drawn with: boxes and arrows with their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.check.graph import hears_human_key
from ivr_flows.model import DIGITS, NODE_KINDS, CallerListNode, Flow, Node, Question, TransferTarget
from ivr_flows.model.recording import Keeping, Sound
from ivr_flows.templates import Template

MAX_LABEL: Final = 26


@dataclass(frozen=True, slots=True)
class Box:
    """One node. ``says`` is its text, queue, calendar ... in one line; ``has_human_key`` where that works."""

    name: str
    kind: str
    says: str
    has_human_key: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """All ways from one node to another. ``keys`` are telephone keys, ``words`` the rest of what leads
    there; both empty: there is no other way."""

    source: str
    target: str
    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Keys and words in one line."""
        return ", ".join((*self.keys, *self.words))


@dataclass(frozen=True, slots=True)
class Picture:
    """A flow to be drawn. ``human_key`` leads to ``human_target`` from every box that has it."""

    title: str
    subtitle: str
    start: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    human_key: str = ""
    human_target: str = ""


def picture_of(flow: Flow, language: str | None = None) -> Picture:
    """The flow with its texts in ``language`` (its first, when it has no such); each human key's way, which
    leads out of nearly every node, is left to ``human_key``. Of a flow that is not sound yet, ways to nodes
    that are not there are left out."""
    content, nodes = flow.content, flow.nodes
    human = content.human if content.human and content.human.next in nodes else None
    spoken = language if language in content.languages else content.languages[0]
    return Picture(
        title=flow.name,
        subtitle=f"version {flow.version}, {', '.join(content.languages)}",
        start=content.start,
        boxes=tuple(_box(flow, name, node, spoken or "") for name, node in nodes.items()),
        arrows=tuple(
            arrow for name, node in nodes.items() for arrow in _arrows(name, node) if arrow.target in nodes
        ),
        human_key=human.key if human else "",
        human_target=human.next if human else "",
    )


def kind_of(node: Node) -> str:
    """The word that opens the node in the file."""
    return next((kind for kind, made in NODE_KINDS.items() if isinstance(node, made)), "node")


def _box(flow: Flow, name: str, node: Node, language: str) -> Box:
    kind = kind_of(node)
    human = flow.content.human is not None and hears_human_key(node)
    says = "" if isinstance(node, CallerListNode) else _says(getattr(node, kind, ""), language)
    return Box(name, kind, says, human)


def _says(value: object, language: str) -> str:
    """The node's own word or text (of a survey the first question's); a list of cases says itself on its
    arrows."""
    if isinstance(value, Mapping):
        if isinstance(first := next(iter(value.values()), ""), Question):
            return _says(first.ask, language)
        return str(value.get(language) or next(iter(value.values()), ""))
    if isinstance(value, Template):
        return value.text
    return str(value) if isinstance(value, str | int | float | TransferTarget | Sound | Keeping) else ""


def _arrows(name: str, node: Node) -> list[Arrow]:
    keys: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for way in node.ways():
        keys.setdefault(way.target, [])
        told = words.setdefault(way.target, [])
        if way.word in DIGITS:
            keys[way.target].append(way.word)
        elif (word := _word(way.word, way.path[:1])) and word not in told:
            told.append(word)
    return [Arrow(name, target, tuple(keys[target]), tuple(words[target])) for target in keys]


def _word(word: str, path: tuple[str | int, ...]) -> str:
    """As the file says it; nothing for ``next``, which is the only way out."""
    if path == ("otherwise",):
        return "otherwise"
    if word == "next":
        return ""
    return word if len(word) <= MAX_LABEL else f"{word[: MAX_LABEL - 1]}…"
