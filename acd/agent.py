"""AgentState: the facts about one agent, and the availability derived from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from acd.model import AgentConfig, Presence


class Rule(StrEnum):
    """The rules that keep a call from an agent, in the order in which they are tried."""

    NOT_THE_NAMED_AGENT = "not_the_named_agent"
    KEPT_FOR_ANOTHER = "kept_for_another"
    OTHER_QUEUES = "other_queues"
    OTHER_GROUPS = "other_groups"
    MISSING_SKILL = "missing_skill"
    LEVEL_TOO_LOW = "level_too_low"
    RESERVE = "reserve"
    NOT_LOGGED_IN = "not_logged_in"
    NOT_READY = "not_ready"
    BUSY = "busy"
    DELAYED = "delayed"


class Availability(NamedTuple):
    """``rule`` is None for an agent who may be offered a call now, else the rule that forbids it.

    ``detail`` completes the rule: the pause reason, the Presence of a busy agent, the cause of a delay.
    """

    rule: Rule | None
    detail: str = ""


AVAILABLE = Availability(None)
LOGGED_OUT = Availability(Rule.NOT_LOGGED_IN)
_BUSY = {
    presence: Availability(Rule.BUSY, presence.value)
    for presence in (Presence.OFFERED, Presence.ON_CALL, Presence.WRAP_UP)
}


@dataclass(slots=True)
class AgentState:
    """One agent's facts; only the Router changes them. ``agent_id`` is the agent's name in the configuration.

    ``wants_calls`` and ``pause_reason`` are the agent's stored intention, in force whenever no work is in
    hand; ``forced_by`` is the supervisor who paused the agent, ``overdue_at`` when the pause has lasted too
    long. ``until_at`` is the agent's one timer: it ends the wrap-up or the delay that runs, or makes the
    pause overdue. ``offer_id``, ``call_id`` and ``queue`` name the work in hand; ``disposed`` is that call
    once its disposition is given, ``disposition_due`` that the wrap-up cannot end without. ``busy_ms``,
    ``talk_ms`` and ``calls`` count since log-in; ``turn`` numbers the agent's last Offer.
    """

    config: AgentConfig
    agent_id: str = field(init=False)
    presence: Presence = Presence.LOGGED_OUT
    reason: str = ""
    logged_in: bool = False
    wants_calls: bool = False
    pause_reason: str = ""
    pause_limit_sec: int | None = None
    overdue_at: int | None = None
    forced_by: str = ""
    phone_reachable: bool = True
    missed: int = 0
    delay: str = ""
    until_at: int | None = None
    idle_since: int = 0
    offer_id: str | None = None
    call_id: str | None = None
    queue: str | None = None
    accepted_at: int = 0
    disposed: str | None = None
    disposition_due: bool = False
    wrap_up_min_at: int = 0
    wrap_up_max_at: int | None = None
    logged_in_at: int = 0
    calls: int = 0
    talk_ms: int = 0
    busy_ms: int = 0
    turn: int = 0

    def __post_init__(self) -> None:
        self.agent_id = self.config.agent_id

    @property
    def at_work(self) -> bool:
        """Logged in and not paused: free, delayed, or busy and back afterwards."""
        return self.availability.rule not in (Rule.NOT_LOGGED_IN, Rule.NOT_READY)

    @property
    def availability(self) -> Availability:
        """Whether the agent may be offered a call now, and if not, why."""
        if not self.logged_in:
            return LOGGED_OUT
        if self.presence is Presence.READY:
            return Availability(Rule.DELAYED, self.delay) if self.delay else AVAILABLE
        if self.presence is Presence.NOT_READY:
            return Availability(Rule.NOT_READY, self.reason)
        return _BUSY[self.presence]
