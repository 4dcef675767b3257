"""A walk read with its flow at hand: which nodes those were, also within sub-flows, and by which ways they
were left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callcenter.replay.walks import Key, Walk
from ivr_flows.check import ways_of
from ivr_flows.model import (
    DIGITS,
    CollectNode,
    Flow,
    HumanKey,
    MenuNode,
    Node,
    ReturnNode,
    SubflowNode,
    SurveyNode,
)

UNTOLD_KEY: Final = "1"
"""Stands for every key of a number that the journal does not tell."""


class Followed:
    """A walk in this version of its flow. Places count the visits of the walk, from 0."""

    def __init__(self, walk: Walk, flow: Flow) -> None:
        self.walk = walk
        self.flow = flow
        self._flows = {one.name: one for one in flow.with_subflows()}

    def node(self, place: int) -> Node | None:
        """None where this version lacks it (or the call was in no node yet)."""
        flow = self._flow(place)
        return flow.nodes.get(self.walk.nodes[place].node) if flow else None

    def name(self, place: int) -> str:
        """The name of the node there; empty where this version lacks it."""
        return self.walk.nodes[place].node if self.node(place) is not None else ""

    def steps(self) -> Iterator[tuple[int, Node | None, int]]:
        """Every place that was left for another, with its node and how long the call was there, in
        milliseconds."""
        for place, (visit, following) in enumerate(zip(self.walk.nodes, self.walk.nodes[1:], strict=False)):
            yield place, self.node(place), following.at - visit.at

    def human(self, place: int) -> HumanKey | None:
        """The human key there: that of the flow, else of the flow around it."""
        while (flow := self._flow(place)) is not None:
            if flow.content.human is not None:
                return flow.content.human
            place = self._around(place)
        return None

    def words(self, place: int) -> list[str]:
        """The words of the ways by which the call may have left its node there; none for the last place, or
        when no way of this version leads so."""
        flow, node = self._flow(place), self.node(place)
        if flow is None or node is None or place + 1 == len(self.walk.nodes):
            return []
        target = self.walk.nodes[place + 1]
        if target.flow == flow.name:
            return [way.word for way in ways_of(flow, node) if way.target == target.node]
        human = self.human(place)
        goes_out = not isinstance(node, ReturnNode | SubflowNode)
        return ["human"] if goes_out and human is not None and human.next == target.node else []

    def keys(self) -> list[Key]:
        """The keys the journal tells, with another number for each that it does not tell."""
        found: list[Key] = []
        walk = self.walk
        for place in sorted({key.place for key in walk.keys} | {rating.place for rating in walk.ratings}):
            here, node = [key for key in self.walk.keys if key.place == place], self.node(place)
            match node:
                case CollectNode():
                    found += self._entries(place, node, here)
                case SurveyNode():
                    found += self.ratings(place, node)
                case _:
                    found += here
            human = self.human(place)
            if human and found and found[-1].digit not in DIGITS and self.words(place) == ["human"]:
                found[-1] = Key(found[-1].at, human.key, place)
        return found

    def ratings(self, place: int, node: SurveyNode) -> list[Key]:
        """The keys by which the scores given at this place are given now."""
        return [
            Key(rating.at, key, place)
            for rating in self.walk.ratings
            if rating.place == place and (question := node.survey.get(rating.question))
            for key in [key for key, score in question.scores.items() if score == rating.score][:1]
        ]

    def unoffered(self, place: int, menu: MenuNode) -> str:
        """A key that the menu at this place does not know."""
        human = self.human(place)
        known = {*menu.digits, human.key if human else ""}
        return next((key for key in "#*8765432190ABCD" if key not in known), "#")

    def _entries(self, place: int, node: CollectNode, keys: list[Key]) -> list[Key]:
        """What led the same way: a number that is right, or as many wrong ones as there were tries."""
        words, human = self.words(place), self.human(place)
        first, last = keys[0].at, keys[-1].at
        if "next" in words:
            return [Key(first, entry_for(node), place)]
        if "human" in words and human:
            return [Key(last, human.key + node.terminator, place)]
        if "no_match" in words:
            tries = node.retries + 1
            return [Key(first + i * (last - first) // tries, node.terminator, place) for i in range(tries)]
        return [] if words else keys

    def _flow(self, place: int) -> Flow | None:
        return self._flows.get(self.walk.nodes[place].flow) if place >= 0 else None

    def _around(self, place: int) -> int:
        """Where the call went into the sub-flow in which it is at this place; -1: it is in none."""
        inner = self.walk.nodes[place].flow
        for before in range(place - 1, -1, -1):
            node = self.node(before)
            if isinstance(node, SubflowNode) and node.flow == inner:
                return before
        return -1


def entry_for(node: CollectNode) -> str:
    """Keys that the node takes for a right number, which is nobody's."""
    fewest, most = node.lengths
    fits = node.check.fits if node.check else str.isalnum
    tried = (one for one in _numbers(node) if fewest <= len(one) <= most and fits(one))
    number = next(tried, UNTOLD_KEY * fewest)
    ended = number.replace("X", "*") + (node.terminator if len(number) < most else "")
    return ended + ("1" if node.echo and not node.sensitive else "")


def _numbers(node: CollectNode) -> Iterator[str]:
    """Numbers of which one fits whatever a node may ask for."""
    fewest, most = node.lengths
    written = node.check.written if node.check else ""
    for filler in (UNTOLD_KEY, "0"):
        yield from (filler * length for length in range(fewest, most + 1))
        yield written.rstrip("*").replace("#", filler).replace("?", filler).ljust(fewest, filler)
    yield written.partition("..")[0].zfill(fewest)
    yield "13800000000"
    yield from (f"11010119000101000{last}" for last in "0123456789X")
