"""Works out the kind of every part of an expression, and what is wrong about it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from ivr_flows.expressions.functions import FUNCTIONS, Function, Same, Texts
from ivr_flows.expressions.values import KIND_WORDS, kind_of
from located_yaml import did_you_mean


class KindChecker:
    """``kinds`` are those of the names; ``found`` gathers what is wrong. A kind of None stands for a part
    already complained of."""

    def __init__(self, kinds: Mapping[str, type]) -> None:
        self.kinds = kinds
        self.found: list[str] = []

    def kind(self, node: ast.expr) -> type | None:
        """The kind of this part; its own parts are checked on the way."""
        match node:
            case ast.Constant(value=value):
                return kind_of(value)  # type: ignore[arg-type]  # the grammar lets only these kinds in
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
            case ast.BinOp():
                return self._sum(node)
            case ast.Tuple():
                return tuple
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, FUNCTIONS[name], args)
            case ast.Compare():
                return self._compare(node)
        raise AssertionError(f"the grammar lets no {type(node).__name__} through")

    def want(self, part: ast.expr, wanted: type) -> None:
        """Complain unless the part is of this kind."""
        self._agree(part, self.kind(part), wanted)

    def _agree(self, part: ast.expr, kind: type | None, wanted: type) -> None:
        if kind is not None and kind is not wanted:
            told = f"'{ast.unparse(part)}' must be {KIND_WORDS[wanted]}, but is {KIND_WORDS[kind]}"
            self.found.append(told)

    def _all(self, parts: list[ast.expr], wanted: type) -> type:
        for part in parts:
            self.want(part, wanted)
        return wanted

    def _sum(self, node: ast.BinOp) -> type:
        kind = self.kind(node.left)
        wanted = str if kind is str and isinstance(node.op, ast.Add) else float
        self._agree(node.left, kind, wanted)
        self.want(node.right, wanted)
        return wanted

    def _call(self, name: str, function: Function, args: list[ast.expr]) -> type | None:
        if len(args) != len(function.takes):
            self.found.append(f"'{name}' takes {len(function.takes)} values, not {len(args)}")
        same: type | None = None
        for arg, wanted in zip(args, function.takes, strict=False):
            if wanted is Texts:
                self._all(arg.elts if isinstance(arg, ast.Tuple) else [arg], str)
            elif wanted is not Same:
                self.want(arg, wanted)
            elif same is not None:
                self.want(arg, same)
            else:
                same = self._value(arg)
        return same if function.gives is Same else function.gives

    def _value(self, part: ast.expr) -> type | None:
        """The kind of a part that may be anything but a list."""
        kind = self.kind(part)
        if kind is tuple:
            self.found.append(f"the list '{ast.unparse(part)}' may only stand after 'in'")
            return None
        return kind

    def _compare(self, node: ast.Compare) -> type:
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                self._member(left, right)
            elif (kind := self._value(left)) is not None:
                self.want(right, kind)
            left = right
        return bool

    def _member(self, item: ast.expr, inside: ast.expr) -> None:
        if not isinstance(inside, ast.Tuple):
            self._all([item, inside], str)
        elif (kind := self._value(item)) is not None:
            self._all(inside.elts, kind)
