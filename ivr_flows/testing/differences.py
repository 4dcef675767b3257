"""What came of a call otherwise than its case expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ivr_flows.rehearsal import Happening, Rehearsal
from ivr_flows.testing.model import Case, Ending, Expectation, StepWritten, WordsWanted
from located_yaml import Path, did_you_mean

_Difference = tuple[Path, str]


def differences(case: Case, done: Rehearsal) -> Iterator[_Difference]:
    """Everything that is otherwise: its path below the case, and what came instead."""
    if done.steps_done < len(case.steps):
        step = case.steps[done.steps_done]
        yield ("steps", done.steps_done), f"the caller never came to do this: {_never(step)}"
    wanted = case.expect
    for path, what in (*_heard(wanted, done), *_nodes(wanted, done), *_asked(wanted, done)):
        yield ("expect", *path), what
    if wanted.language is not None and wanted.language != done.language:
        told = f"expected the caller to be spoken to in '{wanted.language}' at the end, not '{done.language}'"
        yield ("expect", "language"), told
    ended = done.ended or Ending.WAITING.value
    if wanted.ends is not None and wanted.ends != ended:
        yield ("expect", "ends"), f"expected the call to end '{wanted.ends}', but it ended '{ended}'"
    if wanted.within_sec is not None and (over_ms := _over_ms(done)) > wanted.within_sec * 1000:
        told = f"expected it to be over within {wanted.within_sec:g} s, but it took {over_ms / 1000:.1f} s"
        yield ("expect", "within_sec"), told


def _never(step: StepWritten) -> str:
    if step.at is not None:
        return f"the call was not at '{step.at}' (any more)"
    if step.heard is not None:
        return f"nothing with '{step.heard}' in it was heard (any more)"
    return "the call was over before"


def _over_ms(done: Rehearsal) -> int:
    if done.ended is not None:
        return done.ended_ms
    return next((at_ms for at_ms, kind, _ in reversed(done.trace) if kind is Happening.QUEUE), 0)


def _heard(wanted: Expectation, done: Rehearsal) -> Iterator[_Difference]:
    texts = done.texts
    place = _in_order(wanted.heard, texts, _says)
    if place is not None:
        words = wanted.heard[place]
        again = any(_says(words, text) for text in texts)
        why = "it is heard only before what stands above it here" if again else _nearest(words, texts)
        yield ("heard", place), f"expected to be heard: {_quoted(words)}; {why}"
    for i, words in enumerate(wanted.not_heard):
        for text in texts:
            if _says(words, text):
                yield ("not_heard", i), f"expected not to be heard: {_quoted(words)}; but heard was '{text}'"
                break


def _nodes(wanted: Expectation, done: Rehearsal) -> Iterator[_Difference]:
    place = _in_order(wanted.path, done.path, lambda node, entered: node == entered)
    if place is not None:
        node = wanted.path[place]
        why = "only before" if node in done.path else "never entered"
        after = f" after '{wanted.path[place - 1]}'" if place else ""
        way = " -> ".join(done.path)
        yield ("path", place), f"expected node '{node}'{after}: {why}; the way was {way}"
    for i, node in enumerate(wanted.not_at):
        if node in done.path:
            yield ("not_at", i), f"expected not to come to node '{node}', but the call did"


def _asked(wanted: Expectation, done: Rehearsal) -> Iterator[_Difference]:
    queues = [entered.queue for entered in done.queued]
    if wanted.queue is not None:
        names = [queue.name for queue in wanted.queue]
        if names != queues:
            yield ("queue",), f"expected the queues {_list(names)}, but the call entered {_list(queues)}"
        for i, (queue, entered) in enumerate(zip(wanted.queue, done.queued, strict=False)):
            if queue.priority not in (None, entered.priority):
                told = (
                    f"expected priority {queue.priority} in queue {queue.name}, but it was {entered.priority}"
                )
                yield ("queue", i, "priority"), told
            if queue.skills is not None and dict(queue.skills) != dict(entered.skills):
                told = f"expected skills {dict(queue.skills)} in {queue.name}, but asked was {entered.skills}"
                yield ("queue", i, "skills"), told
    categories = done.ticket_categories
    if wanted.ticket is not None and list(wanted.ticket) != categories:
        told = f"expected the tickets {_list(wanted.ticket)}, but asked for were {_list(categories)}"
        yield ("ticket",), told
    yield from _told(wanted, done)


def _told(wanted: Expectation, done: Rehearsal) -> Iterator[_Difference]:
    webhooks = [sent.webhook for sent in done.sent]
    if wanted.sent is not None:
        names = [one.to for one in wanted.sent]
        if names != webhooks:
            yield ("sent",), f"expected to be told: {_list(names)}, but told were {_list(webhooks)}"
        for i, (one, sent) in enumerate(zip(wanted.sent, done.sent, strict=False)):
            for name, value in (one.body or {}).items():
                if sent.body.get(name) != value:
                    came = sent.body.get(name, "(nothing)")
                    yield ("sent", i, "body", name), f"expected {name} to be {value!r}, but it was {came!r}"
    if wanted.added is not None:
        texts = [update.text for update in done.updates]
        if len(texts) != len(wanted.added):
            told = f"expected {len(wanted.added)} additions to the ticket, but there were {len(texts)}"
            yield ("added",), told
        for i, (words, text) in enumerate(zip(wanted.added, texts, strict=False)):
            if not _says(words, text):
                yield ("added", i), f"expected to be added: {_quoted(words)}; but added was '{text}'"


def _in_order(wanted: Sequence[Any], came: Sequence[Any], fits: Any) -> int | None:
    """The place of the first that is wanted and did not come (after those before it); None: all came."""
    ahead = iter(came)
    for place, one in enumerate(wanted):
        if not any(fits(one, other) for other in ahead):
            return place
    return None


def _says(words: WordsWanted, text: str) -> bool:
    return text == words.exactly if words.exactly is not None else (words.part or "") in text


def _quoted(words: WordsWanted) -> str:
    return f"exactly '{words.exactly}'" if words.exactly is not None else f"'{words.part}'"


def _nearest(words: WordsWanted, texts: Iterable[str]) -> str:
    return "it was not" + did_you_mean(words.exactly or words.part or "", texts)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "(none)"
