"""Where boxes and arrows go: layers from the top down, few crossings, arrows as straight as they can be.

The method is Sugiyama's: ways back are turned round, boxes stand in the layer of their longest way from the
start, an arrow over several layers gets a bend in each, each layer is put in the order of its neighbours'
means, and then everything is drawn towards its neighbours as far as the order allows.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

SWEEPS: Final = 24
PULLS: Final = 120
MAX_WORK: Final = 50_000
"""Spots times pulls: large flows are pulled straight less often."""
BEND_WIDTH: Final = 18.0
GAP: Final = 26.0


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a box, in pixels."""

    width: float
    height: float


@dataclass(slots=True)
class Spot:
    """A box, or the bend of an arrow in a layer: the middle of its upper edge lies at ``x``, ``y``."""

    name: str
    size: Size
    layer: int
    is_bend: bool = False
    x: float = 0.0
    y: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """The spots an arrow goes by, from the upper one to the lower one; ``goes_up`` when its head is there."""

    source: str
    target: str
    spots: tuple[Spot, ...]
    goes_up: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Spots of boxes by name, routes in the order of the arrows, and how much room all of it takes."""

    boxes: Mapping[str, Spot]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(sizes: Mapping[str, Size], arrows: Sequence[tuple[str, str]], start: str, gap: float) -> Layout:
    """Positions in pixels, from 0; ``gap`` is the height between two layers. Arrows from a box to itself are
    left out."""
    backward = _backward(sizes, arrows, start)
    turned = [(b, a) if (a, b) in backward else (a, b) for a, b in arrows]
    layer_of = _layers(sizes, turned)
    boxes = {name: Spot(name, size, layer_of[name]) for name, size in sizes.items()}
    layers: list[list[Spot]] = [[] for _ in range(1 + max(layer_of.values(), default=0))]
    for spot in boxes.values():
        layers[spot.layer].append(spot)
    routes = [
        _route(boxes, layers, arrow, goes_up=arrow in backward) for arrow in arrows if arrow[0] != arrow[1]
    ]
    _order(layers)
    _place(layers)
    y = 0.0
    for layer in layers:
        height = max((spot.size.height for spot in layer), default=0)
        for spot in layer:
            spot.y = y
            spot.size = Size(spot.size.width, height) if spot.is_bend else spot.size
        y += height + gap
    left = min((s.x - s.size.width / 2 for layer in layers for s in layer), default=0)
    for layer in layers:
        for spot in layer:
            spot.x -= left
    right = max((s.x + s.size.width / 2 for layer in layers for s in layer), default=0)
    return Layout(boxes, tuple(routes), right, max(0.0, y - gap))


def _backward(
    sizes: Mapping[str, Size], arrows: Iterable[tuple[str, str]], start: str
) -> set[tuple[str, str]]:
    """The arrows that lead back to a box on the way by which they were reached."""
    targets: dict[str, list[str]] = {name: [] for name in sizes}
    for source, target in arrows:
        targets[source].append(target)
    found: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in (start, *sizes):
        open_ways = [(root, iter(targets[root]))] if root not in done else []
        on_way = {root}
        while open_ways:
            name, ahead = open_ways[-1]
            following = next(ahead, None)
            if following is None:
                open_ways.pop()
                on_way.discard(name)
                done.add(name)
            elif following in on_way:
                found.add((name, following))
            elif following not in done:
                on_way.add(following)
                open_ways.append((following, iter(targets[following])))
    return found


def _layers(sizes: Mapping[str, Size], arrows: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The longest way from above; a box nothing leads to stands just above what it leads to."""
    arrows = [arrow for arrow in arrows if arrow[0] != arrow[1]]
    layer = dict.fromkeys(sizes, 0)
    for _ in sizes:
        moved = False
        for source, target in arrows:
            if layer[target] <= layer[source]:
                layer[target] = layer[source] + 1
                moved = True
        if not moved:
            break
    led_to = {target for _, target in arrows}
    for name in sizes:
        below = [layer[target] for source, target in arrows if source == name]
        if name not in led_to and below:
            layer[name] = min(below) - 1
    return layer


