"""located_yaml: places of everything, one clear line for every mistake, nothing that hangs or unfolds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from located_yaml import Limits, Mistake, Mistakes, did_you_mean, from_pydantic, load

QUEUES = """\
# the queues of the centre
queues:
  - name: general
    limt: 3
  - limit: many
names:
  欢迎: {text: hello, strategy: longest_idel}
"""


def mistakes_of(source: str | bytes) -> str:
    with pytest.raises(Mistakes) as raised:
        load(source, "f.yaml")
    return str(raised.value)


def test_data_are_plain_and_scalars_follow_yaml_1_2() -> None:
    """Plain words become null, booleans and numbers; quoted ones, dates and 0-led numbers stay text."""
    doc = load("[~, true, no, 12, -3, 1.5, 2e3, '12', 010, 09:00, 2026-10-01, .inf, 1e999]", "f")
    assert doc.data[:8] == [None, True, "no", 12, -3, 1.5, 2000.0, "12"]
    assert doc.data[8:] == ["010", "09:00", "2026-10-01", ".inf", "1e999"]


def test_long_texts_fold_and_keep_lines() -> None:
    """``>`` joins lines with spaces and ``|`` keeps them, with nothing else in the text."""
    doc = load("a: >-\n  one\n  two\n\n  three\nb: |\n  one\n  two\n# end\n", "f")
    assert doc.data == {"a": "one two\nthree", "b": "one\ntwo\n"}


def test_keys_are_text_as_written() -> None:
    """A digit used as a key is text whether quoted or not, so that menus may say ``1: consultation``."""
    assert load("{1: a, '2': b, '#': c, true: d}", "f").data == {"1": "a", "2": "b", "#": "c", "true": "d"}


def test_positions_count_from_one_like_editors() -> None:
    """Values, keys, items and (for what is missing) the nearest thing around it are found."""
    doc = load(QUEUES, "f.yaml")
    assert doc.position(("queues", 0, "limt")) == (4, 11)
    assert doc.position(("queues", 0, "limt"), key=True) == (4, 5)
    assert doc.position(("queues", 1)) == (5, 5)
    assert doc.position(("names", "欢迎", "text")) == (7, 14)
    assert doc.position(("queues", 1, "name")) == (5, 5)
    assert doc.position(("nothing", "here")) == (2, 1)


def test_an_empty_document_is_none() -> None:
    """Nothing, or only comments, is a document without data."""
    assert load("", "f").data is None
    assert load("\ufeff# only a comment\n", "f").data is None


def test_duplicate_keys_name_both_places() -> None:
    """A key given twice is refused with the line and column of both."""
    assert mistakes_of("a: 1\nb:\n  c: 1\n  c: 2\n") == (
        "f.yaml:4:3: the key 'c' is given twice, first at line 3, column 3"
    )
    assert "given twice" in mistakes_of("{1: a, '1': b}")


def test_keys_given_twice_are_told_all_and_hide_nothing() -> None:
    """Who asks gets the rest of the document, with the first values, to look for its other mistakes."""
    source = "a: 1\nb: {c: 1, d: 2}\na: [1, {c: 3}]\nb: {c: 2}\ne: 5\na: 2\n"
    assert [line.split(":")[1] for line in mistakes_of(source).splitlines()] == ["3", "4", "6"]
    repeated: list[Mistake] = []
    document = load(source, "f.yaml", repeated=repeated)
    assert document.data == {"a": 1, "b": {"c": 1, "d": 2}, "e": 5}
    assert document.position(("b", "c")) == (2, 8)
    assert len(repeated) == 3


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a: &x 1", "f.yaml:1:4: anchors (&x) are not allowed: write the value out"),
        ("a: *x", "f.yaml:1:4: aliases (*x) are not allowed: write the value out"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: tags ("),
        ("<<: {a: 1}", "f.yaml:1:1: merge keys (<<) are not allowed: write the values out"),
        ("a:\n\t- b", "f.yaml:2:1: not YAML: found character"),
        ("a: b\nc: d: e", "f.yaml:2:5: not YAML: mapping values are not allowed here"),
        ("a: 1\nb: x\x00", "f.yaml:2:5: the character U+0000 is not allowed in YAML"),
        ('a: "\\0"', "f.yaml:1:4: the character U+0000 is not allowed in a text"),
        ('a: "\\uD800"', "f.yaml:1:4: the character U+D800 is not allowed in a text"),
        ('a: "\\Uffffffff"', "f.yaml:1:1: not YAML after this place"),
        ("中: 1\nb: ".encode() + "é".encode("latin-1"), "f.yaml:2:4: not UTF-8"),
        ("--- a\n--- b\n", "f.yaml:2:1: a second document begins here: one file holds one"),
        ("? [a]\n: b", "f.yaml:1:3: a key must be a plain word"),
        ("[" * 200_000, "f.yaml:1:34: nested deeper than 32 levels"),
        ("- " * 200_000, "f.yaml:1:67: nested deeper than 32 levels"),
        (" " * 2_000_000, "f.yaml:1:1: larger than 1048576 bytes"),
    ],
)
def test_what_is_refused_says_where_and_why(source: str | bytes, told: str) -> None:
    """Whatever is not small plain YAML is one mistake with its place, never another exception."""
    assert mistakes_of(source).startswith(told)


def test_limits_can_be_set() -> None:
    """The caller may allow more or less than the defaults."""
    with pytest.raises(Mistakes, match="deeper than 1 levels"):
        load("a: {b: {c: 1}}", "f", Limits(depth=1))


@given(st.text(max_size=60) | st.text(alphabet="ab:-[]{}&*!'\"|>#%?, \n\t\\<0", max_size=60) | st.binary())
def test_any_input_loads_or_is_a_mistake(source: str | bytes) -> None:
    """No input makes the reader raise anything but Mistakes, and every mistake has a place."""
    try:
        load(source, "f")
        places = []
    except Mistakes as refused:
        places = [(mistake.line, mistake.column) for mistake in refused.found]
    assert all(line >= 1 and column >= 1 for line, column in places)


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    strategy: str | None = None


class Queue(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    limit: int = 3


class Centre(BaseModel):
    model_config = ConfigDict(extra="forbid")
    queues: list[Queue]
    names: dict[str, Named] = {}


def test_pydantic_errors_become_mistakes_at_their_places() -> None:
    """Unknown fields stand at their key with the nearest right name, wrong values at the value, sorted."""
    doc = load(QUEUES + "quues: []\n", "f.yaml")
    with pytest.raises(ValidationError) as raised:
        Centre.model_validate(doc.data)
    assert str(Mistakes(from_pydantic(doc, raised.value, Centre))).splitlines() == [
        "f.yaml:4:5: queues.0.limt: unknown field 'limt'; did you mean 'limit'?",
        "f.yaml:5:5: queues.1: the field 'name' is missing",
        "f.yaml:5:12: queues.1.limit: Input should be a valid integer, unable to parse string as an integer",
        "f.yaml:8:1: quues: unknown field 'quues'; did you mean 'queues'?",
    ]


def test_a_part_of_a_document_can_be_validated() -> None:
    """``at`` names the part; places and paths still count from the whole document."""
    doc = load(QUEUES, "f.yaml")
    with pytest.raises(ValidationError) as raised:
        Queue.model_validate(doc.data["queues"][0])
    (mistake,) = from_pydantic(doc, raised.value, at=("queues", 0))
    assert (mistake.line, mistake.column, mistake.path) == (4, 5, ("queues", 0, "limt"))


def test_mistakes_are_sorted_and_told_once() -> None:
    """The list follows the file, whatever order the mistakes were found in."""
    doc = load(QUEUES, "f.yaml")
    late, early = doc.mistake(("names",), "late"), doc.mistake(("queues",), "early")
    assert [m.message for m in Mistakes([late, early, late]).found] == ["early", "late"]


def test_only_near_names_are_suggested() -> None:
    """A suggestion is made only when it is likely meant."""
    assert did_you_mean("longest_idel", ["longest_idle", "random"]) == "; did you mean 'longest_idle'?"
    assert did_you_mean("xyz", ["longest_idle", "random"]) == ""
