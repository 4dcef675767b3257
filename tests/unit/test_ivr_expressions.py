"""Conditions: what they mean, and that none can run code, hang, eat memory or fail in a call."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.expressions import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NUMBER,
    MAX_TEXT,
    Value,
    bounded,
    expression_of,
    kind_of,
    parse_condition,
    parse_expression,
)

VALUES: dict[str, Value] = {
    "caller": "13800000000",
    "did": "12345",
    "language": "en",
    "hour": 9,
    "vip": True,
    "visits": 2.5,
}
KINDS = {name: kind_of(value) for name, value in VALUES.items()}


MOST_CALLS = 20 * MAX_LENGTH


@contextmanager
def few_steps() -> Iterator[None]:
    """Counts calls, of Python and of C: unlike time they are the same on a busy machine."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
    assert calls < MOST_CALLS


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("language == 'en'", True),
        ("language != 'en' or vip", True),
        ("not vip", False),
        ("9 <= hour < 18", True),
        ("10 <= hour < 18", False),
        ("hour in (7, 8, 9)", True),
        ("did not in ('96181', '12345')", False),
        ("'800' in caller", True),
        ("starts_with(caller, '138') and not ends_with(caller, '1')", True),
        ("length(caller) - 1 == 5 + 5", True),
        ("hour - visits > -1.5", True),
        ("vip == (language == 'en')", True),
        ("  vip  ", True),
        ("starts_with(caller, ('139', '138'))", True),
        ("ends_with(caller, ('1', '2'))", False),
        ("contains(caller, '3800')", True),
        ("matches(caller, '138########')", True),
        ("matches(caller, '138#######')", False),
        ("matches(caller, '1?8*')", True),
        ("matches(did, '12345*')", True),
        ("matches('', '*')", True),
        ("upper(language) + lower('EN') == 'ENen'", True),
        ("min(hour, 3) + max(hour, 3) == 12", True),
        ("round(visits) == 3 and round(-visits) == -2", True),
        ("if_else(vip, 'gold', 'plain') == 'gold'", True),
        ("text(hour) + text(visits) + text(-0.125) == '92.5-0.125'", True),
        ("number('12', 0) + number('1.5', 0) + number('x', 7) == 20.5", True),
    ],
)
def test_conditions_mean_what_they_say(text: str, holds: bool) -> None:
    """Comparisons, lists, logic, sums and functions are worked out as in Python."""
    condition = parse_condition(text)
    assert condition.problems(KINDS) == []
    assert condition.holds(VALUES) is holds


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "caller.__class__",
        "caller.format(1)",
        "'%900000000s' % 1 == ''",
        "'a' * 900000000 == ''",
        "2 ** 10000000 > 1",
        "1 << 900000000 > 1",
        "f'{1:900000000}' == ''",
        "[x for x in (1, 2)] == []",
        "(lambda: 1)() == 1",
        "(x := 1) == 1",
        "caller[0] == '1'",
        "vip if vip else vip",
        "starts_with(*caller)",
        "starts_with(text=caller)",
        "vip is True",
        "hour == 1000000000000000",
        "hour == 1e999",
        "b'a' == b'a'",
        "None == None",
        "... == ...",
        "1j == 1j",
        "{1: 2} == {}",
        "await vip",
        "vip; vip",
        "",
        "\x00",
        "'\\d' == caller",
        "vip and",
        "not " * (MAX_DEPTH + 1) + "vip",
        "(" * 240 + "vip" + ")" * 240,
        "vip " + " " * MAX_LENGTH,
        "~" * 480 + "1",
        "'" + "a" * (MAX_TEXT + 1) + "' == caller",
    ],
)
def test_everything_else_is_refused_at_once(text: str) -> None:
    """Code, attributes, big numbers, formatting, deep nesting and nonsense never become a condition."""
    with few_steps(), pytest.raises(ValueError, match=r"condition|function"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("languge == 'en'", "unknown name 'languge'; did you mean 'language'?"),
        ("hour == '9'", "''9'' must be a number, but is a text"),
        ("caller > 3", "'3' must be a text, but is a number"),
        ("caller and vip", "'caller' must be true or false, but is a text"),
        ("hour + 1", "the condition must be true or false: compare it with something"),
        ("hour in (1, 'a')", "''a'' must be a number, but is a text"),
        ("(1, 2) == hour", "the list '(1, 2)' may only stand after 'in'"),
        ("hour == (1, 2)", "'(1, 2)' must be a number, but is a list"),
        ("hour in caller", "'hour' must be a text, but is a number"),
        ("starts_with(caller)", "'starts_with' takes 2 values, not 1"),
        ("length(hour) == 1", "'hour' must be a text, but is a number"),
        ("-caller == 1", "'caller' must be a number, but is a text"),
    ],
)
def test_wrong_names_and_kinds_are_told(text: str, told: str) -> None:
    """What could fail in a call is found when the flow is loaded."""
    assert parse_condition(text).problems(KINDS) == [told]


