"""Where everything of a picture goes, in pixels: boxes, the wires between them, labels; whatever shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ivr_flows.drawing.layout import Layout, Route, Size, Spot, lay_out
from ivr_flows.drawing.picture import Arrow, Box, Picture

HUMAN: Final = "human key"
"""The name of the box for the human key; no node is called so."""
LAYER_GAP: Final = 78.0
STUB: Final = 26.0
"""So far a wire goes straight, beside its label."""
BOX_WIDTH: Final = 190.0
INSET: Final = 14.0
SLANT: Final = 12.0
SLANTED: Final = ("hours", "branch", "split", "caller_list", "queue", "hang_up", "language")
"""The kinds of nodes whose sides are slanted or round."""
PORT_GAP: Final = 8.0
ENTRY_WIDTH: Final = 12.0
MOST_ENTRIES: Final = 16
LINES: Final = 2
KEY_WIDTH: Final = 21.0
NAME_SIZE, TEXT_SIZE, KIND_SIZE, LABEL_SIZE = 14.0, 12.0, 10.0, 11.0

_Ports = Mapping[tuple[str, str, bool], float]
"""Where a wire (by its ends) leaves its upper box (True) and comes to its lower one: x."""


@dataclass(frozen=True, slots=True)
class Wire:
    """An arrow from box to box. ``steps`` is its path as SVG writes it, from the upper box to the lower one;
    its head is at the upper one when it ``goes_up``. ``x``, ``y``: the middle of its label."""

    arrow: Arrow
    steps: str
    goes_up: bool
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The boxes, that of the human key among them, where they are, and the wires. A way from a box to itself
    is no wire."""

    boxes: Mapping[str, Box]
    spots: Mapping[str, Spot]
    wires: tuple[Wire, ...]
    width: float
    height: float


def plan_of(picture: Picture) -> Plan:
    """The same for the same picture, always."""
    boxes = {box.name: box for box in picture.boxes}
    arrows = [*picture.arrows]
    if picture.human_key:
        boxes[HUMAN] = Box(HUMAN, "human", "")
        arrows.append(Arrow(HUMAN, picture.human_target))
    sizes = {name: _size(box, arrows) for name, box in boxes.items()}
    start = picture.start if picture.start in boxes else next(iter(boxes))
    layout = lay_out(sizes, [(arrow.source, arrow.target) for arrow in arrows], start, LAYER_GAP)
    named = {(arrow.source, arrow.target): arrow for arrow in arrows}
    ports = _ports(layout, named)
    wires = tuple(_wire(named[route.source, route.target], route, ports) for route in layout.routes)
    return Plan(boxes, layout.boxes, wires, layout.width, layout.height)


def label_width(arrow: Arrow) -> float:
    """Of its keys side by side and its words."""
    words = width_of(", ".join(arrow.words), LABEL_SIZE) + 8 if arrow.words else 0
    return max(12.0, KEY_WIDTH * len(arrow.keys) + words)


def width_of(words: str, size: float) -> float:
    """About as wide as the words will be: Chinese signs are square, Latin ones a little over half as wide."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in words)
    return size * (wide + 0.58 * (len(words) - wide))


def lines_of(box: Box, width: float) -> list[str]:
    """What a box so wide says, in at most two lines; Chinese is broken anywhere, other writing at spaces."""
    room = width - 2 * (INSET + (SLANT if box.kind in SLANTED else 0))
    lines: list[str] = []
    line = ""
    for piece in _pieces(box.says):
        if line and width_of(line + piece.rstrip(), TEXT_SIZE) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    lines.append(line.rstrip())
    kept = [one for one in lines if one][:LINES]
    if len([one for one in lines if one]) > LINES:
        while kept[-1] and width_of(f"{kept[-1]}…", TEXT_SIZE) > room:
            kept[-1] = kept[-1][:-1]
        kept[-1] += "…"
    return kept


def _size(box: Box, arrows: Sequence[Arrow]) -> Size:
    """Wide enough for the labels of all that leads out of it, and (up to a point) for all that comes in."""
    if box.kind == "human":
        return Size(150, 34)
    labels = sum(label_width(arrow) + PORT_GAP for arrow in arrows if arrow.source == box.name)
    coming = sum(arrow.target == box.name for arrow in arrows)
    labels += 2 * INSET + ENTRY_WIDTH * min(coming - 1, MOST_ENTRIES)
    wide = max(BOX_WIDTH, labels, width_of(box.name, NAME_SIZE) + 4 * INSET)
    return Size(wide, 46 + len(lines_of(box, wide)) * 17)


def _ports(layout: Layout, named: Mapping[tuple[str, str], Arrow]) -> _Ports:
    """The ends at a side of a box stand side by side, in the order in which they come from."""
    found: dict[tuple[str, str, bool], float] = {}
    for box in layout.boxes.values():
        for leaves in (True, False):
            routes = [r for r in layout.routes if r.spots[0 if leaves else -1] is box]
            routes.sort(key=lambda r, at=1 if leaves else -2: r.spots[at].x)  # type: ignore[misc]
            widths = [
                label_width(named[r.source, r.target]) if leaves != r.goes_up else ENTRY_WIDTH for r in routes
            ]
            room = box.size.width - 2 * INSET
            gap = min(PORT_GAP * 3, max(PORT_GAP, (room - sum(widths)) / max(1, len(widths))))
            whole = sum(widths) + gap * (len(widths) - 1)
            closer = min(1.0, room / whole) if whole else 1.0
            x = box.x - whole * closer / 2
            for route, width in zip(routes, widths, strict=True):
                found[route.source, route.target, leaves] = x + width * closer / 2
                x += (width + gap) * closer
    return found


def _wire(arrow: Arrow, route: Route, ports: _Ports) -> Wire:
    """With its label where it leaves its box."""
    x = ports[route.source, route.target, not route.goes_up]
    spot = route.spots[-1 if route.goes_up else 0]
    y = spot.y - 15 if route.goes_up else spot.y + spot.size.height + 15
    return Wire(arrow, _steps(route, ports), route.goes_up, x, y)


def _steps(route: Route, ports: _Ports) -> str:
    upper, *bends, lower = route.spots
    x, y = ports[route.source, route.target, True], upper.y + upper.size.height
    parts = [f"M{x:.1f} {y:.1f}"]
    if not route.goes_up:
        y += STUB
        parts.append(f"V{y:.1f}")
    ends = [(bend.x, bend.y, bend.y + bend.size.height) for bend in bends]
    last = ports[route.source, route.target, False]
    arrives_y = lower.y - STUB if route.goes_up else lower.y
    for to_x, to_y, leaves_y in [*ends, (last, arrives_y, lower.y)]:
        half = (to_y - y) / 2
        parts.append(f"C{x:.1f} {y + half:.1f} {to_x:.1f} {to_y - half:.1f} {to_x:.1f} {to_y:.1f}")
        if leaves_y > to_y:
            parts.append(f"V{leaves_y:.1f}")
        x, y = to_x, leaves_y
    return "".join(parts)


def _pieces(words: str) -> Iterator[str]:
    piece = ""
    for sign in words:
        square = unicodedata.east_asian_width(sign) in "WF"
        if square and piece and sign not in "，。、；：！？）":
            yield piece
            piece = ""
        piece += sign
        if sign == " ":
            yield piece
            piece = ""
    yield piece
