"""What is to come in a rehearsed call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ivr_flows.effects import FlowEvent, PromptText
from ivr_flows.script import HangUp, Step


@dataclass(frozen=True, slots=True)
class Act:
    """One key, one saying, one silence or the hanging up; the last of its step or not."""

    step: Step
    ends_step: bool


@dataclass(frozen=True, slots=True)
class Begins:
    """A text of a play begins to be heard."""

    token: str
    prompt: PromptText


@dataclass(frozen=True, slots=True)
class Away:
    """What comes of a stay elsewhere, unless it was ended before."""

    stay: int
    news: FlowEvent


Coming = FlowEvent | HangUp | Act | Begins | Away


def acts_of(step: Step) -> list[Act]:
    """A step key by key; the keys after the first wait for nothing but the time between two keys."""
    if len(step.keys) < 2:
        return [Act(step, ends_step=True)]
    first = Act(replace(step, keys=step.keys[0]), ends_step=False)
    others = [Act(Step(key), ends_step=False) for key in step.keys[1:]]
    return [first, *others[:-1], replace(others[-1], ends_step=True)]


Answer = TypeVar("Answer")


def nth(answers: Sequence[Answer], n: int) -> Answer | None:
    """The n-th answer (from 1), the last one for all beyond it, None when there is none."""
    return answers[min(n, len(answers)) - 1] if answers else None
