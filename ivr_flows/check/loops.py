"""No circle without a caller's input or a counter.

A circle that no person has to do anything for is allowed only when a counter ends it. The rule, for who
writes flows: count up in the circle (``set: {tries: tries + 1}``), and go round only while ``tries < 3`` (or
leave by a case ``tries >= 3``); start from a number of 0 or more; count to at most 20.

Why that is enough: whatever goes round for ever passes some nodes and ways again and again, and these are
themselves connected in circles. If they count ``n`` up and nothing there sets it otherwise, ``n`` outgrows
every bound, so no way that needs ``n < number`` can be among them. Hence either the counting nodes or the
bounded ways are missing in what is passed for ever. Both remainders are looked at in the same way, until
nothing goes round, or something does and no counter is left. Each counter lets its circle be passed at most
``bound + 2`` times, which bounds the nodes of one call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from ivr_flows.check.counters import Counter, counters_of
from ivr_flows.model import Flow
from located_yaml import Mistake

MAX_NODES_ROUND: Final = 400
"""Nodes that counters may let a call pass in one set of circles."""

Graph = Mapping[str, frozenset[str]]
"""The nodes, each with those that a call goes on to without a person."""


def endless_loops(flow: Flow) -> Iterator[Mistake]:
    """One mistake for each set of nodes in which a call may go round for ever, or too often."""
    graph = {
        name: frozenset(way.target for way in node.ways() if not way.by_a_person)
        for name, node in flow.nodes.items()
    }
    for circle in _unproved(graph, counters_of(flow), 1.0):
        last = circle[-2]
        told = f"node '{last}': the call can go in a circle without anybody doing anything"
        yield flow.source.mistake(
            ("nodes", last), f"{told}, and no counter ends it soon: {' -> '.join(circle)}", key=True
        )


def _unproved(graph: Graph, counters: Sequence[Counter], rounds: float) -> Iterator[list[str]]:
    """A circle of each connected part of which no counter proves the end. ``rounds``: how often the counters
    around let the graph be passed."""
    for part in _connected_parts(graph):
        inside = {name: graph[name] & part for name in sorted(part)}
        counter = next((counter for counter in counters if _counts(counter, inside)), None)
        if counter is None:
            yield _circle(inside)
            continue
        again = rounds * (counter.bound + 2)
        if again * len(part) > MAX_NODES_ROUND:
            yield _circle(inside)
            continue
        unbounded = {
            name: frozenset(target for target in targets if (name, target) not in counter.bounded)
            for name, targets in inside.items()
        }
        uncounted = {
            name: targets - counter.steps for name, targets in inside.items() if name not in counter.steps
        }
        yield from (circle for rest in (unbounded, uncounted) for circle in _unproved(rest, counters, again))


def _counts(counter: Counter, part: Graph) -> bool:
    """Whether the counter counts in this part, and bounds a way in it."""
    return (
        not counter.steps.isdisjoint(part)
        and counter.resets.isdisjoint(part)
        and any(name in part and target in part[name] for name, target in counter.bounded)
    )


def _connected_parts(graph: Graph) -> list[frozenset[str]]:
    """The sets of nodes from each of which all others of the set are reached, if they hold a circle."""
    back: dict[str, set[str]] = {name: set() for name in graph}
    for name, targets in graph.items():
        for target in targets:
            back[target].add(name)
    seen: set[str] = set()
    order = [name for root in graph for name in _finished(graph, root, seen)]
    seen = set()
    parts = [frozenset(_finished(back, root, seen)) for root in reversed(order)]
    return [part for part in parts if len(part) > 1 or any(name in graph[name] for name in part)]


def _finished(graph: Mapping[str, frozenset[str] | set[str]], root: str, seen: set[str]) -> list[str]:
    """The nodes reached from ``root`` and not seen before, each after all that it leads to."""
    if root in seen:
        return []
    seen.add(root)
    finished: list[str] = []
    ahead = [(root, iter(graph[root]))]
    while ahead:
        name, targets = ahead[-1]
        target = next((target for target in targets if target not in seen), None)
        if target is None:
            finished.append(name)
            ahead.pop()
        else:
            seen.add(target)
            ahead.append((target, iter(graph[target])))
    return finished


def _circle(part: Graph) -> list[str]:
    """Nodes of one circle of a connected part, the first again at the end."""
    came_from: dict[str, set[str]] = {name: set() for name in part}
    for name, targets in part.items():
        for target in targets:
            came_from[target].add(name)
    try:
        TopologicalSorter(came_from).prepare()
    except CycleError as found:
        circle: list[str] = found.args[1]
        return circle
    raise AssertionError("a connected part holds a circle")
