"""Mermaid and Graphviz: the picture as text for other tools."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.drawing.picture import Box, Picture

_MERMAID_SHAPES = {
    "menu": ("[/", "/]"),
    "listen": ("[/", "/]"),
    "survey": ("[/", "/]"),
    "hours": ("{{", "}}"),
    "branch": ("{", "}"),
    "split": ("{", "}"),
    "language": ("([", "])"),
    "queue": ("[[", "]]"),
    "transfer": ("[[", "]]"),
    "ticket": (">", "]"),
    "update_ticket": (">", "]"),
    "look_up": ("[(", ")]"),
    "send": (">", "]"),
    "caller_list": ("{", "}"),
    "voicemail": (">", "]"),
    "hang_up": ("((", "))"),
}
_COLOURS = {
    "play": ("#e8f1fd", "#3f78c9"),
    "say": ("#e8f1fd", "#3f78c9"),
    "menu": ("#efe9fc", "#7450c4"),
    "listen": ("#efe9fc", "#7450c4"),
    "survey": ("#efe9fc", "#7450c4"),
    "collect": ("#efe9fc", "#7450c4"),
    "hours": ("#fdf3d7", "#b98312"),
    "branch": ("#fdf3d7", "#b98312"),
    "split": ("#fdf3d7", "#b98312"),
    "language": ("#dff5f2", "#17877b"),
    "queue": ("#e2f5e4", "#2f8f43"),
    "transfer": ("#e2f5e4", "#2f8f43"),
    "ticket": ("#fdeadd", "#c8661b"),
    "update_ticket": ("#fdeadd", "#c8661b"),
    "look_up": ("#e6edf7", "#4a6285"),
    "send": ("#e6edf7", "#4a6285"),
    "caller_list": ("#fdf3d7", "#b98312"),
    "voicemail": ("#fdeadd", "#c8661b"),
    "hang_up": ("#f9e3e3", "#bb3b3b"),
}
_OTHER = ("#eef0f3", "#68737f")
HUMAN = "human_key"
_DOT_SHAPES = {
    "hours": "hexagon",
    "branch": "diamond",
    "split": "diamond",
    "hang_up": "ellipse",
    "ticket": "note",
    "update_ticket": "note",
    "look_up": "cylinder",
    "caller_list": "diamond",
    "voicemail": "note",
}


def colours(kind: str) -> tuple[str, str]:
    """Fill and outline of a kind of node."""
    return _COLOURS.get(kind, _OTHER)


def mermaid(picture: Picture) -> str:
    """A Mermaid flow chart."""
    return "\n".join(_mermaid(picture)) + "\n"


def dot(picture: Picture) -> str:
    """A Graphviz digraph."""
    return "\n".join(_dot(picture)) + "\n"


def _mermaid(picture: Picture) -> Iterator[str]:
    yield f"---\ntitle: {picture.title} ({picture.subtitle})\n---"
    yield "flowchart TD"
    ids = {box.name: f"n{i}" for i, box in enumerate(picture.boxes)}  # names such as 'end' are Mermaid's own
    for box in picture.boxes:
        opens, closes = _MERMAID_SHAPES.get(box.kind, ("(", ")"))
        yield f'  {ids[box.name]}{opens}"{_mermaid_words(box)}"{closes}:::{box.kind}'
    for arrow in picture.arrows:
        label = f'|"{_plain(arrow.label)}"|' if arrow.label else ""
        yield f"  {ids[arrow.source]} -->{label} {ids[arrow.target]}"
    if picture.human_key:
        yield f'  {HUMAN}(["key {_plain(picture.human_key)}, at any time"]):::human'
        yield f"  {HUMAN} -.-> {ids[picture.human_target]}"
    for kind in dict.fromkeys((*(box.kind for box in picture.boxes), "human")):
        fill, stroke = colours(kind)
        yield f"  classDef {kind} fill:{fill},stroke:{stroke},color:#1c2430"


def _mermaid_words(box: Box) -> str:
    says = f"<br/>{_plain(_short(box.says))}" if box.says else ""
    return f"<b>{box.name}</b>{says}"


def _dot(picture: Picture) -> Iterator[str]:
    yield f"digraph {_quoted(picture.title)} {{"
    yield f'  label={_quoted(f"{picture.title} ({picture.subtitle})")}; labelloc=t; fontname="sans-serif";'
    yield '  node [style="filled,rounded", shape=box, fontname="sans-serif", fontsize=11];'
    yield '  edge [fontname="sans-serif", fontsize=10, color="#5b6673"];'
    for box in picture.boxes:
        fill, stroke = colours(box.kind)
        shape = _DOT_SHAPES.get(box.kind)
        look = f', shape={shape}, style="filled"' if shape else ""
        words = _quoted(f"{box.name}\n{_short(box.says)}".rstrip())
        yield f'  {_quoted(box.name)} [label={words}, fillcolor="{fill}", color="{stroke}"{look}];'
    for arrow in picture.arrows:
        label = f" [label={_quoted(arrow.label)}]" if arrow.label else ""
        yield f"  {_quoted(arrow.source)} -> {_quoted(arrow.target)}{label};"
    if picture.human_key:
        words = _quoted(f"key {picture.human_key}, at any time")
        yield f'  "{HUMAN} " [label={words}, style="dashed,rounded"];'
        yield f'  "{HUMAN} " -> {_quoted(picture.human_target)} [style=dashed];'
    yield "}"


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _plain(text: str) -> str:
    """Mermaid reads markup and quotes in labels."""
    for sign, word in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("#", "&#35;")):
        text = text.replace(sign, word)
    return text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
