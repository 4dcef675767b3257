"""Edits of YAML texts: the data change as told, every other line and comment stays as it was written."""

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from located_yaml import Edit, Mistakes, Put, Remove, Rename, applied, edited, load
from located_yaml.layout import layout
from located_yaml.writing import inline, key_of

FLOWS = Path(__file__).parents[2] / "ivr_flows" / "flows"
SHIPPED = [path.read_text(encoding="utf-8") for path in sorted(FLOWS.glob("*.yaml"))]
TEXT = """\
# the menu
start: hello # where it begins

nodes:
  hello: {play: {zh: 您好}, next: menu} # first

  # asks
  menu:
    digits: {1: a, '2': b} # keys
    say: >-
      One sentence that is folded,
      and its end.
    list:
    - one
    # between
    - {two: 2}
  empty:
"""


def test_one_value_changes_and_nothing_else() -> None:
    """The line's comment, the quotes and all other lines stay."""
    assert edited(TEXT, "f", [Put(("start",), "menu")]) == TEXT.replace("start: hello", "start: menu")
    changed = edited(TEXT, "f", [Put(("nodes", "menu", "digits", "2"), "c: d")])
    assert changed == TEXT.replace("b}", "'c: d'}")
    assert edited("a: 'x' # y\n", "f", [Put(("a",), "it's")]) == "a: 'it''s' # y\n"
    assert edited("a:\r\nb: 1\r\n", "f", [Put(("a",), 1.5)]) == "a: 1.5\r\nb: 1\r\n"


def test_what_is_new_looks_like_its_neighbours() -> None:
    """In braces among braces; on lines of its own, apart when the others are; long texts are folded."""
    changed = edited(TEXT, "f", [Put(("nodes", "menu", "digits", "3"), "c")])
    assert changed == TEXT.replace("'2': b}", "'2': b, 3: c}")
    changed = edited(TEXT, "f", [Put(("nodes", "menu", "list", 2), {"a": 1})])
    assert changed == TEXT.replace("- {two: 2}\n", "- {two: 2}\n    - {a: 1}\n")
    changed = edited(TEXT, "f", [Put(("end",), {"words": "long " * 30 + "text", "next": "x"})])
    words = changed.removeprefix(TEXT).splitlines()
    assert words[:3] == ["", "end:", "  words: >-"]
    assert words[-1] == "  next: x"
    node = {"hang_up": "done"}
    apart = "nodes:\n  a: {b: c}\n\n  d: {e: f}\n# end\n"
    wanted = "nodes:\n  a: {b: c}\n\n  d: {e: f}\n\n  x: {hang_up: done}\n# end\n"
    assert edited(apart, "f", [Put(("nodes", "x"), node)]) == wanted


def test_entries_go_with_their_line_and_leave_the_comments() -> None:
    """Also the first of several in a list, and the last of all."""
    changed = edited(TEXT, "f", [Remove(("nodes", "menu", "digits", "1")), Remove(("nodes", "hello"))])
    wanted = TEXT.replace("  hello: {play: {zh: 您好}, next: menu} # first\n\n", "").replace("1: a, ", "")
    assert changed == wanted
    assert edited("a:\n  # why\n  b: 1 # c\nd: 2\n", "f", [Remove(("a", "b"))]) == "a: {}\n  # why\nd: 2\n"
    assert edited("- a: 1\n  b: 2\n", "f", [Remove((0, "a"))]) == "- b: 2\n"


def test_a_key_is_renamed_in_its_place() -> None:
    """Whatever it is called."""
    assert edited(TEXT, "f", [Rename(("nodes", "menu"), "a: b")]) == TEXT.replace("  menu:", "  'a: b':")


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (Put(("nodes", "helo", "next"), "x"), "f:4:1: there is no nodes.helo; did you mean 'hello'?"),
        (Remove(("strt",)), "f:2:1: there is no strt; did you mean 'start'?"),
        (Put(("start", "x"), 1), "f:2:1: there is no start.x"),
        (
            Rename(("nodes", "menu"), "hello"),
            "f:8:3: nodes.menu cannot be called 'hello', which is there already",
        ),
        (Put((), 1), "f:2:1: there is no place for this"),
    ],
)
def test_an_edit_without_a_place_is_refused(edit: Edit, told: str) -> None:
    """With the place of what is around it, and the nearest right name."""
    with pytest.raises(Mistakes, match=re.escape(told)):
        edited(TEXT, "f", [edit])


@pytest.mark.parametrize("text", ["? a\n: 1\n? b\n: 2\n", "{a, b}\n", "{a, b: {c: 1}}\n"])
def test_a_layout_that_is_not_mastered_is_refused(text: str) -> None:
    """Rather than changed into something else."""
    with pytest.raises(Mistakes, match="only people change"):
        edited(text, "f", [Put(("a",), 7), Remove(("a",))])


# --- any text, any edit ------------------------------------------------------------------------------------

WORDS = [
    "a",
    "x y",
    "1",
    "0",
    "true",
    "您好，请按一。",
    "it's",
    "a: b",
    "# no",
    '"',
    "- x",
    "",
    "[",
    "é\n!",
    "~",
]
LONG = ["word " * 30 + "end", "，".join(["您好"] * 60)]
KEYS = ["a", "b", "c", "1", "#", "next", "您", "x y", "a: b"]


