"""Conditions: what they mean, and that none can run code, hang, eat memory or fail in a call."""

import ast
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.expressions import MAX_DEPTH, MAX_LENGTH, Value, kind_of, parse_condition

VALUES: dict[str, Value] = {
    "caller": "13800000000",
    "did": "12345",
    "language": "en",
    "hour": 9,
    "vip": True,
    "visits": 2.5,
}
KINDS = {name: kind_of(value) for name, value in VALUES.items()}


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
    ],
)
def test_everything_else_is_refused_at_once(text: str) -> None:
    """Code, attributes, big numbers, formatting, deep nesting and nonsense never become a condition."""
    began = time.perf_counter()
    with pytest.raises(ValueError, match=r"condition|function"):
        parse_condition(text)
    assert time.perf_counter() - began < 0.5


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
