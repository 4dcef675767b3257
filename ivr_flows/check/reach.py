"""How far it is to a human: seconds of words and waiting, and keys to press, in the usual and the worst case.

Usual: a caller who hears each text to its end, presses at once and rightly, and goes the quickest way. Worst:
one who goes the slowest way, is silent as often as a node lets them before they answer, and waits for every
time-out, but goes no way back to a node where they have been. A way ends in a queue: from there on the
queue's own settings count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.check.graph import ways_of
from ivr_flows.effects import PromptText
from ivr_flows.model import (
    CollectNode,
    Flow,
    ListenNode,
    LookUpNode,
    MenuNode,
    Node,
    PlayNode,
    QueueNode,
    ReturnNode,
    SayNode,
    SubflowNode,
    SurveyNode,
    TicketNode,
    TransferNode,
    WaitNode,
    Way,
)

CHARACTERS_PER_S: Final[Mapping[str, float]] = {"zh": 4.5, "ja": 7.0, "ko": 6.0}
OTHER_CHARACTERS_PER_S: Final = 14.0


@dataclass(frozen=True, slots=True)
class Reach:
    """One way: seconds of words and waiting, keys to press, and the nodes passed with the last one."""

    seconds: float = 0.0
    keys: int = 0
    nodes: tuple[str, ...] = ()

    def after(self, name: str, seconds: float, keys: int) -> Reach:
        """This way with a node before it."""
        return Reach(self.seconds + seconds, self.keys + keys, (name, *self.nodes))


@dataclass(frozen=True, slots=True)
class HumanReach:
    """``usual`` and ``worst`` way to a human; both None when no way leads to one."""

    usual: Reach | None
    worst: Reach | None


def seconds_by_length(prompt: PromptText) -> float:
    """How long a text takes at the pace of a recorded announcement."""
    pace = CHARACTERS_PER_S.get(prompt.language.split("-")[0], OTHER_CHARACTERS_PER_S)
    return len(prompt.text) / pace


def human_reach(
    flow: Flow, seconds_of: Callable[[PromptText], float] = seconds_by_length, language: str | None = None
) -> HumanReach:
    """How far it is from the start of a sound flow to a human, in this language (None: the flow's first)."""
    spoken = language or flow.content.languages[0]
    usual, worst = (_Search(flow, seconds_of, spoken, slow=slow) for slow in (False, True))
    return HumanReach(usual.to(QueueNode), worst.to(QueueNode))


class _Search:
    """Ways through one flow; ``slow`` callers make the most of every node, and take the longest way."""

    def __init__(
        self, flow: Flow, seconds_of: Callable[[PromptText], float], language: str, *, slow: bool
    ) -> None:
        self.flow = flow
        self.seconds_of = seconds_of
        self.language = language
        self.slow = slow

    def to(self, end: type[QueueNode | ReturnNode]) -> Reach | None:
        """The way from the start to a node of this kind; None when there is none."""
        found: dict[str, Reach | None] = {}
        for name, ways in self._last_first():
            node = self.flow.nodes[name]
            reached_here = isinstance(node, end)
            if end is QueueNode and isinstance(node, TransferNode):
                reached_here = not node.rings_outside
            if reached_here:
                found[name] = Reach(nodes=(name,))
                continue
            reached = [
                beyond.after(name, *self._cost(node, way))
                for way in ways
                if (beyond := found.get(way.target)) is not None
            ]
            if end is QueueNode and isinstance(node, SubflowNode) and (inner := self._inner(node).to(end)):
                reached.append(inner.after(name, 0, 0))
            by_cost = sorted(reached, key=lambda reach: (reach.seconds, reach.keys))
            found[name] = by_cost[-1 if self.slow else 0] if by_cost else None
        return found[self.flow.content.start]

    def _last_first(self) -> Iterator[tuple[str, list[Way]]]:
        """Every node that is reached, after all that its ways lead to, and without its ways back."""
        start = self.flow.content.start
        onward = {start: list(ways_of(self.flow, self.flow.nodes[start]))}
        ahead = [(start, iter(onward[start]))]
        open_nodes, finished = {start}, set[str]()
        while ahead:
            name, ways = ahead[-1]
            way = next(
                (way for way in ways if way.target not in finished and way.target not in open_nodes), None
            )
            if way is None:
                ahead.pop()
                yield name, [way for way in onward[name] if way.target in finished]
                open_nodes.discard(name)
                finished.add(name)
            else:
                onward[way.target] = list(ways_of(self.flow, self.flow.nodes[way.target]))
                open_nodes.add(way.target)
                ahead.append((way.target, iter(onward[way.target])))

    def _inner(self, node: SubflowNode) -> _Search:
        return _Search(self.flow.subflows[node.flow], self.seconds_of, self.language, slow=self.slow)

    # --- what one node costs -------------------------------------------------------------------------------

    def _cost(self, node: Node, way: Way) -> tuple[float, int]:
        """Seconds and keys of a node that is left by this way."""
        match node:
            case PlayNode():
                language = node.speak_in or self.language
                return self.seconds_of(PromptText(node.play[language], language)), int(way.by_a_person)
            case SayNode():
                return self._seconds(node.say[self.language].text), int(way.by_a_person)
            case MenuNode() | ListenNode():
                return self._asked(node, way, self._seconds(node.asks[self.language]), keys=1)
            case CollectNode():
                words = self._seconds(node.collect[self.language])
                return self._asked(node, way, words, keys=1 if way.word == "human" else node.lengths[1])
            case WaitNode():
                return (0.0 if way.word == "human" and not self.slow else float(node.wait)), int(
                    way.by_a_person
                )
            case LookUpNode() if way.word != "human" or self.slow:
                words = self._seconds(node.prompt[self.language]) if node.prompt else 0.0
                return float(node.timeout_sec) if self.slow else words, int(way.by_a_person)
            case SurveyNode():
                words = sum(self._seconds(question.ask[self.language]) for question in node.survey.values())
                return words, 0 if way.word == "no_answer" else len(node.survey)
            case TransferNode():
                return float(node.ring_sec if self.slow else 0), int(way.by_a_person)
            case TicketNode():
                return (float(node.timeout_sec) if self.slow else 0.0), 0
            case SubflowNode() if way.word == "next":
                inner = self._inner(node).to(ReturnNode) or Reach()
                return inner.seconds, inner.keys
            case _:
                return 0.0, int(way.by_a_person)

    def _asked(
        self, node: MenuNode | ListenNode | CollectNode, way: Way, words: float, keys: int
    ) -> tuple[float, int]:
        """Every repeat has its hint, the words, and silence before it."""
        hints = self.flow.content.hints
        tries = node.retries + 1
        if way.word == "no_match":
            hint = self._seconds(hints.no_match[self.language]) if hints else 0.0
            return tries * words + node.retries * hint, tries * keys
        hint = self._seconds(hints.no_input[self.language]) if hints else 0.0
        if way.word == "no_input" or self.slow:
            pauses = node.timeout_sec * (tries if way.word == "no_input" else tries + keys - 1)
            return tries * words + node.retries * hint + pauses, 0 if way.word == "no_input" else keys
        return words, keys

    def _seconds(self, text: str) -> float:
        return self.seconds_of(PromptText(text, self.language))