def made_up(dice: Random, depth: int = 3) -> Any:
    """Plain data."""
    if depth and (kind := dice.random()) < 0.6:
        count = dice.randrange(4)
        if kind < 0.4:
            return {key: made_up(dice, depth - 1) for key in dice.sample(KEYS, count)}
        return [made_up(dice, depth - 1) for _ in range(count)]
    return dice.choice([*WORDS, *LONG, 0, -3, 2.5, True, None])


def written(dice: Random, data: Any, column: int = 0) -> str:
    """The data as somebody may have typed them: comments, empty lines, braces, quotes, odd indents."""

    def remark(chance: float = 0.3) -> str:
        return f" # remark {dice.randrange(10**9)}" if dice.random() < chance else ""

    lines = ""
    step = dice.choice([1, 2, 2, 4])
    for key, value in data.items() if isinstance(data, dict) else ((None, item) for item in data):
        lines += dice.choice(["", "", "\n", " " * column + f"# above {dice.randrange(10**9)}\n"])
        lead = "-" if key is None else f"{key_of(key)}:"
        if isinstance(value, dict | list) and value and dice.random() < 0.6:
            lines += f"{' ' * column}{lead}{remark()}\n{written(dice, value, column + step)}"
        elif value is None and dice.random() < 0.5:
            lines += f"{' ' * column}{lead}{remark()}\n"
        else:
            quote = dice.choice(["", "", "'", '"'])
            lines += f"{' ' * column}{lead}{' ' * dice.choice([1, 1, 3])}{inline(value, quote)}{remark()}\n"
    return lines


def places(data: Any) -> list[tuple[str | int, ...]]:
    """Every path in it."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [(), *((step, *rest) for step, value in inner for rest in places(value))]


def some_edit(dice: Random, data: Any) -> Edit:
    """One that has its place."""
    paths = places(data)
    holders = [path for path in paths if isinstance(at(data, path), dict | list)]
    match dice.randrange(4):
        case 0 if len(paths) > 1:
            return Remove(dice.choice(paths[1:]))
        case 1 if named := [path for path in paths if path and isinstance(path[-1], str)]:
            path = dice.choice(named)
            free = [key for key in KEYS if key not in at(data, path[:-1])]
            return Rename(path, dice.choice([*free, path[-1]]))
        case 2 if len(paths) > 1:
            return Put(dice.choice(paths[1:]), made_up(dice))
        case _:
            path = dice.choice(holders)
            holder = at(data, path)
            return Put((*path, len(holder) if isinstance(holder, list) else "new"), made_up(dice))


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    """What is there."""
    for step in path:
        data = data[step]
    return data


def keeps_the_rest(before: str, after: str, edit: Edit) -> None:
    """Lines and comments of other entries are as they were, to the byte, and in order."""
    doc = load(before, "f")
    holder = at(doc.data, edit.path[:-1])
    added = not has(holder, edit.path[-1])
    entry = edit.path[:-1] if added or (len(holder) == 1 and isinstance(edit, Remove)) else edit.path
    begun = [(doc.position(path, key=True)[0] - 1, path) for path in places(doc.data)]
    first = before.count("\n", 0, layout(before).at(entry).opened)  # where its key or its dash stands
    last = max(line for line, path in begun if path[: len(entry)] == entry)
    lines, kept = before.splitlines(), after.splitlines()
    others = [line for line, path in begun if path[: len(entry)] != entry]
    until = max((line for line in others if line <= first), default=0)
    behind = min((line for line in others if line > last), default=len(lines))
    assert kept[:until] == lines[:until]
    following = kept[len(kept) - len(lines) + behind :]
    if begins_item(edit, holder) and following[:1] != lines[behind : behind + 1]:
        following[0] = following[0].replace("-", " ", 1)  # it is the first of the item now
    assert following == lines[behind:]
    if not added:
        untouched = lines[:first] + lines[last + 1 :]
        missing = [line for line in untouched if "# above" in line and line not in kept]
    else:
        missing = [one for one in re.findall("# (?:above|remark) .*", before) if one not in after]
    assert missing == []


def begins_item(edit: Edit, holder: Any) -> bool:
    """Whether the entry stands behind the dash of an item."""
    in_item = len(edit.path) > 1 and isinstance(edit.path[-2], int) and isinstance(holder, dict)
    return in_item and next(iter(holder), None) == edit.path[-1]


def has(holder: Any, step: str | int) -> bool:
    """Whether an entry is there."""
    return step in holder if isinstance(holder, dict) else int(step) < len(holder)


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_edit_of_any_text(dice: Random) -> None:
    """What is read afterwards is what was meant; the lines around it and the comments outside stay."""
    data = made_up(dice)
    if not isinstance(data, dict | list) or not data:
        return
    text = written(dice, data)
    assert load(text, "f").data == data
    edit = some_edit(dice, data)
    after = edited(text, "f", [edit])
    assert repr(load(after, "f").data) == repr(applied(load(text, "f"), edit))
    keeps_the_rest(text, after, edit)


@pytest.mark.parametrize("text", SHIPPED)
def test_many_edits_of_the_shipped_flows(text: str) -> None:
    """Each as meant, with every comment outside of what is taken away."""
    dice = Random(7)
    data = load(text, "f").data
    for _ in range(60):
        edit = some_edit(dice, data)
        after = edited(text, "f", [edit])
        keeps_the_rest(text, after, edit)
