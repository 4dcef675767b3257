"""Texts: each in every language offered, and all of them to be found by who renders them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr_flows.effects import BEEP, PromptText
from ivr_flows.model import (
    CollectNode,
    Flow,
    Hints,
    LanguageNode,
    ListenNode,
    LookUpNode,
    MenuNode,
    Node,
    PlayNode,
    QueueNode,
    RecordNode,
    SayNode,
    SurveyNode,
    VoicemailNode,
    WaitNode,
)
from ivr_flows.templates import Slot, Template
from located_yaml import Mistake, Path, did_you_mean

SPOKEN: Final[Mapping[type, str]] = {
    SayNode: "say",
    MenuNode: "menu",
    ListenNode: "listen",
    CollectNode: "collect",
    VoicemailNode: "voicemail",
    RecordNode: "record",
}
"""The field with the words, of nodes that have words in every language and nothing more about it."""


@dataclass(frozen=True, slots=True)
class Words:
    """One set of texts of a flow: ``where`` says so in words, ``needed`` are the languages it must have."""

    where: str
    path: Path
    texts: Mapping[str, str] | Mapping[str, Template]
    needed: Collection[str]

    def fixed(self) -> Iterator[tuple[str, str]]:
        """Languages and texts of those without variables, which can be rendered before any call."""
        for language, text in self.texts.items():
            if isinstance(text, str):
                yield language, text
            elif not text.slots:
                yield language, text.text

    def carriers(self) -> Iterator[tuple[str, str]]:
        """Languages and the words around the variables: with audio of these, a text is put together in the
        call."""
        for language, template in self.templates():
            for part in template.parts:
                if isinstance(part, str) and any(map(str.isalnum, part)):
                    yield language, part

    def templates(self) -> Iterator[tuple[str, Template]]:
        """Languages and texts of those with variables."""
        for language, text in self.texts.items():
            if isinstance(text, Template) and text.slots:
                yield language, text


def prompts_of(flow: Flow) -> tuple[PromptText, ...]:
    """All that callers of the flow can hear and no variable changes, each once: texts, the words around
    variables, the beep."""
    known = list(all_texts(flow))
    said = [PromptText(text, language) for words in known for language, text in words.fixed()]
    said += [PromptText(text, language) for words in known for language, text in words.carriers()]
    said += [prompt for node in flow.nodes.values() for prompt in _questions_back(flow, node)]
    beeps = [BEEP for node in flow.nodes.values() if isinstance(node, VoicemailNode | RecordNode)]
    return tuple(dict.fromkeys([*said, *beeps]))


def _questions_back(flow: Flow, node: Node) -> Iterator[PromptText]:
    """What a caller is asked who was not heard surely: known before any call."""
    confirm = flow.content.hints.confirm if flow.content.hints else None
    if not isinstance(node, ListenNode) or not node.confirm_below or not confirm:
        return
    for choice in node.choices.values():
        for language, phrases in choice.words.items():
            if language in confirm:
                parts = confirm[language].parts
                words = [phrases[0] if isinstance(part, Slot) else part for part in parts]
                yield PromptText("".join(words), language)


def _hint_texts(hints: Hints, offered: tuple[str, ...]) -> Iterator[Words]:
    yield Words("hints, no_input", ("hints", "no_input"), hints.no_input, offered)
    yield Words("hints, no_match", ("hints", "no_match"), hints.no_match, offered)
    if hints.echo:
        yield Words("hints, echo", ("hints", "echo"), hints.echo, offered)
    if hints.confirm:
        yield Words("hints, confirm", ("hints", "confirm"), hints.confirm, offered)


def all_texts(flow: Flow) -> Iterator[Words]:
    """Every set of texts."""
    offered = flow.content.languages
    if hints := flow.content.hints:
        yield from _hint_texts(hints, offered)
    for name, node in flow.nodes.items():
        where, here = f"node '{name}'", ("nodes", name)
        match node:
            case PlayNode():
                needed = (node.speak_in,) if node.speak_in else offered
                yield Words(where, (*here, "play"), node.play, needed)
            case SurveyNode():
                for asked, question in node.survey.items():
                    yield Words(f"{where}, {asked}", (*here, "survey", asked, "ask"), question.ask, offered)
            case QueueNode() if node.waiting:
                for i, message in enumerate(node.waiting.comfort):
                    yield Words(where, (*here, "waiting", "comfort", i), message, offered)
            case WaitNode() | LookUpNode() if node.prompt:
                yield Words(where, (*here, "prompt"), node.prompt, offered)
            case _ if field := SPOKEN.get(type(node)):
                yield Words(where, (*here, field), getattr(node, field), offered)
            case _:
                pass


def language_mistakes(flow: Flow) -> Iterator[Mistake]:
    """Texts that lack a language, languages that nobody is spoken to in."""
    offered = flow.content.languages
    for words in all_texts(flow):
        for language in words.needed:
            if language not in words.texts:
                yield flow.source.mistake(words.path, f"{words.where}: no text in the language '{language}'")
        for language in words.texts:
            if language not in words.needed:
                near = did_you_mean(language, words.needed)
                told = f"{words.where}: nobody is spoken to in '{language}' here{near}"
                yield flow.source.mistake((*words.path, language), told, key=True)
    for name, node in flow.nodes.items():
        if isinstance(node, LanguageNode) and node.language not in offered:
            told = f"node '{name}': the flow offers {', '.join(offered)}, but not '{node.language}'"
            yield flow.source.mistake(("nodes", name, "language"), told)
