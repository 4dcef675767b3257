"""What must fit together within one node: keys, outcomes, digits and their checks."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.effects import QueueOutcome, TakeFault, TransferEnd
from ivr_flows.masks import DECIMALS
from ivr_flows.model import (
    MAY_END,
    CollectNode,
    Flow,
    ListenNode,
    MenuNode,
    QueueNode,
    RecordNode,
    SplitNode,
    SurveyNode,
    TransferNode,
)
from located_yaml import Mistake, Path


def node_mistakes(flow: Flow) -> Iterator[Mistake]:
    """What is wrong within nodes."""
    if human := flow.content.human:
        yield from key_conflicts(flow, human.key, f"a human ('{human.next}')", to=human.next)
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        match node:
            case CollectNode():
                for field, told in _collect(flow, node):
                    yield flow.source.mistake((*here, field), f"node '{name}': {told}", key=True)
            case QueueNode() | TransferNode() | RecordNode():
                if missing := _dead_ends(node):
                    told = (
                        f"node '{name}' is a dead end after {', '.join(missing)}: add these, or 'otherwise'"
                    )
                    yield flow.source.mistake(here, told, key=True)
            case SplitNode() if not any(share.weight for share in node.split):
                yield flow.source.mistake((*here, "split"), f"node '{name}': all weights are 0", key=True)
            case _:
                pass


def _dead_ends(node: QueueNode | TransferNode | RecordNode) -> list[str]:
    """The ends to which no way is given, but those after which the call may be over."""
    if isinstance(node, QueueNode):
        return [end for end in QueueOutcome if end not in MAY_END and not node.way_of(end)]
    if isinstance(node, RecordNode):
        return [fault for fault in TakeFault if not node.way_of(fault)]
    return [end for end in TransferEnd if end is not TransferEnd.DONE and not node.way_of(end)]


def key_conflicts(flow: Flow, key: str, leads_to: str, to: str = "") -> Iterator[Mistake]:
    """Nodes that use the human key for something else; a menu may lead to ``to`` by it."""
    for name, node in flow.nodes.items():
        if not isinstance(node, MenuNode | ListenNode | CollectNode | SurveyNode) or not node.human:
            continue
        here: Path = ("nodes", name)
        told = f"node '{name}': key {key} leads to {leads_to}"
        if isinstance(node, SurveyNode):
            for asked, question in node.survey.items():
                if key in question.scores:
                    cure = "use another key, or 'human: false'"
                    at: Path = (*here, "survey", asked, "scores", key)
                    yield flow.source.mistake(at, f"{told} everywhere: {cure}", key=True)
        elif isinstance(node, MenuNode):
            if node.digits.get(key, to) != to:
                cure = "use another key, or 'human: false'"
                yield flow.source.mistake((*here, "digits", key), f"{told} everywhere: {cure}", key=True)
        elif isinstance(node, ListenNode):
            for choice, offered in node.choices.items():
                if offered.key == key and offered.next != to:
                    path: Path = (*here, "choices", choice, "key")
                    yield flow.source.mistake(path, f"{told} everywhere: use another key, or 'human: false'")
        elif key == node.terminator:
            cure = "end the digits with another key"
            yield flow.source.mistake((*here, "terminator"), f"{told} everywhere: {cure}", key=True)
        elif key in DECIMALS and node.lengths[0] == 1:
            cure = "ask for more digits, or 'human: false'"
            told += " when it is pressed alone, and would also be a whole entry"
            yield flow.source.mistake((*here, "digits"), f"{told}: {cure}", key=True)


def _collect(flow: Flow, node: CollectNode) -> Iterator[tuple[str, str]]:
    """Fields, each with what is wrong about it."""
    check = node.check
    fewest, most = node.lengths
    if check and (check.lengths[1] < fewest or check.lengths[0] > most):
        of_check = " to ".join(str(length) for length in sorted(set(check.lengths)))
        yield "check", f"no entry can pass '{check.written}', which has {of_check} digits"
    if check and check.star_is_x and node.terminator == "*":
        yield "terminator", "the star stands for X here: end the digits with another key"
    if node.echo and not (flow.content.hints and flow.content.hints.echo):
        yield "echo", "there are no words to read digits back with: add 'hints: {echo: ...{digits}...}'"
    if node.echo and node.sensitive:
        yield "echo", "sensitive digits are not read back: somebody may listen"