def _route(
    boxes: Mapping[str, Spot], layers: list[list[Spot]], arrow: tuple[str, str], *, goes_up: bool
) -> Route:
    """The arrow's way over the layers, with a bend in each between its ends."""
    source, target = arrow
    upper, lower = (boxes[target], boxes[source]) if goes_up else (boxes[source], boxes[target])
    spots = [upper]
    for layer in range(upper.layer + 1, lower.layer):
        bend = Spot(f"{source}>{target}", Size(BEND_WIDTH, 0), layer, is_bend=True)
        layers[layer].append(bend)
        spots.append(bend)
    spots.append(lower)
    for one, other in pairwise(spots):
        one.below.append(other)
        other.above.append(one)
    return Route(source, target, tuple(spots), goes_up)


# --- the order in each layer -------------------------------------------------------------------------------


def _order(layers: list[list[Spot]]) -> None:
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers)
    for sweep in range(max(4, min(SWEEPS, MAX_WORK // (1 + sum(map(len, layers)))))):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            around = {id(spot): i for row in layers for i, spot in enumerate(row)}
            layer.sort(key=lambda spot: _mean(spot.above if down else spot.below, around, around[id(spot)]))
        crossings = _crossings(layers)
        if crossings < fewest:
            fewest, best = crossings, [list(layer) for layer in layers]
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _mean(neighbours: Sequence[Spot], around: Mapping[int, int], own: float) -> float:
    return sum(around[id(spot)] for spot in neighbours) / len(neighbours) if neighbours else own


def _crossings(layers: Sequence[Sequence[Spot]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        place = {id(spot): i for i, spot in enumerate(lower)}
        seen: list[int] = []
        for one in upper:
            ends = sorted(place[id(spot)] for spot in one.below)
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


# --- the places in each layer ------------------------------------------------------------------------------


def _place(layers: Sequence[Sequence[Spot]]) -> None:
    for layer in layers:
        x = 0.0
        for spot in layer:
            spot.x = x + spot.size.width / 2
            x += spot.size.width + GAP
    pulls = max(4, min(PULLS, MAX_WORK // (1 + sum(map(len, layers)))))
    for pull in range(pulls):
        for layer in layers if pull % 2 == 0 else layers[::-1]:
            _pull(layer, (lambda s: s.above) if pull % 2 == 0 else (lambda s: s.below))
    for pull in range(pulls):
        for layer in layers if pull % 2 == 0 else layers[::-1]:
            _pull(layer, lambda spot: [*spot.above, *spot.below])


def _strength(one: Spot, other: Spot) -> float:
    """How straight the line between two neighbours should be: long arrows first, then lonely pairs."""
    if one.is_bend and other.is_bend:
        return 16.0
    upper, lower = (one, other) if one.layer < other.layer else (other, one)
    alone = len(upper.below) == 1 and len(lower.above) == 1
    return 8.0 if alone else 2.0 if one.is_bend or other.is_bend else 1.0


def _pull(layer: Sequence[Spot], neighbours: Callable[[Spot], Sequence[Spot]]) -> None:
    """Move each spot as near to its neighbours' mean as the order allows (least squares, by pooling)."""
    offsets, offset = [], 0.0
    for one, other in zip(layer, [*layer[1:], None], strict=True):
        offsets.append(offset)
        if other is not None:
            gap = GAP / 2 if one.is_bend or other.is_bend else GAP
            offset += (one.size.width + other.size.width) / 2 + gap
    pools: list[tuple[float, float, int]] = []
    for spot, off in zip(layer, offsets, strict=True):
        near = neighbours(spot)
        pulls = [_strength(spot, other) for other in near]
        weight = sum(pulls) or 0.1
        wanted = sum(p * other.x for p, other in zip(pulls, near, strict=True)) / weight if near else spot.x
        pools.append((wanted - off, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, wa, na), (b, wb, nb) = pools[-2:]
            pools[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    places = [place for place, _, count in pools for _ in range(count)]
    for spot, place, off in zip(layer, places, offsets, strict=True):
        spot.x = place + off