def test_an_unknown_function_is_told_with_the_nearest_name() -> None:
    """A misspelt function is answered with the right one."""
    with pytest.raises(ValueError, match="unknown function 'starts_wiht'; did you mean 'starts_with'"):
        parse_condition("starts_wiht(caller, '1')")


_NONSENSE = (
    "'a' 1 2.5 True (1,2) ( ) , and or not in == < + - starts_with length lambda ** % . [ ] : if x 0in"
)
_words = st.sampled_from([*VALUES, *_NONSENSE.split()])


@settings(max_examples=400)
@given(st.lists(_words, max_size=14).map(" ".join) | st.text(max_size=40))
def test_whatever_is_written_is_refused_or_answers(text: str) -> None:
    """Any text is a ValueError, has problems, or gives true or false for values of the right kinds."""
    try:
        condition = parse_condition(text)
    except ValueError:
        return
    if not condition.problems(KINDS):
        assert condition.holds(VALUES) in (True, False)


_number = st.sampled_from(["hour", "visits", "7", "0.5", "length(caller)"])
_text = st.sampled_from(["caller", "language", "'en'", "''"])
_atoms = st.one_of(
    st.just("vip"),
    st.builds("{} {} {}".format, _number, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _number),
    st.builds("{} {} ({}, {})".format, _text, st.sampled_from(["in", "not in"]), _text, _text),
    st.builds("starts_with({}, {})".format, _text, _text),
)
_conditions = st.recursive(
    _atoms,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("not ({})".format, inner)
    ),
    max_leaves=6,
)


@given(_conditions, st.integers(0, 23), st.booleans())
def test_conditions_agree_with_python(text: str, hour: int, vip: bool) -> None:
    """On everything well-formed the evaluator gives what Python itself would give."""
    values: dict[str, Value] = {**VALUES, "hour": hour, "vip": vip}
    condition = parse_condition(text)
    assert condition.problems(KINDS) == []
    functions = {"starts_with": str.startswith, "length": len, "__builtins__": {}}
    code = compile(ast.parse(text, mode="eval"), "condition", "eval")
    assert condition.holds(values) is bool(eval(code, functions, dict(values)))


# --- values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (3, 3),
        (2.5, 2.5),
        (True, True),
        ("'north'", "north"),
        ("hour + 1", 10),
        ("caller", "13800000000"),
        ("vip and hour > 3", True),
        ("hour + 1000000000000", MAX_NUMBER),
        ("0 - 1000000000000 - hour", -MAX_NUMBER),
    ],
)
def test_an_expression_gives_a_value(written: object, value: Value) -> None:
    """Literals stand for themselves, texts are expressions, numbers stay within their bounds."""
    expression = expression_of(written)
    assert expression.problems(KINDS, kind_of(value)) == []
    assert expression.kind(KINDS) is kind_of(value)
    assert expression.value(VALUES) == value
    assert type(expression.value(VALUES)) is type(value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hour", "'hour' must be a text, but is a number"),
        ("('a', 'b')", "the list '('a', 'b')' is no value"),
        ("if_else(vip, 'a', 1)", "'1' must be a text, but is a number"),
        ("if_else(vip, (1, 2), 1)", "the list '(1, 2)' may only stand after 'in'"),
        ("'a' + 1", "'1' must be a text, but is a number"),
        ("starts_with(caller, ('1', 2))", "'2' must be a text, but is a number"),
        ("tries + 1", "unknown name 'tries'"),
    ],
)
def test_what_gives_no_text_is_told(text: str, told: str) -> None:
    """The kind of what an expression gives is checked like the kinds of its parts."""
    assert told in parse_expression(text).problems(KINDS, str)


