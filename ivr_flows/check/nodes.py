"""What must fit together within one node: keys, outcomes, digits and their checks."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.effects import QueueOutcome
from ivr_flows.masks import DECIMALS
from ivr_flows.model import MAY_END, CollectNode, Flow, MenuNode, QueueNode, SplitNode
from located_yaml import Mistake, Path


def node_mistakes(flow: Flow) -> Iterator[Mistake]:
    """What is wrong within nodes."""
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        match node:
            case MenuNode():
                yield from _menu(flow, name, node)
            case CollectNode():
                for field, told in _collect(flow, node):
                    yield flow.source.mistake((*here, field), f"node '{name}': {told}", key=True)
            case QueueNode():
                missing = [o for o in QueueOutcome if o not in MAY_END and not node.way_of(o)]
                if missing:
                    told = (
                        f"node '{name}' is a dead end after {', '.join(missing)}: add these, or 'otherwise'"
                    )
                    yield flow.source.mistake(here, told, key=True)
            case SplitNode() if not any(share.weight for share in node.split):
                yield flow.source.mistake((*here, "split"), f"node '{name}': all weights are 0", key=True)
            case _:
                pass


def _menu(flow: Flow, name: str, node: MenuNode) -> Iterator[Mistake]:
    human = flow.content.human
    target = node.digits.get(human.key, human.next) if human and node.human else None
    if human and target not in (None, human.next):
        told = f"node '{name}': key {human.key} leads to a human ('{human.next}') everywhere"
        cure = "use another key, or 'human: false'"
        path = ("nodes", name, "digits", human.key)
        yield flow.source.mistake(path, f"{told}: {cure}", key=True)


def _collect(flow: Flow, node: CollectNode) -> Iterator[tuple[str, str]]:
    """Fields, each with what is wrong about it."""
    human, check = flow.content.human, node.check
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
    if human and node.human and human.key == node.terminator:
        yield "terminator", f"key {human.key} leads to a human everywhere: end the digits with another key"
    if human and node.human and human.key in DECIMALS and fewest == 1:
        told = f"key {human.key} alone leads to a human, and would also be a whole entry"
        yield "digits", f"{told}: ask for more digits, or 'human: false'"
