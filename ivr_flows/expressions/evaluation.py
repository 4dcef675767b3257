"""An admitted tree as one Python function, made once when the flow is loaded: no tree is walked in a call."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from ivr_flows.expressions.functions import FUNCTIONS
from ivr_flows.expressions.values import MAX_TEXT, Value, bounded_number

Run = Callable[[Mapping[str, Value]], Any]

COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, inside: item in inside,
    ast.NotIn: lambda item, inside: item not in inside,
}


def compiled(node: ast.expr) -> Run:
    """The function that works the tree out from the values of its names."""
    match node:
        case ast.Constant(value=value):
            return lambda _: value
        case ast.Name(id=name):
            return operator.itemgetter(name)
        case ast.BoolOp(op=ast.And(), values=parts):
            return _every([compiled(part) for part in parts])
        case ast.BoolOp(values=parts):
            return _any([compiled(part) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _with_one(operator.not_, compiled(operand))
        case ast.UnaryOp(operand=operand):
            return _with_one(_minus, compiled(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return _with_two(_plus if isinstance(op, ast.Add) else _less, compiled(left), compiled(right))
        case ast.Tuple(elts=parts):
            return _list([compiled(part) for part in parts])
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(FUNCTIONS[name].call, [compiled(arg) for arg in args])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _with_two(COMPARISONS[type(op)], compiled(left), compiled(right))
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _chain(compiled(left), [COMPARISONS[type(op)] for op in ops], [*map(compiled, others)])
    raise AssertionError(f"the grammar lets no {type(node).__name__} through")


def _with_one(work: Callable[[Any], Any], operand: Run) -> Run:
    return lambda values: work(operand(values))


def _with_two(work: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    return lambda values: work(left(values), right(values))


def _every(parts: list[Run]) -> Run:
    return lambda values: all(part(values) for part in parts)


def _any(parts: list[Run]) -> Run:
    return lambda values: any(part(values) for part in parts)


def _list(parts: list[Run]) -> Run:
    return lambda values: tuple(part(values) for part in parts)


def _call(function: Callable[..., Any], args: list[Run]) -> Run:
    return lambda values: function(*[arg(values) for arg in args])


def _chain(first: Run, comparisons: list[Callable[[Any, Any], bool]], others: list[Run]) -> Run:
    def run(values: Mapping[str, Value]) -> bool:
        left = first(values)
        for compare, other in zip(comparisons, others, strict=True):
            right = other(values)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        return (left + right)[:MAX_TEXT]
    return bounded_number(bounded_number(left) + bounded_number(right))


def _less(left: Any, right: Any) -> Any:
    return bounded_number(bounded_number(left) - bounded_number(right))


def _minus(number: Any) -> Any:
    return -bounded_number(number)