@pytest.mark.parametrize("written", [None, [], {}, b"1", float("nan"), 10**13, "north", "a b"])
def test_what_is_no_value_is_refused_or_unknown(written: object) -> None:
    """Nothing but literals and expressions is a value; a text without quotes of its own is a name."""
    try:
        expression = expression_of(written)
    except ValueError:
        return
    assert expression.problems(KINDS)


def test_texts_never_grow_beyond_their_bound() -> None:
    """A text put together is cut, however often that is done."""
    expression = parse_expression(" + ".join(["name"] * 15))
    assert len(str(expression.value({"name": "x" * MAX_TEXT}))) == MAX_TEXT


_NAMES: dict[str, type] = {"t1": str, "t2": str, "n1": float, "n2": float, "b1": bool, "b2": bool}
_written_text = st.text(alphabet="ab1#?*Eé ", max_size=6)
_written_number = st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12).map(lambda f: round(f, 3))


def _trees(depth: int) -> dict[type, st.SearchStrategy[str]]:
    """Texts of well-formed expressions by what they give."""
    leaves: dict[type, st.SearchStrategy[str]] = {
        str: st.sampled_from(["t1", "t2"]) | _written_text.map(repr),
        float: st.sampled_from(["n1", "n2"]) | _written_number.map(repr),
        bool: st.sampled_from(["b1", "b2", "True", "False"]),
    }
    if depth == 0:
        return leaves
    inner = _trees(depth - 1)
    for name, function in FUNCTIONS.items():
        for same in (str, float, bool) if name == "if_else" else (str,):
            takes = [inner.get(kind, inner[same]) for kind in function.takes]
            gives = function.gives if function.gives in leaves else same
            leaves[gives] |= st.tuples(*takes).map(lambda args, name=name: f"{name}({', '.join(args)})")  # type: ignore[misc]
    text, number, truth = inner[str], inner[float], inner[bool]
    leaves[str] |= st.builds("({} + {})".format, text, text)
    leaves[float] |= st.builds("({} {} {})".format, number, st.sampled_from("+-"), number)
    leaves[float] |= st.builds("(-{})".format, number)
    compared = st.sampled_from(["<", "<=", "==", "!=", ">", ">="])
    leaves[bool] |= st.builds("({} {} {} {} {})".format, number, compared, number, compared, number)
    leaves[bool] |= st.builds("({} {} {})".format, text, compared, text)
    leaves[bool] |= st.builds("({} {} ({},))".format, text, st.sampled_from(["in", "not in"]), text)
    leaves[bool] |= st.builds("({} {} {})".format, truth, st.sampled_from(["and", "or"]), truth)
    leaves[bool] |= st.builds("(not {})".format, truth)
    return leaves


_wild: dict[type, st.SearchStrategy[Value]] = {
    str: st.text(max_size=400),
    float: st.integers() | st.floats() | st.sampled_from([10**400, -(10**400)]),
    bool: st.booleans(),
}


@settings(max_examples=100)
@given(st.sampled_from([str, float, bool]).flatmap(lambda kind: _trees(3)[kind]), st.data())
def test_every_allowed_tree_gives_a_bounded_value_for_every_value(text: str, data: st.DataObject) -> None:
    """Even for values beyond all bounds: nothing raises, and what is given is within them."""
    try:
        expression = parse_expression(text)
    except ValueError:
        assert len(text) > MAX_LENGTH or text.count("(") >= MAX_DEPTH // 2
        return
    assert expression.problems(_NAMES) == []
    values = {name: data.draw(_wild[kind]) for name, kind in _NAMES.items() if name in expression.names}
    value = expression.value(values)
    assert bounded(value) == value
    assert kind_of(value) is expression.kind(_NAMES)


@settings(max_examples=400)
@given(st.text(max_size=60) | st.text(alphabet="()[]{}'\"+-~,.x1 \\\n\0:=*", max_size=MAX_LENGTH + 10))
def test_any_text_is_read_or_refused_at_once(text: str) -> None:
    """Nothing but ValueError, in few steps, whatever is typed."""
    with few_steps(), suppress(ValueError):
        parse_expression(text)
