"""The node that hands the caller on."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from ivr_flows.effects import TransferEnd
from ivr_flows.expressions import Expression, expression_of
from ivr_flows.model.parts import Name, Part, Text, Way

TARGETS: Final = ("queue", "number", "centre")
_DIGITS: Final = re.compile(r"\+?[0-9*#]{1,32}")


def _called(written: Any) -> Expression:
    """Digits stand for themselves, whatever quotes they have."""
    digits = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
    if isinstance(digits, str) and _DIGITS.fullmatch(digits):
        return expression_of(repr(digits))
    return expression_of(written)


Called = Annotated[
    Expression, PlainValidator(_called), WithJsonSchema({"type": ["string", "integer"], "maxLength": 200})
]
"""A number, or an agent's id: digits, or an expression that gives a text."""


class TransferTarget(Part):
    """Whom the caller is handed on to: one of ``queue``, ``number`` and ``centre``."""

    queue: Name | None = None
    """A queue of this centre."""
    agent: Called | None = None
    """With ``queue``: one agent, by the rules of that queue. The id, or what gives it."""
    number: Called | None = None
    """A number outside."""
    trunk: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """With ``number``: over this trunk; as the centre dials out when not given."""
    centre: Name | None = None
    """Another centre of the settings, which is told the id of the call's ticket."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.agent is not None and self.queue is None:
            raise ValueError("an agent is reached by way of a queue: add 'queue'")
        if sum(getattr(self, target) is not None for target in TARGETS) != 1:
            raise ValueError(f"give it one of {', '.join(TARGETS)}")
        if self.trunk is not None and self.number is None:
            raise ValueError("a trunk is for a number")
        return self

    def __str__(self) -> str:
        if self.number is not None:
            return self.number.text
        return f"{self.agent.text} ({self.queue})" if self.agent else self.queue or self.centre or ""


class TransferNode(Part):
    """Hands the caller on, for ``ring_sec`` at most until somebody answers.

    ``next`` is the way after the talk; without it the call ends then. ``otherwise`` is the way of whatever
    else is not named.
    """

    transfer: TransferTarget
    ring_sec: Annotated[int, Field(ge=5, le=300)] = 40
    music: bool = False
    """Music until there is an answer, not a ringing tone; in a queue it is always music."""
    recorded: bool = False
    """With ``number`` or ``centre``: the talk is recorded also when the call was not recorded so far."""
    category: Annotated[str, Field(min_length=1, max_length=64)] = "transfer"
    """With ``centre``: the category of the ticket that is opened for a call that has none."""
    text: Text = "来电已转接至其他中心。"
    """What that ticket says."""
    human: bool = True
    """Whether the human key works while it rings outside."""
    next: Name | None = None
    busy: Name | None = None
    no_answer: Name | None = None
    failed: Name | None = None
    """Nobody can be reached there: no such agent or number, or the trunk fails."""
    otherwise: Name | None = None

    @property
    def rings_outside(self) -> bool:
        """Whether the other side is outside this centre."""
        return self.transfer.queue is None

    def way_of(self, end: TransferEnd) -> str | None:
        """Where an end leads; None when the call ends (or, in a flow not checked, nobody said)."""
        if end is TransferEnd.DONE:
            return self.next
        named: str | None = getattr(self, end.value)
        return named or self.otherwise

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        talked = (Way("next", self.next, ("next",), by_a_person=True),) if self.next else ()
        found = []
        for end in TransferEnd:
            if end is not TransferEnd.DONE and (target := self.way_of(end)):
                field = end.value if getattr(self, end.value) else "otherwise"
                found.append(Way(end.value, target, (field,)))
        return (*talked, *found)
