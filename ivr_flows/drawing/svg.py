"""The picture as SVG: one file without scripts or anything fetched, for browser, page or paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from ivr_flows.drawing.layout import Spot
from ivr_flows.drawing.picture import Box, Picture
from ivr_flows.drawing.plan import (
    HUMAN,
    KEY_WIDTH,
    KIND_SIZE,
    LABEL_SIZE,
    NAME_SIZE,
    TEXT_SIZE,
    Plan,
    Wire,
    label_width,
    lines_of,
    plan_of,
    width_of,
)
from ivr_flows.drawing.texts import colours

MARGIN: Final = 32.0
HEADER: Final = 64.0
LEGEND: Final = 56.0
NOTES: Final = ("ticket", "update_ticket", "voicemail", "send")
"""The kinds of nodes that look like a sheet of paper."""
INK, QUIET, LINE = "#1c2430", "#5b6673", "#7b8794"
FONTS: Final = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei','Noto Sans',system-ui,sans-serif"


def svg(picture: Picture) -> str:
    """The whole file."""
    return "\n".join(_file(picture, plan_of(picture))) + "\n"


def _file(picture: Picture, plan: Plan) -> Iterator[str]:
    kinds = list(dict.fromkeys(box.kind for box in picture.boxes))
    width = max(plan.width, 80.0 * len(kinds), width_of(picture.subtitle, TEXT_SIZE)) + 2 * MARGIN
    height = plan.height + HEADER + LEGEND + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONTS}" fill="{INK}">'
    )
    yield f"<title>{escape(picture.title)}</title>"
    yield (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 1 10 5 0 9z" fill="{LINE}"/></marker></defs>'
    )
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fbfcfd"/>'
    yield _text(MARGIN, MARGIN + 14, picture.title, 22, weight=700)
    yield _text(MARGIN, MARGIN + 36, picture.subtitle, TEXT_SIZE, colour=QUIET)
    left = (width - plan.width) / 2
    yield f'<g transform="translate({left:.1f} {MARGIN + HEADER:.0f})">'
    for wire in plan.wires:
        yield _path(wire.steps, head=not wire.goes_up, tail=wire.goes_up, dashed=wire.arrow.source == HUMAN)
    for wire in plan.wires:
        yield from _label(wire)
    for name, spot in plan.spots.items():
        box = plan.boxes[name]
        human_key = picture.human_key if name == HUMAN or box.has_human_key else ""
        yield from _box(box, spot, human_key, is_start=name == picture.start)
    yield "</g>"
    yield from _legend(kinds, height - MARGIN)
    yield "</svg>"


# --- boxes -------------------------------------------------------------------------------------------------


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
    for i, line in enumerate(lines_of(box, wide)):
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


def _label(wire: Wire) -> Iterator[str]:
    """Keys as key caps and words on paper, where the wire leaves its box."""
    left = wire.x - label_width(wire.arrow) / 2
    for key in wire.arrow.keys:
        yield from _keycap(left + 9, wire.y, key)
        left += KEY_WIDTH
    if wire.arrow.words:
        words = ", ".join(wire.arrow.words)
        wide, y = width_of(words, LABEL_SIZE) + 8, wire.y - 8
        yield f'<rect x="{left:.1f}" y="{y:.1f}" width="{wide:.1f}" height="16" rx="4" fill="#fbfcfd"/>'
        yield _text(left + 4, wire.y + 4, words, LABEL_SIZE, colour=QUIET)


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
    return f'<path d="{steps}" fill="none" stroke="{LINE}" stroke-width="1.4"{dashes}{marks}/>'


# --- words -------------------------------------------------------------------------------------------------


def _legend(kinds: Sequence[str], y: float) -> Iterator[str]:
    x = MARGIN
    for kind in kinds:
        fill, stroke = colours(kind)
        yield f'<path d="{_outline(kind, x, y - 13, 36, 18)}" fill="{fill}" stroke="{stroke}"/>'
        yield _text(x + 43, y, kind.replace("_", " "), LABEL_SIZE, colour=QUIET)
        x += 66 + width_of(kind, LABEL_SIZE)


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
