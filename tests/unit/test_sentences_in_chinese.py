"""What the server tells people in sentences is told in Chinese, too: the console knows all of them."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHAPES = json.loads((ROOT / "agents_console/src/words/sentences.zh-CN.json").read_text("utf-8"))
HOLE = re.compile(r"%[*.]?(\d)")
TOLD_IN = (
    "acd/config_check.py",
    "ivr_flows",
    "located_yaml",
    "callcenter/settings",
    "callcenter/settings_editing",
    "callcenter/caller_lists",
    "callcenter/controller",
)
"""Where files are read that people write in the console, and where commands are refused."""
REFUSED = {"mistake", "Mistake", "ValueError", "Refused", "BadFile"}
IN_CALLS = {"ivr_flows/spoken.py", "ivr_flows/sealing.py"}
"""What these refuse is refused while a caller is on the line."""
MADE_INTO = {"told", "cure"}
"""Names of sentences, or of parts of them, that are told."""
KNOWN = [HOLE.sub("\0", shape) for shape in SHAPES]
WHOLE = [
    re.compile(".+?".join(map(re.escape, known.split("\0"))))
    for shape, known in zip(SHAPES, KNOWN, strict=True)
    if "%*" not in shape  # what only joins other sentences would fit anything
]


def pieces(text: ast.expr) -> Iterator[str]:
    """What the program itself says in a sentence, between what it fills in."""
    for part in text.values if isinstance(text, ast.JoinedStr) else [text]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield re.sub(r"^node '$", "", part.value)


def sentences(tree: ast.AST) -> Iterator[ast.expr]:
    """What is told."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in REFUSED:
                yield from node.args
        elif isinstance(node, ast.Assign | ast.AugAssign) and isinstance(node.value, ast.expr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", "") in MADE_INTO for target in targets):
                yield node.value


def files(place: Path) -> list[Path]:
    """The modules there."""
    return list(place.rglob("*.py")) if place.is_dir() else [place]


def told() -> Iterator[tuple[str, str]]:
    """Every piece of several words, and where it stands."""
    for path in sorted(path for place in TOLD_IN for path in files(ROOT / place)):
        name = str(path.relative_to(ROOT))
        if name in IN_CALLS:
            continue
        for sentence in sentences(ast.parse(path.read_text("utf-8"))):
            for piece in pieces(sentence):
                if " " in piece.strip():
                    yield f"{name}:{sentence.lineno}", piece


def known(piece: str) -> bool:
    """Whether some sentence has it, or is it."""
    bare = piece.removeprefix("': ").removeprefix(": ").removesuffix("; there are: ")
    return any(bare in sentence for sentence in KNOWN) or any(shape.fullmatch(bare) for shape in WHOLE)


def test_all_of_it_can_be_told_in_chinese() -> None:
    """A piece that is no part of any sentence that the console knows would stand there in English."""
    pieces_told = list(told())
    assert len(pieces_told) > 300
    assert [(where, piece) for where, piece in pieces_told if not known(piece)] == []


def test_every_shape_fills_its_holes() -> None:
    """Nothing is filled in that was not said."""
    wrong = {
        shape: told for shape, told in SHAPES.items() if not {*HOLE.findall(told)} <= {*HOLE.findall(shape)}
    }
    assert wrong == {}
