"""Settings of publishing flows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from located_yaml import Section

Share = Annotated[float, Field(gt=0, le=1)]


class PublishingSection(Section):
    """When a version of the flows that is tried on a share of the callers (`callcenter flows publish
    --percent`) is withdrawn by itself: its callers fare worse than those of the version in force at the same
    time, by more than is allowed here and than chance may do. As shares: 0.05 is five callers in a hundred.
    """

    min_calls: Annotated[int, Field(ge=10)] = 50
    """Nothing is judged before each of the two versions has had so many callers."""
    containment_drop: Share = 0.10
    """How many fewer may be served by the flow to its end without asking for a human."""
    abandonment_rise: Share = 0.05
    """How many more may hang up in the flow or while they wait."""
    error_rise: Share = 0.02
    """How many more may meet a flow that breaks off, or a prompt without audio."""
