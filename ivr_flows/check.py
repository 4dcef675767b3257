"""Proofs that a flow does right by every caller: each way leads somewhere, and every call comes to an end.

The ways that need no person make no circle (``_loops``), and only ``hang_up`` has none of them (``queue`` has
them for every outcome but the agent's): so no caller is ever stuck, whatever they press or do not press.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from ivr_flows.effects import BEEP, PromptText, QueueOutcome
from ivr_flows.expressions import kind_of
from ivr_flows.facts import FACT_KINDS
from ivr_flows.model import (
    MAY_END,
    BranchNode,
    Flow,
    HoursNode,
    LanguageNode,
    MenuNode,
    Node,
    PlayNode,
    QueueNode,
    Texts,
    VoicemailNode,
    Way,
)
from located_yaml import Mistake, Path, did_you_mean


def structure_mistakes(flow: Flow) -> list[Mistake]:
    """Everything wrong with the flow in itself."""
    unknown = list(_unknown_targets(flow))
    graph = [] if unknown else [*_unreachable(flow), *_loops(flow)]
    return [*unknown, *graph, *_keys_and_outcomes(flow), *_languages(flow), *_conditions(flow)]


def surroundings_mistakes(
    flow: Flow,
    queues: Collection[str] | None = None,
    calendars: Collection[str] | None = None,
    has_audio: Callable[[PromptText], bool] | None = None,
    calling_back: Collection[str] = (),
) -> list[Mistake]:
    """What the flow asks for and the centre does not have; what is None is not asked. ``calling_back`` are
    the queues whose callers may be promised a call-back: the flow must tell them so."""
    found: list[Mistake] = []
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        if isinstance(node, QueueNode) and queues is not None and node.queue not in queues:
            told = f"node '{name}': unknown queue '{node.queue}'{did_you_mean(node.queue, queues)}"
            found.append(flow.source.mistake((*here, "queue"), told))
        if isinstance(node, QueueNode) and node.queue in calling_back and node.call_back is None:
            told = f"node '{name}': callers of queue '{node.queue}' may be promised a call-back"
            cure = "add 'call_back: <node>', where they are told so"
            found.append(flow.source.mistake(here, f"{told}: {cure}", key=True))
        if isinstance(node, HoursNode) and calendars is not None and node.hours not in calendars:
            told = f"node '{name}': unknown calendar '{node.hours}'{did_you_mean(node.hours, calendars)}"
            found.append(flow.source.mistake((*here, "hours"), told))
    for where, path, texts, _ in _all_texts(flow):
        for language, text in texts.items():
            if has_audio is not None and not has_audio(PromptText(text, language)):
                found.append(flow.source.mistake((*path, language), f"{where}: no audio for this text"))
    return found


def prompts_of(flow: Flow) -> tuple[PromptText, ...]:
    """All that callers of the flow can hear, each once, in the order of the file."""
    said = [
        PromptText(text, language) for _, _, texts, _ in _all_texts(flow) for language, text in texts.items()
    ]
    beeps = [BEEP for node in flow.nodes.values() if isinstance(node, VoicemailNode)]
    return tuple(dict.fromkeys([*said, *beeps]))


def ways_of(flow: Flow, node: Node) -> tuple[Way, ...]:
    """All ways out of a node, with the way of the human key where it works."""
    human = flow.content.human
    if human and isinstance(node, PlayNode | MenuNode | VoicemailNode) and node.human:
        return (*node.ways(), Way("human", human.next, (), by_a_person=True))
    return node.ways()


def _unknown_targets(flow: Flow) -> Iterator[Mistake]:
    def unknown(where: str, target: str, path: Path) -> Mistake:
        told = f"{where}unknown node '{target}'{did_you_mean(target, flow.nodes)}"
        return flow.source.mistake(path, told)

    if flow.content.start not in flow.nodes:
        yield unknown("start: ", flow.content.start, ("start",))
    if flow.content.human and flow.content.human.next not in flow.nodes:
        yield unknown("human: ", flow.content.human.next, ("human", "next"))
    for name, node in flow.nodes.items():
        for way in node.ways():
            if way.target not in flow.nodes:
                yield unknown(f"node '{name}', {way.word}: ", way.target, ("nodes", name, *way.path))


def _unreachable(flow: Flow) -> Iterator[Mistake]:
    reached = {flow.content.start}
    ahead = [flow.content.start]
    while ahead:
        targets = {way.target for way in ways_of(flow, flow.nodes[ahead.pop()])} - reached
        reached |= targets
        ahead += targets
    for name in flow.nodes:
        if name not in reached:
            yield flow.source.mistake(("nodes", name), f"node '{name}': no way leads here", key=True)


def _loops(flow: Flow) -> Iterator[Mistake]:
    """Ways round in a circle that no person has to do anything for."""
    came_from: dict[str, set[str]] = {name: set() for name in flow.nodes}
    for name, node in flow.nodes.items():
        for way in node.ways():
            if not way.by_a_person:
                came_from[way.target].add(name)
    while True:
        try:
            TopologicalSorter(came_from).prepare()
        except CycleError as found:
            circle: list[str] = found.args[1]
            last, first = circle[-2], circle[-1]
            told = f"node '{last}': the call can go in a circle without anybody doing anything: "
            yield flow.source.mistake(("nodes", last), told + " -> ".join(circle), key=True)
            came_from[first].discard(last)
        else:
            return


def _keys_and_outcomes(flow: Flow) -> Iterator[Mistake]:
    human = flow.content.human
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        if isinstance(node, MenuNode) and human and node.human:
            target = node.digits.get(human.key, human.next)
            if target != human.next:
                told = f"node '{name}': key {human.key} leads to a human ('{human.next}') everywhere"
                cure = "use another key, or 'human: false'"
                yield flow.source.mistake((*here, "digits", human.key), f"{told}: {cure}", key=True)
        if isinstance(node, QueueNode):
            missing = [o for o in QueueOutcome if o not in MAY_END and not node.way_of(o)]
            if missing:
                told = f"node '{name}' is a dead end after {', '.join(missing)}: add these, or 'otherwise'"
                yield flow.source.mistake(here, told, key=True)


def _languages(flow: Flow) -> Iterator[Mistake]:
    offered = flow.content.languages
    for where, path, texts, needed in _all_texts(flow):
        for language in needed:
            if language not in texts:
                yield flow.source.mistake(path, f"{where}: no text in the language '{language}'")
        for language in texts:
            if language not in needed:
                told = f"{where}: nobody is spoken to in '{language}' here{did_you_mean(language, needed)}"
                yield flow.source.mistake((*path, language), told, key=True)
    for name, node in flow.nodes.items():
        if isinstance(node, LanguageNode) and node.language not in offered:
            told = f"node '{name}': the flow offers {', '.join(offered)}, but not '{node.language}'"
            yield flow.source.mistake(("nodes", name, "language"), told)


def _conditions(flow: Flow) -> Iterator[Mistake]:
    variables = flow.content.variables
    for name in variables:
        if name in FACT_KINDS:
            told = f"'{name}' is a fact of every call: name the variable otherwise"
            yield flow.source.mistake(("variables", name), told, key=True)
    kinds = {name: kind_of(value) for name, value in variables.items()} | FACT_KINDS
    for name, node in flow.nodes.items():
        for i, case in enumerate(node.branch if isinstance(node, BranchNode) else ()):
            for problem in case.when.problems(kinds):
                path = ("nodes", name, "branch", i, "when")
                yield flow.source.mistake(path, f"node '{name}': {problem}")


def _all_texts(flow: Flow) -> Iterator[tuple[str, Path, Texts, Collection[str]]]:
    """Every set of texts: words and path that say where it is, the texts, the languages it must have."""
    offered = flow.content.languages
    if hints := flow.content.hints:
        yield "hints, no_input", ("hints", "no_input"), hints.no_input, offered
        yield "hints, no_match", ("hints", "no_match"), hints.no_match, offered
    for name, node in flow.nodes.items():
        match node:
            case PlayNode():
                needed = (node.speak_in,) if node.speak_in else offered
                yield f"node '{name}'", ("nodes", name, "play"), node.play, needed
            case MenuNode():
                yield f"node '{name}'", ("nodes", name, "menu"), node.menu, offered
            case VoicemailNode():
                yield f"node '{name}'", ("nodes", name, "voicemail"), node.voicemail, offered
            case _:
                pass
