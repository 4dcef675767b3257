"""The shape of the settings about what agents see beside a call."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from callcenter.settings.outside import SLOT, safe_address
from located_yaml import Section

LINK_VALUES: Final = ("caller", "caller_name", "call_id", "did", "queue", "language", "agent_id", "ticket_id")
"""What the address of a link can have in it."""


def _link_address(url: str) -> str:
    if unknown := [name for name in SLOT.findall(url) if name not in LINK_VALUES]:
        raise ValueError(f"there is no '{{{unknown[0]}}}'; there are: {', '.join(LINK_VALUES)}")
    return safe_address(url)


class LinkSection(Section):
    """A page of another system about the call at hand."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    url: Annotated[str, AfterValidator(_link_address)]
    """``{caller}`` and the like in its path or query stand for the call's values, safely quoted. Where the
    call lacks one, there is no link."""
    open: Literal["link", "automatic"] = "link"
    """automatic: the browser opens it with the Offer, in a window of its own, if it allows that."""


class DeskSection(Section):
    """What agents see beside a call."""

    repeat_days: Annotated[int, Field(ge=1, le=366)] = 7
    """Who has called within so many days is told as calling again."""
    links: tuple[LinkSection, ...] = ()
