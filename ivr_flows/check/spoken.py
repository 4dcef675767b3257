"""What callers may say: in every language, for choices that there are, and for one choice only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from heard_text import comparable_text
from ivr_flows.model import Flow, ListenNode, MenuNode
from located_yaml import Mistake, Path, did_you_mean

SpokenChoices = Mapping[str, Mapping[str, Sequence[str]]]


def speech_mistakes(flow: Flow) -> Iterator[Mistake]:
    """Everything wrong with the words that may be said instead of keys."""
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        if isinstance(node, MenuNode):
            yield from _no_such_key(flow, name, node)
            yield from _choices(flow, name, {key: (*here, "speech", key) for key in node.speech}, node.speech)
        elif isinstance(node, ListenNode):
            words = {choice: node.choices[choice].words for choice in node.choices}
            places: dict[str, Path] = {choice: (*here, "choices", choice, "words") for choice in words}
            yield from _choices(flow, name, places, words)
            yield from _repeated_keys(flow, name, node)
            yield from _questions_back(flow, name, node)
    hints = flow.content.hints
    if hints and hints.yes:
        yield from _choices(flow, "", {"yes": ("hints", "yes")}, {"yes": hints.yes})


def _no_such_key(flow: Flow, name: str, node: MenuNode) -> Iterator[Mistake]:
    human = flow.content.human
    known = {*node.digits, *([human.key] if human and node.human else [])}
    for key in node.speech:
        if key not in known:
            near = did_you_mean(key, known)
            told = f"node '{name}': speech for key {key}, which leads nowhere: add it to 'digits'{near}"
            yield flow.source.mistake(("nodes", name, "speech", key), told, key=True)


def _repeated_keys(flow: Flow, name: str, node: ListenNode) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for choice, offered in node.choices.items():
        if offered.key and (other := first.setdefault(offered.key, choice)) != choice:
            told = f"node '{name}': key {offered.key} is that of '{other}' already"
            yield flow.source.mistake(("nodes", name, "choices", choice, "key"), told)


def _questions_back(flow: Flow, name: str, node: ListenNode) -> Iterator[Mistake]:
    if node.confirm_below and not (flow.content.hints and flow.content.hints.confirm):
        told = (
            f"node '{name}': there are no words to ask back with: add 'hints: {{confirm: ...{{choice}}...}}'"
        )
        yield flow.source.mistake(("nodes", name, "confirm_below"), told, key=True)


def _choices(flow: Flow, name: str, places: Mapping[str, Path], choices: SpokenChoices) -> Iterator[Mistake]:
    yield from _languages(flow, name, places, choices)
    yield from _ambiguous(flow, name, places, choices)


def _languages(
    flow: Flow, name: str, places: Mapping[str, Path], choices: SpokenChoices
) -> Iterator[Mistake]:
    offered = flow.content.languages
    for choice, spoken in choices.items():
        here, where = places[choice], _where(name, choice)
        for language in offered:
            if language not in spoken:
                yield flow.source.mistake(here, f"{where}: no words in the language '{language}'", key=True)
        for language in spoken:
            if language not in offered:
                near = did_you_mean(language, offered)
                told = f"{where}: nobody is spoken to in '{language}' here{near}"
                yield flow.source.mistake((*here, language), told, key=True)


def _ambiguous(
    flow: Flow, name: str, places: Mapping[str, Path], choices: SpokenChoices
) -> Iterator[Mistake]:
    first: dict[tuple[str, str], str] = {}
    for choice, spoken in choices.items():
        for language, phrases in spoken.items():
            for i, phrase in enumerate(phrases):
                path: Path = (*places[choice], language, i)
                said = comparable_text(phrase, language)
                if not said:
                    told = f"{_where(name, choice)}: '{phrase}' is nothing that can be said"
                    yield flow.source.mistake(path, told)
                elif (other := first.setdefault((language, said), choice)) != choice:
                    told = f"node '{name}': '{phrase}' is said for {other} and for {choice}"
                    yield flow.source.mistake(path, f"{told}: choose other words for one of them")


def _where(name: str, choice: str) -> str:
    return f"node '{name}', words for '{choice}'" if name else f"hints, words for '{choice}'"
