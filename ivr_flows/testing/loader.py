"""Text to cases, with every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from ivr_flows.model import (
    CallerListNode,
    Flow,
    HangUpNode,
    HoursNode,
    LookUpNode,
    QueueNode,
    SendNode,
    TicketNode,
    TransferNode,
    VoicemailNode,
)
from ivr_flows.testing.model import Case, CasesFile, Ending, Given
from located_yaml import Document, Mistake, Mistakes, Path, did_you_mean, from_pydantic, load


@dataclass(frozen=True, slots=True)
class Casebook:
    """The cases of one file, and the flow they are of."""

    flow: Flow
    content: CasesFile
    source: Document


def load_casebook(source: str | bytes, file: str, flows: Mapping[str, Flow]) -> Casebook:
    """The cases in ``source``, all names in them known; ``file`` is only the name told in mistakes. Raises
    Mistakes with everything that is wrong."""
    early: list[Mistake] = []
    doc = load(source, file, repeated=early)
    try:
        content = CasesFile.model_validate(doc.data)
    except ValidationError as wrong:
        raise Mistakes([*early, *from_pydantic(doc, wrong, CasesFile)]) from None
    flow = flows.get(content.flow)
    if flow is None:
        told = f"unknown flow '{content.flow}'{did_you_mean(content.flow, flows)}"
        raise Mistakes([*early, doc.mistake(("flow",), told)])
    if found := [*early, *_unknown_names(doc, content, flow)]:
        raise Mistakes(found)
    return Casebook(flow, content, doc)


def load_casebooks(sources: Mapping[str, str | bytes], flows: Mapping[str, Flow]) -> list[Casebook]:
    """All of them, in order, or Mistakes of all the files together."""
    books: list[Casebook] = []
    found: list[Mistake] = []
    for file, source in sources.items():
        try:
            books.append(load_casebook(source, file, flows))
        except Mistakes as wrong:
            found += wrong.found
    if found:
        raise Mistakes(found)
    return books


def _unknown_names(doc: Document, content: CasesFile, flow: Flow) -> Iterator[Mistake]:
    names = _Names(doc, flow)
    calendars = {node.hours for node in flow.nodes.values() if isinstance(node, HoursNode)}
    for path, given in _givens(content):
        for name in given.calendars:
            yield from names.unknown((*path, "calendars", name), "calendar", name, calendars, key=True)
        for name in given.variables:
            variables = flow.content.variables
            yield from names.unknown((*path, "variables", name), "variable", name, variables, key=True)
        for name, answers in given.look_ups.items():
            where = (*path, "look_ups", name)
            yield from names.unknown(where, "look-up", name, names.look_ups, key=True)
            for i, answer in enumerate(answers):
                for result in answer.found or () if name in names.look_ups else ():
                    results = names.look_ups[name]
                    at = (*where, i, "found", result)
                    yield from names.unknown(at, f"look-up of '{name}' that gives", result, results, key=True)
        for i, name in enumerate(given.lists or ()):
            yield from names.unknown((*path, "lists", i), "list of callers", name, names.lists)
        language = given.language
        if language is not None:
            offered = flow.content.languages
            yield from names.unknown((*path, "language"), "language", language, offered)
    for name, case in content.cases.items():
        if case.at is None and content.usually.at is None:
            told = f"case '{name}' has no clock: give it 'at: 2026-03-02 10:00', or give that under 'usually'"
            yield doc.mistake(("cases", name), told, key=True)
        yield from names.of_case(("cases", name), case)


def _givens(content: CasesFile) -> Iterator[tuple[Path, Given]]:
    yield ("usually",), content.usually
    for name, case in content.cases.items():
        yield ("cases", name), case


class _Names:
    def __init__(self, doc: Document, flow: Flow) -> None:
        self.doc = doc
        named = [pair for one in flow.with_subflows() for pair in one.nodes.items()]
        self.nodes = tuple(dict.fromkeys(name for name, _ in named))
        nodes = [node for _, node in named]
        transfers = [node for node in nodes if isinstance(node, TransferNode)]
        self.queues = {node.queue for node in nodes if isinstance(node, QueueNode)}
        self.queues |= {node.transfer.queue for node in transfers if node.transfer.queue}
        self.categories = {node.ticket for node in nodes if isinstance(node, TicketNode)}
        self.categories |= {node.category for node in nodes if isinstance(node, VoicemailNode)}
        self.lists = {one for node in nodes if isinstance(node, CallerListNode) for one in node.caller_list}
        self.webhooks = {node.send for node in nodes if isinstance(node, SendNode)}
        self.look_ups: dict[str, set[str]] = {}
        for node in nodes:
            if isinstance(node, LookUpNode):
                self.look_ups.setdefault(node.look_up, set()).update(node.into.values())
        self.categories |= {node.category for node in transfers if node.transfer.centre}
        self.languages = flow.content.languages
        self.endings = {node.hang_up for node in nodes if isinstance(node, HangUpNode)} | set(Ending)

    def unknown(
        self, path: Path, what: str, name: str, known: Iterable[str], *, key: bool = False
    ) -> Iterator[Mistake]:
        """Told when the name is none of those known."""
        names = list(known)
        if name not in names:
            told = f"the flow has no {what} '{name}'{did_you_mean(name, names)}"
            yield self.doc.mistake(path, told, key=key)

    def of_case(self, here: Path, case: Case) -> Iterator[Mistake]:
        """The names in the steps and in what is expected."""
        for i, step in enumerate(case.steps):
            if step.at is not None:
                yield from self.unknown((*here, "steps", i, "at"), "node", step.at, self.nodes)
        wanted, at = case.expect, (*here, "expect")
        for field, nodes in (("path", wanted.path), ("not_at", wanted.not_at)):
            for i, node in enumerate(nodes):
                yield from self.unknown((*at, field, i), "node", node, self.nodes)
        for i, queue in enumerate(wanted.queue or ()):
            yield from self.unknown((*at, "queue", i), "queue", queue.name, self.queues)
        for i, category in enumerate(wanted.ticket or ()):
            yield from self.unknown((*at, "ticket", i), "ticket category", category, self.categories)
        for i, sent in enumerate(wanted.sent or ()):
            yield from self.unknown((*at, "sent", i), "webhook", sent.to, self.webhooks)
        if wanted.language is not None:
            yield from self.unknown((*at, "language"), "language", wanted.language, self.languages)
        if wanted.ends is not None:
            yield from self.unknown((*at, "ends"), "ending", wanted.ends, self.endings)
