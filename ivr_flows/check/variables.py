"""Variables: every name is known, of one kind, and has a value wherever it is used; nothing secret is
said."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from ivr_flows.check.graph import ways_of
from ivr_flows.check.texts import all_texts
from ivr_flows.expressions import KIND_WORDS, Condition, Expression
from ivr_flows.facts import FACT_KINDS
from ivr_flows.model import (
    BranchNode,
    CollectNode,
    Flow,
    HearNode,
    KeepNode,
    ListenNode,
    LookUpNode,
    Node,
    RecordNode,
    ReturnNode,
    SayNode,
    SendNode,
    SetNode,
    SubflowNode,
    TransferNode,
    UpdateTicketNode,
    Way,
)
from ivr_flows.templates import slot_problems
from ivr_flows.variables import MAX_VARIABLES
from located_yaml import Mistake, Path, did_you_mean


def variable_mistakes(flow: Flow) -> Iterator[Mistake]:
    """Names, kinds, number and secrecy."""
    known = flow.content.known
    for path, name in _given_names(flow):
        if name in FACT_KINDS:
            told = f"'{name}' is a fact of every call: name the variable otherwise"
            yield flow.source.mistake(path, told, key=True)
    if len(known.kinds) > MAX_VARIABLES:
        told = f"the flow has {len(known.kinds)} variables, at most {MAX_VARIABLES} are allowed"
        yield flow.source.mistake(("nodes",), told, key=True)
    kinds = known.all_kinds
    for name, node in flow.nodes.items():
        for path, expression, wanted in _expressions(flow, node):
            problems = (
                expression.problems(kinds)
                if isinstance(expression, Condition)
                else expression.problems(kinds, wanted)
            )
            for problem in problems:
                yield flow.source.mistake(("nodes", name, *path), f"node '{name}': {problem}")
        if (
            isinstance(node, CollectNode | RecordNode | ListenNode)
            and node.into
            and known.kinds[node.into] is not str
        ):
            what = {CollectNode: "digits are", RecordNode: "the name of a take is"}
            told = f"{what.get(type(node), 'what was said is')} a text"
            told += f", but '{node.into}' is {KIND_WORDS[known.kinds[node.into]]}"
            yield flow.source.mistake(("nodes", name, "into"), f"node '{name}': {told}")
        if isinstance(node, SubflowNode | LookUpNode):
            yield from _undeclared_results(flow, name, node)
        if isinstance(node, UpdateTicketNode):
            yield from _written(flow, name, node)
        if isinstance(node, TransferNode) and (agent := node.transfer.agent):
            for secret in sorted(agent.names & known.secret):
                told = f"'{secret}' is sensitive, and who is rung for the caller is shown"
                yield flow.source.mistake(("nodes", name, "transfer", "agent"), f"node '{name}': {told}")
    yield from _slots(flow)


def _slots(flow: Flow) -> Iterator[Mistake]:
    known = flow.content.known
    for words in all_texts(flow):
        said_back: dict[str, type] = {"choice" if words.path[-1] == "confirm" else "digits": str}
        kinds = said_back if words.path[0] == "hints" else known.all_kinds
        for language, template in words.templates():
            for problem in slot_problems(template, kinds):
                yield flow.source.mistake((*words.path, language), f"{words.where}: {problem}")
            for slot in template.slots:
                if slot.name in known.secret and words.path[0] != "hints":
                    told = f"'{slot.name}' is sensitive and may not be said"
                    yield flow.source.mistake((*words.path, language), f"{words.where}: {told}")


def _written(flow: Flow, name: str, node: UpdateTicketNode) -> Iterator[Mistake]:
    known, path = flow.content.known, ("nodes", name, "update_ticket")
    for slot in node.update_ticket.slots:
        if slot.name not in known.all_kinds:
            near = did_you_mean(slot.name, known.all_kinds)
            yield flow.source.mistake(path, f"node '{name}': unknown name '{slot.name}'{near}")
        elif slot.name in known.secret:
            told = f"'{slot.name}' is sensitive and may not be written into a ticket"
            yield flow.source.mistake(path, f"node '{name}': {told}")


def _undeclared_results(flow: Flow, name: str, node: SubflowNode | LookUpNode) -> Iterator[Mistake]:
    for variable in node.into:
        if variable not in flow.content.variables:
            told = (
                f"node '{name}': declare '{variable}' in 'variables', with its value when there is no result"
            )
            yield flow.source.mistake(("nodes", name, "into", variable), told, key=True)


def _given_names(flow: Flow) -> Iterator[tuple[Path, str]]:
    for variable in flow.content.variables:
        yield ("variables", variable), variable
    for name, node in flow.nodes.items():
        match node:
            case SetNode():
                yield from ((("nodes", name, "set", variable), variable) for variable in node.set)
            case CollectNode(into=str(given)) | RecordNode(into=str(given)) | ListenNode(into=str(given)):
                yield ("nodes", name, "into"), given
            case SubflowNode() | LookUpNode():
                yield from ((("nodes", name, "into", variable), variable) for variable in node.into)
            case _:
                pass


def _expressions(flow: Flow, node: Node) -> Iterator[tuple[Path, Expression, type | None]]:
    """Every expression of a node: where it stands in it, and the kind that it must give."""
    match node:
        case BranchNode():
            for i, case in enumerate(node.branch):
                yield ("branch", i, "when"), case.when, bool
        case SetNode():
            for name, expression in node.set.items():
                yield ("set", name), expression, flow.content.known.kinds.get(name)
        case SubflowNode() | LookUpNode():
            for name, expression in node.with_.items():
                yield ("with", name), expression, None
        case SendNode() | ReturnNode():
            word, given = ("body", node.body) if isinstance(node, SendNode) else ("return", node.return_)
            for name, expression in given.items():
                yield (word, name), expression, None
        case TransferNode() | HearNode() | KeepNode():
            for path, expression in _told(node):
                yield path, expression, str
        case _:
            pass


def _told(node: TransferNode | HearNode | KeepNode) -> Iterator[tuple[Path, Expression]]:
    """Numbers, ids and names: all of them texts."""
    told: dict[Path, Expression | None]
    match node:
        case TransferNode(transfer=target):
            told = {("transfer", "agent"): target.agent, ("transfer", "number"): target.number}
        case HearNode(hear=sound):
            told = {("hear", "prompt"): sound.prompt, ("hear", "take"): sound.take}
        case KeepNode(keep=keeping):
            told = {("keep", "take"): keeping.take, ("keep", "prompt"): keeping.prompt}
    for path, expression in told.items():
        if expression is not None:
            yield path, expression


# --- a value on every way ----------------------------------------------------------------------------------


def used_before_set(flow: Flow) -> Iterator[Mistake]:
    """Uses of variables that have no declared value and are not set on every way that leads there."""
    sure = _surely_set(flow)
    without_default = flow.content.known.kinds.keys() - flow.content.variables.keys()
    for name, node in flow.nodes.items():
        have = set(sure.get(name, without_default))
        for path, names, gives in _uses(flow, node):
            for variable in sorted((names & without_default) - have):
                told = (
                    f"'{variable}' may have no value here: set it on every way, or declare it in 'variables'"
                )
                yield flow.source.mistake(("nodes", name, *path), f"node '{name}': {told}")
            have |= gives


def _surely_set(flow: Flow) -> Mapping[str, frozenset[str]]:
    """By node: the variables that are set on every way from the start to it."""
    sure: dict[str, frozenset[str]] = {flow.content.start: frozenset()}
    ahead = deque([flow.content.start])
    while ahead:
        name = ahead.popleft()
        node = flow.nodes[name]
        for way in ways_of(flow, node):
            there = sure[name] | _set_by(node, way)
            before = sure.get(way.target)
            now = there if before is None else before & there
            if now != before:
                sure[way.target] = now
                ahead.append(way.target)
    return sure


def _set_by(node: Node, way: Way) -> frozenset[str]:
    match node:
        case SetNode():
            return frozenset(node.set)
        case CollectNode(into=str(given)) | RecordNode(into=str(given)) | ListenNode(into=str(given)) if (
            way.path == ("next",)
        ):
            return frozenset((given,))
        case _:
            return frozenset()


def _uses(flow: Flow, node: Node) -> Iterator[tuple[Path, frozenset[str], frozenset[str]]]:
    """The names that each part of a node uses, and those that it then gives, in the order of evaluation."""
    nothing: frozenset[str] = frozenset()
    match node:
        case SayNode():
            for language, template in node.say.items():
                yield ("say", language), frozenset(slot.name for slot in template.slots), nothing
        case UpdateTicketNode():
            yield ("update_ticket",), frozenset(slot.name for slot in node.update_ticket.slots), nothing
        case _:
            for path, expression, _ in _expressions(flow, node):
                gives = frozenset((str(path[1]),)) if isinstance(node, SetNode) else nothing
                yield path, expression.names, gives
