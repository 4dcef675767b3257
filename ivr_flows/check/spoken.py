"""What callers may say: in every language, for choices that there are, and for one choice only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from heard_text import comparable_text
from ivr_flows.model import Flow, MenuNode
from located_yaml import Mistake, Path, did_you_mean

SpokenChoices = Mapping[str, Mapping[str, Sequence[str]]]


def speech_mistakes(flow: Flow) -> Iterator[Mistake]:
    """Everything wrong with the words that may be said instead of keys."""
    for name, node in flow.nodes.items():
        if isinstance(node, MenuNode):
            here: Path = ("nodes", name, "speech")
            yield from _no_such_key(flow, name, node)
            yield from _languages(flow, name, here, node.speech)
            yield from _ambiguous(flow, name, here, node.speech)


def _no_such_key(flow: Flow, name: str, node: MenuNode) -> Iterator[Mistake]:
    human = flow.content.human
    known = {*node.digits, *([human.key] if human and node.human else [])}
    for key in node.speech:
        if key not in known:
            near = did_you_mean(key, known)
            told = f"node '{name}': speech for key {key}, which leads nowhere: add it to 'digits'{near}"
            yield flow.source.mistake(("nodes", name, "speech", key), told, key=True)


def _languages(flow: Flow, name: str, here: Path, choices: SpokenChoices) -> Iterator[Mistake]:
    offered = flow.content.languages
    for choice, spoken in choices.items():
        for language in offered:
            if language not in spoken:
                told = f"node '{name}', speech for {choice}: no words in the language '{language}'"
                yield flow.source.mistake((*here, choice), told, key=True)
        for language in spoken:
            if language not in offered:
                near = did_you_mean(language, offered)
                told = f"node '{name}', speech for {choice}: nobody is spoken to in '{language}' here{near}"
                yield flow.source.mistake((*here, choice, language), told, key=True)


def _ambiguous(flow: Flow, name: str, here: Path, choices: SpokenChoices) -> Iterator[Mistake]:
    first: dict[tuple[str, str], str] = {}
    for choice, spoken in choices.items():
        for language, phrases in spoken.items():
            for i, phrase in enumerate(phrases):
                path: Path = (*here, choice, language, i)
                said = comparable_text(phrase, language)
                if not said:
                    told = f"node '{name}', speech for {choice}: '{phrase}' is nothing that can be said"
                    yield flow.source.mistake(path, told)
                elif (other := first.setdefault((language, said), choice)) != choice:
                    told = f"node '{name}': '{phrase}' is said for {other} and for {choice}"
                    yield flow.source.mistake(path, f"{told}: choose other words for one of them")
