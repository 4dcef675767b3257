"""Sequels: what callers do after a call, as it is written in a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from located_yaml import Section
from simulation.durations import Duration


class Again(Section):
    """A share of the callers calls again."""

    share: Annotated[float, Field(ge=0, lt=1)]
    after: Duration
    """How long after they were gone."""


class CallingAgain(Section):
    """Callers who call again, once more as patient and with as much to say as anybody of their stream."""

    abandoned: Again | None = None
    """After they had hung up while waiting."""
    answered: Again | None = None
    """After an agent had served them."""


NOBODY = CallingAgain()
"""Who called once is gone for good."""


class Transfer(Section):
    """A share of the calls that are answered is sent on by the agent when the talk is over. A call is sent on
    once at most."""

    queue: str
    share: Annotated[float, Field(ge=0, le=1)]
    talk: Duration
    """With the next agent."""
    wrap_up: Duration | None = None
    """Not given, or longer than that queue's ``wrap_up_sec``: that."""
