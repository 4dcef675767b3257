"""Results in words, for people."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.rehearsal import Happening, Rehearsal
from ivr_flows.testing.coverage import Coverage
from ivr_flows.testing.run import CaseResult

_WORDS = {
    Happening.NODE: "at {}",
    Happening.HEARS: "    hears: {}",
    Happening.PRESSES: "    presses {}",
    Happening.SAYS: "    says: {}",
    Happening.QUEUE: "    waits in queue {}",
    Happening.BACK: "    comes back from the queue: {}",
    Happening.TICKET: "    a ticket is asked for: {}",
    Happening.MESSAGE: "    leaves a message, with a ticket: {}",
    Happening.UPDATE: "    is added to the ticket: {}",
    Happening.ASKS: "    is looked up: {}",
    Happening.FINDS: "    the look-up is answered: {}",
    Happening.SENDS: "    is told to: {}",
    Happening.LISTED: "    is on the list {}",
    Happening.ANSWER: "    the ticket is {}",
    Happening.TAKES: "    a take: {}",
    Happening.KEEPS: "    keeps it as prompt {}",
    Happening.RATES: "    answers {}",
    Happening.DIALS: "    is connected to: {}",
    Happening.HANDED: "    the other side: {}",
    Happening.LANGUAGE: "    is spoken to in {} from here on",
    Happening.ENDS: "ends: {}",
}


def failure_lines(result: CaseResult) -> Iterator[str]:
    """What was expected, with its line in the file, and all that happened instead."""
    yield f"FAILED {result.flow.name}: {result.name} ({result.file}:{result.line})"
    yield from (f"  {failure}" for failure in result.failures)
    if result.rehearsal is not None:
        yield "  what happened:"
        yield from (f"    {line}" for line in trace_lines(result.rehearsal))


def trace_lines(done: Rehearsal) -> Iterator[str]:
    """The call, one line for each thing that happened, with the seconds since it came in."""
    for at_ms, kind, word in done.trace:
        yield f"{at_ms / 1000:7.1f} s  {_WORDS[kind].format(word)}"
    if done.ended is None:
        yield "           (the call stays there)"


def coverage_lines(found: Coverage) -> Iterator[str]:
    """The figures of one flow, and every node and way left out, by its line."""
    nodes, ways = found.nodes - len(found.missed_nodes), found.ways - len(found.missed_ways)
    yield (
        f"{found.flow.name}: {nodes} of {found.nodes} nodes ({found.node_percent:.0f} %), "
        f"{ways} of {found.ways} ways ({found.way_percent:.0f} %)"
    )
    file = found.flow.source.file
    for node in found.missed_nodes:
        yield f"  {file}:{node.line}: no test comes to node '{node.node}'"
    missed = {node.node for node in found.missed_nodes}
    for way in found.missed_ways:
        if way.node not in missed:
            yield f"  {file}:{way.line}: no test goes from '{way.node}' by '{way.word}' to '{way.target}'"
