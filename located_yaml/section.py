"""Section: a part of a hand-written file, as a pydantic model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Frozen; unknown fields are refused; docstrings of fields describe them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
