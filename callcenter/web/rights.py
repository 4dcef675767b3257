"""The table of rights: what a route may ask of whoever uses it, and which roles have it (docs/access.md)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from callcenter.users.model import Role


class Access(StrEnum):
    """What a route asks of whoever uses it."""

    PUBLIC = "public"
    LOGGED_IN = "logged_in"
    OWN_AGENT = "own_agent"
    """Supervision, or the agent named in the path."""
    OWN_CALL = "own_call"
    """The record, or an agent who has a part in the call (for what is known of a live one also by being
    rung); the handler asks ``require_part``."""
    RECORD = "record"
    """Calls that are over, whosever they were: their way, sound and words, and how callers liked them."""
    TICKETS = "tickets"
    DESK = "desk"
    """What callers want, written down: supervision, or an agent who has a part in the call; the handler asks
    ``require_part``."""
    SUPERVISION = "supervision"
    """Control over other people's calls and states."""
    OPERATION = "operation"
    """What is kept in order from day to day: queues open or closed, lists of callers."""
    ADMINISTRATION = "administration"
    """Users, their rights, and the audit log."""
    METRICS = "metrics"
    """The health of every component; also a scraper with the metrics token of the settings."""


ROLES: Mapping[Access, frozenset[Role]] = {
    Access.LOGGED_IN: frozenset(Role),
    Access.OWN_AGENT: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.AGENT}),
    Access.OWN_CALL: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.QUALITY, Role.AGENT}),
    Access.RECORD: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.QUALITY}),
    Access.TICKETS: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.QUALITY, Role.AGENT}),
    Access.DESK: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.AGENT}),
    Access.SUPERVISION: frozenset({Role.ADMIN, Role.SUPERVISOR}),
    Access.OPERATION: frozenset({Role.ADMIN, Role.SUPERVISOR, Role.OPS}),
    Access.ADMINISTRATION: frozenset({Role.ADMIN}),
    Access.METRICS: frozenset({Role.ADMIN, Role.OPS}),
}
"""The roles that may pass; PUBLIC asks for none."""


def rights_of(role: Role) -> list[Access]:
    """What the role may do."""
    return [access for access, roles in ROLES.items() if role in roles]
