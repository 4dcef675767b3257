"""The picture as SVG: one file without scripts or anything fetched, for browser, page or paper."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from ivr_flows.drawing.layout import Layout, Route, Size, Spot, lay_out
from ivr_flows.drawing.picture import Arrow, Box, Picture
from ivr_flows.drawing.texts import colours

HUMAN: Final = "human key"
MARGIN: Final = 32.0
HEADER: Final = 64.0
LEGEND: Final = 56.0
LAYER_GAP: Final = 78.0
STUB: Final = 26.0
"""So far an arrow goes straight, beside its label."""
BOX_WIDTH: Final = 190.0
INSET: Final = 14.0
PORT_GAP: Final = 8.0
ENTRY_WIDTH: Final = 12.0
MOST_ENTRIES: Final = 16
LINES: Final = 2
NOTES: Final = ("ticket", "update_ticket", "voicemail", "send")
"""The kinds of nodes that look like a sheet of paper."""
NAME_SIZE, TEXT_SIZE, KIND_SIZE, LABEL_SIZE = 14.0, 12.0, 10.0, 11.0
INK, QUIET, WIRE = "#1c2430", "#5b6673", "#7b8794"
FONTS: Final = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei','Noto Sans',system-ui,sans-serif"


def svg(picture: Picture) -> str:
    """The whole file."""
    boxes = {box.name: box for box in picture.boxes}
    arrows = [*picture.arrows]
    if picture.human_key:
        boxes[HUMAN] = Box(HUMAN, "human", "")
        arrows.append(Arrow(HUMAN, picture.human_target))
    sizes = {name: _size(box, arrows) for name, box in boxes.items()}
    layout = lay_out(sizes, [(arrow.source, arrow.target) for arrow in arrows], picture.start, LAYER_GAP)
    return "\n".join(_file(picture, boxes, arrows, layout)) + "\n"


def _file(
    picture: Picture, boxes: Mapping[str, Box], arrows: Sequence[Arrow], layout: Layout
) -> Iterator[str]:
    kinds = list(dict.fromkeys(box.kind for box in picture.boxes))
    width = max(layout.width, 80.0 * len(kinds), _width(picture.subtitle, TEXT_SIZE)) + 2 * MARGIN
    height = layout.height + HEADER + LEGEND + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONTS}" fill="{INK}">'
    )
    yield f"<title>{escape(picture.title)}</title>"
    yield (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 1 10 5 0 9z" fill="{WIRE}"/></marker></defs>'
    )
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fbfcfd"/>'
    yield _text(MARGIN, MARGIN + 14, picture.title, 22, weight=700)
    yield _text(MARGIN, MARGIN + 36, picture.subtitle, TEXT_SIZE, colour=QUIET)
    left = (width - layout.width) / 2
    yield f'<g transform="translate({left:.1f} {MARGIN + HEADER:.0f})">'
    named = {(arrow.source, arrow.target): arrow for arrow in arrows}
    ports = _ports(layout, named)
    labels: list[str] = []
    for route in layout.routes:
        arrow = named[route.source, route.target]
        yield _wire(route, ports, dashed=route.source == HUMAN)
        labels += _labels(arrow, route, ports)
    yield from labels
    for name, spot in layout.boxes.items():
        human_key = picture.human_key if name == HUMAN or boxes[name].has_human_key else ""
        yield from _box(boxes[name], spot, human_key, is_start=name == picture.start)
    yield "</g>"
    yield from _legend(kinds, height - MARGIN)
    yield "</svg>"


# --- boxes -------------------------------------------------------------------------------------------------


def _size(box: Box, arrows: Sequence[Arrow]) -> Size:
    """Wide enough for the labels of all that leads out of it, and (up to a point) for all that comes in."""
    if box.kind == "human":
        return Size(150, 34)
    labels = sum(_label_width(arrow) + PORT_GAP for arrow in arrows if arrow.source == box.name)
    coming = sum(arrow.target == box.name for arrow in arrows)
    labels += 2 * INSET + ENTRY_WIDTH * min(coming - 1, MOST_ENTRIES)
    wide = max(BOX_WIDTH, labels, _width(box.name, NAME_SIZE) + 4 * INSET)
    lines = len(_wrapped(box.says, wide - 2 * _inset(box.kind)))
    return Size(wide, 46 + lines * 17)


def _inset(kind: str) -> float:
    """How far words stay from the sides: more where the sides are slanted or round."""
    return INSET + (
        12 if kind in ("hours", "branch", "split", "caller_list", "queue", "hang_up", "language") else 0
    )


def _box(box: Box, spot: Spot, human_key: str, *, is_start: bool) -> Iterator[str]:
    fill, stroke = colours(box.kind)
    x, y, wide, high = spot.x - spot.size.width / 2, spot.y, spot.size.width, spot.size.height
    if box.kind == "human":
        yield from _human(human_key, x, y, wide, high)
        return
    if is_start:
        yield f'<circle cx="{spot.x:.1f}" cy="{y - 18:.1f}" r="6" fill="{INK}"/>'
        yield _path(f"M{spot.x:.1f} {y - 12:.1f}V{y - 1:.1f}", head=True)
    yield f"<g><title>{escape(f'{box.name}: {box.says}')}</title>"
    look = f'fill="{fill}" stroke="{stroke}" stroke-width="1.5"'
    yield f'<path d="{_outline(box.kind, x, y, wide, high)}" {look}/>'
    if box.kind == "queue":
        inner = _outline(box.kind, x + 5, y + 4, wide - 10, high - 8)
        yield f'<path d="{inner}" fill="none" stroke="{stroke}"/>'
    if box.kind in NOTES:
        fold = f"M{x + wide - 16:.1f} {y:.1f}v16h16"
        yield f'<path d="{fold}" fill="none" stroke="{stroke}" stroke-width="1.5"/>'
    yield _text(spot.x, y + 16, box.kind.replace("_", " "), KIND_SIZE, colour=stroke, anchor="middle")
    yield _text(spot.x, y + 33, box.name, NAME_SIZE, weight=600, anchor="middle")
    for i, line in enumerate(_wrapped(box.says, wide - 2 * _inset(box.kind))):
        yield _text(spot.x, y + 52 + 17 * i, line, TEXT_SIZE, colour=QUIET, anchor="middle")
    if human_key:
        yield from _keycap(x + wide - 14, y + 13, human_key, small=True)
    yield "</g>"


def _human(key: str, x: float, y: float, wide: float, high: float) -> Iterator[str]:
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.0f}" height="{high:.0f}" rx="{high / 2:.0f}" '
        f'fill="#fff" stroke="{QUIET}" stroke-dasharray="4 3"/>'
    )
    yield from _keycap(x + 22, y + high / 2, key)
    yield _text(x + 40, y + high / 2 + 4, "at any time", TEXT_SIZE, colour=QUIET)


def _outline(kind: str, x: float, y: float, wide: float, high: float) -> str:
    if kind in ("hours", "branch", "split", "caller_list"):
        return (
            f"M{x + 14:.1f} {y:.1f}h{wide - 28:.1f}l14 {high / 2:.1f}l-14 {high / 2:.1f}h{28 - wide:.1f}"
            f"l-14 {-high / 2:.1f}z"
        )
    if kind in NOTES:
        return f"M{x:.1f} {y:.1f}h{wide - 16:.1f}l16 16v{high - 16:.1f}h{-wide:.1f}z"
    round_r = high / 2
    r = (
        round_r
        if kind in ("queue", "hang_up", "language")
        else min(round_r, 4 if kind in ("menu", "listen", "survey", "collect") else 12)
    )
    return (
        f"M{x + r:.1f} {y:.1f}h{wide - 2 * r:.1f}a{r:.1f} {r:.1f} 0 0 1 {r:.1f} {r:.1f}v{high - 2 * r:.1f}"
        f"a{r:.1f} {r:.1f} 0 0 1 {-r:.1f} {r:.1f}h{2 * r - wide:.1f}a{r:.1f} {r:.1f} 0 0 1 {-r:.1f} {-r:.1f}"
        f"v{2 * r - high:.1f}a{r:.1f} {r:.1f} 0 0 1 {r:.1f} {-r:.1f}z"
    )


# --- arrows ------------------------------------------------------------------------------------------------

_Ports = Mapping[tuple[str, str, bool], float]
"""Where an arrow (by its ends) leaves its upper box (True) and comes to its lower one: x."""


def _ports(layout: Layout, named: Mapping[tuple[str, str], Arrow]) -> _Ports:
    """The ends at a side of a box stand side by side, in the order in which they come from."""
    found: dict[tuple[str, str, bool], float] = {}
    for box in layout.boxes.values():
        for leaves in (True, False):
            routes = [r for r in layout.routes if r.spots[0 if leaves else -1] is box]
            routes.sort(key=lambda r, at=1 if leaves else -2: r.spots[at].x)  # type: ignore[misc]
            widths = [
                _label_width(named[r.source, r.target]) if leaves != r.goes_up else ENTRY_WIDTH
                for r in routes
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


def _wire(route: Route, ports: _Ports, *, dashed: bool) -> str:
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
    return _path("".join(parts), head=not route.goes_up, tail=route.goes_up, dashed=dashed)


def _labels(arrow: Arrow, route: Route, ports: _Ports) -> Iterator[str]:
    """Keys as key caps and words on paper, where the arrow leaves its box."""
    if not arrow.label:
        return
    x = ports[route.source, route.target, not route.goes_up]
    spot = route.spots[-1 if route.goes_up else 0]
    y = spot.y - 15 if route.goes_up else spot.y + spot.size.height + 15
    left = x - _label_width(arrow) / 2
    for key in arrow.keys:
        yield from _keycap(left + 9, y, key)
        left += 21
    if arrow.words:
        words = ", ".join(arrow.words)
        wide = _width(words, LABEL_SIZE) + 8
        yield f'<rect x="{left:.1f}" y="{y - 8:.1f}" width="{wide:.1f}" height="16" rx="4" fill="#fbfcfd"/>'
        yield _text(left + 4, y + 4, words, LABEL_SIZE, colour=QUIET)


def _label_width(arrow: Arrow) -> float:
    words = _width(", ".join(arrow.words), LABEL_SIZE) + 8 if arrow.words else 0
    return max(12.0, 21.0 * len(arrow.keys) + words)


def _keycap(x: float, y: float, key: str, *, small: bool = False) -> Iterator[str]:
    r = 6.5 if small else 9.0
    fill, ink = ("#fff", QUIET) if small else ("#323f4f", "#fff")
    yield (
        f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}" rx="{r / 2.5:.1f}" '
        f'fill="{fill}" stroke="{QUIET}" stroke-width="{0.8 if small else 0}"/>'
    )
    size = 9.0 if small else 12.0
    yield _text(x, y + size * 0.36, key, size, colour=ink, weight=600, anchor="middle")


def _path(steps: str, *, head: bool = False, tail: bool = False, dashed: bool = False) -> str:
    marks = "".join((' marker-end="url(#head)"' * head, ' marker-start="url(#head)"' * tail))
    dashes = ' stroke-dasharray="5 4"' * dashed
    return f'<path d="{steps}" fill="none" stroke="{WIRE}" stroke-width="1.4"{dashes}{marks}/>'


# --- words -------------------------------------------------------------------------------------------------


def _legend(kinds: Sequence[str], y: float) -> Iterator[str]:
    x = MARGIN
    for kind in kinds:
        fill, stroke = colours(kind)
        yield f'<path d="{_outline(kind, x, y - 13, 36, 18)}" fill="{fill}" stroke="{stroke}"/>'
        yield _text(x + 43, y, kind.replace("_", " "), LABEL_SIZE, colour=QUIET)
        x += 66 + _width(kind, LABEL_SIZE)


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    colour: str = INK,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _width(words: str, size: float) -> float:
    """About as wide as the words will be: Chinese signs are square, Latin ones a little over half as wide."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in words)
    return size * (wide + 0.58 * (len(words) - wide))


def _wrapped(words: str, room: float) -> list[str]:
    """The words in at most two lines; Chinese is broken anywhere, other writing between words."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(words):
        if line and _width(line + piece.rstrip(), TEXT_SIZE) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    lines.append(line.rstrip())
    kept = [one for one in lines if one][:LINES]
    if len([one for one in lines if one]) > LINES:
        while kept[-1] and _width(f"{kept[-1]}…", TEXT_SIZE) > room:
            kept[-1] = kept[-1][:-1]
        kept[-1] += "…"
    return kept


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
