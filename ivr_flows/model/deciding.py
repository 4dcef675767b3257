"""Nodes that decide and reckon: the caller hears nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ivr_flows.model.parts import Language, Name, Part, Way, When, Worked

Settings = Annotated[Mapping[Name, Worked], Field(min_length=1, max_length=64)]


class HoursNode(Part):
    """Asks a calendar whether the centre is open."""

    hours: Name
    open: Name
    closed: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("open", self.open, ("open",)), Way("closed", self.closed, ("closed",)))


class Case(Part):
    """One case of a branch."""

    when: When
    next: Name


class BranchNode(Part):
    """Goes the way of the first case whose condition holds."""

    branch: Annotated[tuple[Case, ...], Field(min_length=1, strict=False)]
    otherwise: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (
            *(Way(c.when.text, c.next, ("branch", i, "next")) for i, c in enumerate(self.branch)),
            Way("otherwise", self.otherwise, ("otherwise",)),
        )


class LanguageNode(Part):
    """From here the caller is spoken to in this language."""

    language: Language
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class SetNode(Part):
    """Gives variables their values, one after the other: a later one sees the earlier."""

    set: Settings
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class Share(Part):
    """One way of a split; ``weight`` counts against the sum of all."""

    weight: Annotated[int, Field(ge=0, le=1000)]
    next: Name


class SplitNode(Part):
    """Sends callers different ways in shares, by a hash of the call: the same call always goes the same
    way."""

    split: Annotated[tuple[Share, ...], Field(min_length=2, max_length=20, strict=False)]

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return tuple(
            Way(f"share {i + 1}", share.next, ("split", i, "next")) for i, share in enumerate(self.split)
        )


class SubflowNode(Part):
    """Goes through another flow and comes back with its results."""

    flow: Name
    next: Name
    with_: Annotated[Mapping[Name, Worked], Field(alias="with")] = {}
    """Values for variables that the other flow declares."""
    into: Mapping[Name, Name] = {}
    """Variables of this flow (declared, so that their kind is known), each with the result that it takes."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class ReturnNode(Part):
    """Ends a sub-flow and gives its results; in a flow that is nobody's sub-flow it ends the call."""

    return_: Annotated[Mapping[Name, Worked], Field(alias="return", max_length=64)]

    def ways(self) -> tuple[Way, ...]:
        """None: the flow is over."""
        return ()
