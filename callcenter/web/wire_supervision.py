"""The JSON shapes of what supervisors ask: requests of the API. See ``wire``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callcenter.domain.overhearing import SupervisionMode
from callcenter.web.wire import Wire
from callcenter.web.wire_api import Name


class SupervisionRequest(Wire):
    """How the supervisor takes part in the call. ``phone`` is where to ring them; null: where they work as an
    agent."""

    mode: SupervisionMode
    phone: Name | None = None


class PickRequest(Wire):
    """The agent to whom the waiting call is offered now."""

    agent_id: Name


class NoteRequest(Wire):
    """What is written to the agent."""

    text: Annotated[str, Field(min_length=1, max_length=500)]


class NoteReadRequest(Wire):
    """Which note the agent has read."""

    note_id: Name
