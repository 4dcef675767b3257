"""Conditions and values of flows: a small, safe language that cannot run code, hang or eat memory.

Allowed are comparisons (chained too), ``in`` and ``not in`` a list in parentheses or a text, ``and``, ``or``,
``not``, ``+`` and ``-`` on numbers, ``+`` on texts, and the named functions. Python's parser reads the text
and a whitelist over its tree decides. Length and depth are bounded, there are no loops, and every number and
text made on the way is bounded, so evaluation is bounded too. The kinds of all parts are checked when a flow
is loaded, so that nothing can fail in a call.
"""

from ivr_flows.expressions.functions import FUNCTIONS, Function, plain
from ivr_flows.expressions.grammar import (
    MAX_DEPTH,
    MAX_LENGTH,
    Condition,
    Expression,
    expression_of,
    parse_condition,
    parse_expression,
)
from ivr_flows.expressions.values import KIND_WORDS, MAX_NUMBER, MAX_TEXT, Value, bounded, kind_of

__all__ = [
    "FUNCTIONS", "KIND_WORDS", "MAX_DEPTH", "MAX_LENGTH", "MAX_NUMBER", "MAX_TEXT", "Condition", "Expression",
    "Function", "Value", "bounded", "expression_of", "kind_of", "parse_condition", "parse_expression",
    "plain",
]  # fmt: skip
