"""What the web asks of the rest of the centre.

Instants are ``int`` milliseconds since the Unix epoch, UTC; spans carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from acd.fairness import Fairness
from acd.model import Presence
from callcenter.domain.agent_events import NoteSent
from callcenter.domain.call import Call
from callcenter.domain.commands import AgentCommand, CommandResult, SupervisorCommand
from callcenter.domain.events import DomainEvent
from callcenter.domain.kpi_catalogue import KpiFigure
from callcenter.users.model import Role as Role  # noqa: PLC0414 - known by this module to many
from callcenter.users.model import User as User  # noqa: PLC0414 - known by this module to many

# --- the centre as it is now -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent. ``since_at`` is when the Presence began, ``until_at`` when it ends by itself (a wrap-up),
    ``queues`` the names of the queues served, ``call_id`` the call worked on.

    What may be asked for the agent also depends on these: ``reachable``, the phone can be rung;
    ``paused_by``, the supervisor who alone ends the pause (empty: the agent's own); ``leaving``, logged out
    already though the work in hand goes on; ``disposition_due``, the wrap-up cannot end without it;
    ``wrap_up_max_at``, how far the wrap-up can be extended (None: without limit).

    ``supervises``: takes part in another's call, and so takes none. ``dials_out``: may make calls. ``calls``
    counts those answered since log-in, ``notes`` are those not read yet.
    """

    agent_id: str
    name: str
    phone: str | None
    presence: Presence
    reason: str
    since_at: int
    until_at: int | None
    call_id: str | None
    skills: Mapping[str, int]
    queues: tuple[str, ...]
    reachable: bool = True
    paused_by: str = ""
    leaving: bool = False
    disposition_due: bool = False
    wrap_up_max_at: int | None = None
    calls: int = 0
    supervises: bool = False
    dials_out: bool = False
    notes: tuple[NoteSent, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue that calls can wait in; ``title`` is what people call it, ``is_open`` false when a supervisor
    closed it; ``live_transcript``: what is said in its talks is read meanwhile."""

    name: str
    title: str
    is_open: bool = True
    live_transcript: bool = False


class Component(StrEnum):
    """A part that the centre leans on."""

    SWITCH = "switch"
    STORE = "store"
    BUS = "bus"


@dataclass(frozen=True, slots=True)
class ComponentHealth:
    """Whether the component is usable, since when, and (for people) what is being done about it if not."""

    component: Component
    up: bool
    since_at: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CentreView:
    """The centre after the event numbered ``seq``. The mappings may be the centre's own: they are good until
    the caller next awaits, and nobody writes to them. ``calls`` may hold ended ones, which are not shown;
    ``kpi`` counts, when asked, per queue name, and kpi.TOTAL for all; ``fairness`` too is counted when asked.
    ``dispositions`` are the words for each code that agents may give; when there are none, any may be.
    ``day_of`` counts the figures of an agent's day, when asked. ``line_of`` names the first calls of a
    queue in their order, each with its expected wait in ms (None: nobody is at work for it)."""

    seq: int
    agents: Mapping[str, AgentView]
    calls: Mapping[str, Call]
    queues: Mapping[str, QueueView]
    kpi: Callable[[], Mapping[str, tuple[KpiFigure, ...]]]
    health: tuple[ComponentHealth, ...]
    fairness: Callable[[], Fairness]
    dispositions: Mapping[str, str]
    day_of: Callable[[str], tuple[KpiFigure, ...]] = lambda _: ()
    line_of: Callable[[str], Sequence[tuple[str, int | None]]] = lambda _: ()


Listener = Callable[[int, DomainEvent], None]


class Centre(Protocol):
    """The centre, as the web sees it."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(seq, event)`` synchronously after each journaled event, until the answer is called.

        ``seq`` is the journal's number: it grows by exactly one, also over restarts.
        """
        ...

    async def events_since(self, seq: int, limit: int) -> list[tuple[int, DomainEvent]] | None:
        """The events numbered above ``seq`` in order; None when they are more than ``limit`` or too old."""
        ...

    def view(self) -> CentreView:
        """The centre as it is now; cheap enough to be asked twenty times a second."""
        ...

    async def agent_command(self, command: AgentCommand) -> CommandResult:
        """Ask; an unknown agent or call is Refused."""
        ...

    async def supervisor_command(self, command: SupervisorCommand) -> CommandResult:
        """Ask; an unknown call or queue, or a call that does not wait, is Refused."""
        ...
