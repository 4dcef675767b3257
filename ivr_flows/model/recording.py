"""Nodes of a flow by which prompts are recorded by telephone."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ivr_flows.effects import TakeFault
from ivr_flows.model.parts import Name, Part, Texts, Way, Worked


class RecordNode(Part):
    """Records what the caller says after a beep; a key, or ``max_sec``, ends it. The take is checked, trimmed
    and levelled like every prompt. It is a file of its own, with no ticket."""

    record: Texts
    into: Name
    """The variable that takes the name of the take, as a text."""
    max_sec: Annotated[int, Field(ge=2, le=180)] = 60
    human: bool = True
    """Whether the human key works here."""
    next: Name
    silent: Name | None = None
    clipped: Name | None = None
    failed: Name | None = None
    otherwise: Name | None = None

    def way_of(self, fault: TakeFault) -> str | None:
        """Where a fault leads; None in a flow not checked."""
        named: str | None = getattr(self, fault.value)
        return named or self.otherwise

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        found = [Way("next", self.next, ("next",))]
        for fault in TakeFault:
            if target := self.way_of(fault):
                found.append(
                    Way(fault.value, target, (fault.value if getattr(self, fault) else "otherwise",))
                )
        return tuple(found)


class Sound(Part):
    """What is to be heard: the ``prompt`` with a number of `prompts list`, or a ``take``."""

    prompt: Worked | None = None
    take: Worked | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.prompt is None) == (self.take is None):
            raise ValueError("give it one of prompt, take")
        return self

    def __str__(self) -> str:
        return f"prompt {self.prompt.text}" if self.prompt else f"take {self.take.text}" if self.take else ""


class HearNode(Part):
    """Lets a prompt be heard as callers hear it now, or a take. Any key skips the rest, and counts for the
    menu that follows."""

    hear: Sound
    human: bool = True
    """Whether the human key works here."""
    next: Name
    missing: Name
    """Where to go when there is no such prompt or take."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)), Way("missing", self.missing, ("missing",)))


class Keeping(Part):
    """Which take is to be heard instead of which prompt."""

    take: Worked
    prompt: Worked

    def __str__(self) -> str:
        return f"{self.take.text} as prompt {self.prompt.text}"


class KeepNode(Part):
    """Lets callers hear a take instead of a prompt, at once."""

    keep: Keeping
    next: Name
    failed: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)), Way("failed", self.failed, ("failed",)))
