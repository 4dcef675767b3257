"""Conditions of branches: a small, safe language that cannot run code, hang or eat memory.

Allowed are comparisons (chained too), ``in`` and ``not in`` a list in parentheses or a text, ``and``, ``or``,
``not``, ``+`` and ``-`` on numbers, and the named functions below. Python's parser reads the text and a
whitelist over its tree decides. Length and depth are bounded and there are no loops, so evaluation is bounded
too. The kinds of all parts are checked when a flow is loaded, so that a condition cannot fail in a call.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from located_yaml import did_you_mean

Value = str | int | float | bool

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 20
MAX_NUMBER: Final = 10**12

_KIND_WORDS: Final[dict[type, str]] = {
    str: "a text",
    float: "a number",
    bool: "true or false",
    tuple: "a list",
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function conditions may call, with the kinds of what it takes and gives."""

    takes: tuple[type, ...]
    gives: type
    call: Callable[..., Value]


FUNCTIONS: Final[Mapping[str, Function]] = {
    "starts_with": Function((str, str), bool, str.startswith),
    "ends_with": Function((str, str), bool, str.endswith),
    "length": Function((str,), float, len),
}

_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, inside: item in inside,
    ast.NotIn: lambda item, inside: item not in inside,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition whose every part is allowed; made by ``parse_condition``."""

    text: str
    _tree: ast.expr = field(compare=False, repr=False)

    def problems(self, kinds: Mapping[str, type]) -> list[str]:
        """What is wrong when names have these kinds: ``str``, ``float`` (any number) or ``bool``.

        A condition without problems gives an answer for every set of values of these kinds.
        """
        checker = _KindChecker(kinds)
        if checker.kind(self._tree) not in (bool, None):
            checker.found.append("the condition must be true or false: compare it with something")
        return checker.found

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the condition is true of these values; needs a value for every name it uses."""
        return bool(_evaluate(self._tree, values))


def kind_of(value: Value) -> type:
    """The kind of a value, as ``Condition.problems`` counts kinds."""
    return float if type(value) is int else type(value)


def parse_condition(text: str) -> Condition:
    """Raises ValueError, saying what is wrong, for whatever is not wholly in the language."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"the condition is longer than {MAX_LENGTH} characters")
    try:
        with warnings.catch_warnings(action="error"):  # odd escapes and literals are mistakes, not warnings
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as wrong:
        raise ValueError(f"not a condition: {wrong.msg} at character {wrong.offset or 1}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ValueError("not a condition: it cannot be read") from None
    _admit(tree, depth=1)
    return Condition(text, tree)


def _admit(node: ast.AST, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"the condition is nested deeper than {MAX_DEPTH} levels")
    for part in _admitted_parts(node):
        _admit(part, depth + 1)


def _admitted_parts(node: ast.AST) -> list[ast.expr]:
    """The whitelist: the parts of a node that is allowed; ValueError for every other."""
    match node:
        case ast.Name() | ast.Constant(value=str() | bool()):
            return []
        case ast.Constant(value=int() | float() as number) if abs(number) <= MAX_NUMBER:
            return []
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return [left, right]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(
            type(op) in _COMPARISONS for op in ops
        ):
            return [left, *others]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return args
        case ast.Call(func=ast.Name(id=name)):
            raise ValueError(f"unknown function '{name}'{did_you_mean(name, FUNCTIONS)}")
    raise ValueError(f"not allowed in a condition: {ast.unparse(node)[:40]}")


class _KindChecker:
    """Works out the kind of every part; None stands for a part already complained of."""

    def __init__(self, kinds: Mapping[str, type]) -> None:
        self.kinds = kinds
        self.found: list[str] = []

    def kind(self, node: ast.expr) -> type | None:
        match node:
            case ast.Constant(value=value):
                return kind_of(value)  # type: ignore[arg-type]  # _admit lets only these kinds in
            case ast.Name(id=name):
                if name not in self.kinds:
                    self.found.append(f"unknown name '{name}'{did_you_mean(name, self.kinds)}")
                return self.kinds.get(name)
            case ast.BoolOp(values=parts):
                return self._all(parts, bool)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._all([operand], bool)
            case ast.UnaryOp(operand=operand):
                return self._all([operand], float)
            case ast.BinOp(left=left, right=right):
                return self._all([left, right], float)
            case ast.Tuple():
                return tuple
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, FUNCTIONS[name], args)
            case ast.Compare():
                return self._compare(node)
        raise AssertionError(f"_admit lets no {type(node).__name__} through")

    def _all(self, parts: list[ast.expr], wanted: type) -> type:
        for part in parts:
            self._want(part, wanted)
        return wanted

    def _want(self, part: ast.expr, wanted: type) -> None:
        kind = self.kind(part)
        if kind is not None and kind is not wanted:
            told = f"'{ast.unparse(part)}' must be {_KIND_WORDS[wanted]}, but is {_KIND_WORDS[kind]}"
            self.found.append(told)

    def _call(self, name: str, function: Function, args: list[ast.expr]) -> type:
        if len(args) != len(function.takes):
            self.found.append(f"'{name}' takes {len(function.takes)} values, not {len(args)}")
        for arg, wanted in zip(args, function.takes, strict=False):
            self._want(arg, wanted)
        return function.gives

    def _compare(self, node: ast.Compare) -> type:
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                self._member(left, right)
            elif (kind := self.kind(left)) is tuple:
                self.found.append(f"the list '{ast.unparse(left)}' may only stand after 'in'")
            elif kind is not None:
                self._want(right, kind)
            left = right
        return bool

    def _member(self, item: ast.expr, inside: ast.expr) -> None:
        if not isinstance(inside, ast.Tuple):
            self._all([item, inside], str)
        elif (kind := self.kind(item)) is not None:
            self._all(inside.elts, kind)


def _evaluate(node: ast.expr, values: Mapping[str, Value]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_evaluate(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_evaluate(part, values) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, values)
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _evaluate(left, values) + _evaluate(right, values)
        case ast.BinOp(left=left, right=right):
            return _evaluate(left, values) - _evaluate(right, values)
        case ast.Tuple(elts=parts):
            return tuple(_evaluate(part, values) for part in parts)
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name].call(*(_evaluate(arg, values) for arg in args))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _compare(_evaluate(left, values), ops, comparators, values)
    raise AssertionError(f"_admit lets no {type(node).__name__} through")


def _compare(left: Any, ops: list[ast.cmpop], others: list[ast.expr], values: Mapping[str, Value]) -> bool:
    for op, other in zip(ops, others, strict=True):
        right = _evaluate(other, values)
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True
