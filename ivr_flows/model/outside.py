"""Nodes that ask and tell the world around the call: other systems, the lists of callers, the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ivr_flows.model.parts import Name, Part, PlainText, Texts, Way, Worked


class LookUpNode(Part):
    """Asks another system, and takes what it answers into variables.

    What can be asked are the ``look_ups`` of the settings, and two of the centre's own: ``caller`` (what is
    known of the caller's number) and ``ticket`` (a ticket by its number). The caller hears ``prompt``, then
    music or silence, for ``timeout_sec`` at most; words that have begun are heard to their end. After a
    restart it is asked again.
    """

    look_up: Name
    with_: Annotated[Mapping[Name, Worked], Field(alias="with", max_length=64)] = {}
    """What is told with the question, by name."""
    into: Mapping[Name, Name] = {}
    """Variables (declared, so that their kind is known), each with the result that it takes."""
    sensitive: bool = False
    """What is taken is nobody's business: as the sensitive digits of ``collect``."""
    prompt: Texts | None = None
    music: bool = False
    timeout_sec: Annotated[int, Field(ge=1, le=60)] = 10
    human: bool = True
    """Whether the human key works here."""
    next: Name
    not_found: Name
    """Where to go when there is no such thing there."""
    failed: Name
    """Where to go without an answer in time, or with one of which a result is missing or of another kind."""

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return tuple(Way(word, getattr(self, word), (word,)) for word in ("next", "not_found", "failed"))


class SendNode(Part):
    """Tells another system (a webhook of the settings) something, and goes on at once: that it is told, once
    or more often, is then owed."""

    send: Name
    body: Annotated[Mapping[Name, Worked], Field(max_length=64)] = {}
    """What is told, by name."""
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)


class CallerListNode(Part):
    """Goes the way of the first list on which the caller is. It is asked what the lists said when the call
    came in (or was found after a restart)."""

    caller_list: Annotated[Mapping[Name, Name], Field(min_length=1, max_length=20)]
    """Lists, the first one first, each with where its callers go."""
    otherwise: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        listed = (Way(name, target, ("caller_list", name)) for name, target in self.caller_list.items())
        return (*listed, Way("otherwise", self.otherwise, ("otherwise",)))


class UpdateTicketNode(Part):
    """Adds words to the call's ticket, and goes on at once. A call that has no ticket yet adds them when it
    gets one; one that ends without a ticket forgets them."""

    update_ticket: PlainText
    """What is added; {name} stands for a variable."""
    category: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """The ticket's category from here on."""
    next: Name

    def ways(self) -> tuple[Way, ...]:
        """All ways out."""
        return (Way("next", self.next, ("next",)),)
