"""What people change of the settings while the centre is at work, and what only a start puts in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from callcenter.settings.model import Settings

HOMES: Final[Mapping[str, str]] = {
    "skills": "agents.yaml",
    "agents": "agents.yaml",
    "pause_reasons": "agents.yaml",
    "queues": "queues.yaml",
    "waiting": "queues.yaml",
    "routing": "queues.yaml",
    "dial_out": "queues.yaml",
    "dispositions": "queues.yaml",
    "calendars": "calendars.yaml",
    "caller_lists": "caller_lists.yaml",
    "numbers": "trunks.yaml",
    "any_number": "trunks.yaml",
    "numbering": "trunks.yaml",
    "centres": "trunks.yaml",
    "trunks": "trunks.yaml",
    "desk": "desk.yaml",
}
"""The sections that can be changed entry by entry, each with the file into which one goes that stands in none
yet. Every section can be changed as the text of its file."""

AT_START: Final = frozenset(
    {
        "centre", "services", "sip", "ports", "web", "admission", "numbering", "trunks", "phones",
        "softphones", "centres", "speech", "prompts",
    }
)  # fmt: skip
"""The sections that a reload leaves as they were at the start."""


def differing(one: Settings, other: Settings) -> list[str]:
    """The names of the sections that are not equal."""
    return [name for name in Settings.model_fields if getattr(one, name) != getattr(other, name)]


def defaults_of(section: str) -> dict[str, Any]:
    """What holds for each field of the section, or of each of its entries, when it is left out."""
    shape = _shape_of(Settings.model_fields[section].annotation)
    if shape is None:
        return {}
    optional = {name: field for name, field in shape.model_fields.items() if not field.is_required()}
    made = shape.model_construct(**{name: field.get_default() for name, field in optional.items()})
    return made.model_dump(mode="json", include=set(optional))


def _shape_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = get_args(annotation)
    if get_origin(annotation) is not None and inner:
        return next(filter(None, map(_shape_of, reversed(inner))), None)
    return None
