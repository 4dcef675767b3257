"""From text to Expression: Python's parser reads it, a whitelist over the tree decides."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.expressions.evaluation import COMPARISONS, Run, compiled
from ivr_flows.expressions.functions import FUNCTIONS
from ivr_flows.expressions.kinds import KindChecker
from ivr_flows.expressions.values import KIND_WORDS, MAX_NUMBER, MAX_TEXT, Value, bounded
from located_yaml import did_you_mean

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Expression:
    """Something that gives a value, every part of it allowed; made by ``parse_expression``.

    ``names`` are those that need a value.
    """

    text: str
    names: frozenset[str]
    tree: ast.expr = field(compare=False, repr=False)
    _run: Run = field(compare=False, repr=False)

    def kind(self, kinds: Mapping[str, type]) -> type | None:
        """The kind of what it gives when names have these kinds; None when that cannot be told."""
        kind = KindChecker(kinds).kind(self.tree)
        return None if kind is tuple else kind

    def problems(self, kinds: Mapping[str, type], wanted: type | None = None) -> list[str]:
        """What is wrong when names have these kinds (``str``, ``float`` for any number, ``bool``), and when
        it does not give the kind ``wanted``. One without problems gives a value for all values of these
        kinds.
        """
        checker = KindChecker(kinds)
        kind = checker.kind(self.tree)
        if kind is tuple:
            checker.found.append(f"the list '{self.text}' is no value")
        elif None not in (kind, wanted) and kind is not wanted:
            checker.found.append(f"'{self.text}' must be {KIND_WORDS[wanted]}, but is {KIND_WORDS[kind]}")  # type: ignore[index]
        return checker.found

    def value(self, values: Mapping[str, Value]) -> Value:
        """What it gives, within the bounds of values; needs a value for each of ``names``."""
        return bounded(self._run(values))


@dataclass(frozen=True, slots=True)
class Condition(Expression):
    """An expression that is to be true or false; made by ``parse_condition``."""

    def problems(self, kinds: Mapping[str, type], wanted: type | None = bool) -> list[str]:
        """What is wrong when names have these kinds; one without problems gives an answer for all values."""
        checker = KindChecker(kinds)
        if checker.kind(self.tree) not in (wanted, None):
            checker.found.append("the condition must be true or false: compare it with something")
        return checker.found

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it is true of these values; needs a value for each of ``names``."""
        return bool(self._run(values))


def parse_expression(text: str) -> Expression:
    """Raises ValueError, saying what is wrong, for whatever is not wholly in the language."""
    tree = _parsed(text, "an expression")
    return Expression(text, frozenset(_names(tree)), tree, compiled(tree))


def parse_condition(text: str) -> Condition:
    """As ``parse_expression``, for what is to be true or false."""
    tree = _parsed(text, "a condition")
    return Condition(text, frozenset(_names(tree)), tree, compiled(tree))


def expression_of(written: object) -> Expression:
    """What YAML says: a number, ``true`` and ``false`` stand for themselves, a text is an expression (so that
    a literal text has quotes of its own: ``"'north'"``). Raises ValueError.
    """
    if isinstance(written, str):
        return parse_expression(written)
    if isinstance(written, bool | int | float):
        return parse_expression(repr(written))
    raise ValueError('a value is a number, true, false or an expression such as "\'north\'" or "tries + 1"')


def _parsed(text: str, what: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{what} is at most {MAX_LENGTH} characters long")
    text = text.strip()
    try:
        with warnings.catch_warnings(action="error"):  # odd escapes and literals are mistakes, not warnings
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as wrong:
        raise ValueError(f"not {what}: {wrong.msg} at character {wrong.offset or 1}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ValueError(f"not {what}: it cannot be read") from None
    _admit(tree, text, what, depth=1)
    return tree


def _admit(node: ast.expr, text: str, what: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"{what} may be nested {MAX_DEPTH} levels deep, not deeper")
    parts = _admitted_parts(node)
    if parts is None:
        # the source, not ast.unparse: that one recurses, and nothing has bounded the depth of what is refused
        segment = ast.get_source_segment(text, node) or text
        raise ValueError(f"not allowed in {what}: {segment[:40]}")
    for part in parts:
        _admit(part, text, what, depth + 1)


def _admitted_parts(node: ast.expr) -> list[ast.expr] | None:
    """The whitelist: the parts of a node that is allowed; None for every other."""
    match node:
        case ast.Name():
            return []
        case ast.Constant(value=bool()):
            return []
        case ast.Constant(value=str() as text) if len(text) <= MAX_TEXT:
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
            type(op) in COMPARISONS for op in ops
        ):
            return [left, *others]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return args
        case ast.Call(func=ast.Name(id=name)):
            known = "" if name in FUNCTIONS else f"unknown function '{name}'{did_you_mean(name, FUNCTIONS)}"
            raise ValueError(known or f"the function '{name}' takes its values in order, without names")
    return None


def _names(tree: ast.expr) -> Iterator[str]:
    """The names that stand for values (and not for functions)."""
    match tree:
        case ast.Name(id=name):
            yield name
        case _:
            for part in _admitted_parts(tree) or ():
                yield from _names(part)
