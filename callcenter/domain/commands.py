"""What agents and supervisors ask of the centre, and what the centre answers.

An AgentCommand names its agent; in one that a supervisor gives in the agent's place ``by`` names the
supervisor. A SupervisorCommand is about calls, queues and notes to agents; ``by`` names who asks. Both unions
are closed; whoever carries commands out matches all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from callcenter.domain.events import TransferKind
from callcenter.domain.missed_calls import MissedCall
from callcenter.domain.overhearing import SupervisionMode

DIALLABLE: Final = re.compile(r"\+?[0-9*#]{1,32}")
"""What can be dialled as an outside number."""
KEYS: Final = re.compile(r"[0-9*#]{1,32}")
"""What can be pressed in a call."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Begin to work at ``phone`` (its name in the settings), not ready yet."""

    agent_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class ChangePhone:
    """Go on at another ``phone``; not during a call."""

    agent_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class PhoneRestarted:
    """The agent's ``phone`` began anew, and has no call any more, whatever the switch believes."""

    agent_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class LogOut:
    """Leave work."""

    agent_id: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """Take calls from now on. A pause that a supervisor made is ended by a supervisor."""

    agent_id: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Take no calls for ``reason`` (one of the centre's pause reasons)."""

    agent_id: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ExtendWrapUp:
    """The after-call work needs ``extra_sec`` more, within what the queue allows."""

    agent_id: str
    extra_sec: int


@dataclass(frozen=True, slots=True)
class GiveDisposition:
    """What came of the call: ``code`` is one of the centre's dispositions. During the call or its wrap-up."""

    agent_id: str
    call_id: str
    code: str


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """The after-call work is done before its time is over."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class DialOut:
    """Call ``number``, or the caller of a call that was missed lately; the agent's phone rings first.
    ``missed`` is that call as the record has it, for the case that the centre has forgotten it."""

    agent_id: str
    number: str = field(default="", repr=False)
    missed_call_id: str = ""
    missed: MissedCall | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The caller shall hear music; the agent stays in charge."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Take the caller back from hold."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Send the caller on and leave the call. ``target`` is the name of a queue, an agent id or a number, as
    ``kind`` says."""

    agent_id: str
    call_id: str
    kind: TransferKind
    target: str


@dataclass(frozen=True, slots=True)
class Consult:
    """Ask somebody while the caller hears music; ``kind`` and ``target`` as of Transfer."""

    agent_id: str
    call_id: str
    kind: TransferKind
    target: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Talk with the other one of caller and consulted party; who was talked with hears music."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Confer:
    """Caller, agent and consulted party shall hear each other."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class CompleteTransfer:
    """Leave the caller to the consulted party."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class EndConsult:
    """Let the consulted party go and take the caller back."""

    agent_id: str
    call_id: str


ConsultControl = Swap | Confer | CompleteTransfer | EndConsult


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Press these keys for whoever the agent talks with: the caller, or who is consulted; in a conference
    with an outside number, that one. Personal data."""

    agent_id: str
    call_id: str
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Do not take the offered call; it goes to the next agent."""

    agent_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class ReadNote:
    """The agent has read this note of a supervisor."""

    agent_id: str
    note_id: str


AgentCommand = (
    LogIn
    | ChangePhone
    | PhoneRestarted
    | LogOut
    | Ready
    | Pause
    | EndWrapUp
    | ExtendWrapUp
    | GiveDisposition
    | DialOut
    | Hold
    | Retrieve
    | Transfer
    | Consult
    | ConsultControl
    | PressKeys
    | HangUp
    | Decline
    | ReadNote
)


@dataclass(frozen=True, slots=True)
class ChangeWaiting:
    """Change what a waiting call asks for, at once: its priority, the skills (with their levels) that it
    needs beyond those of its queue, or both (None: as it is)."""

    call_id: str
    priority: int | None = None
    skills: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class MoveWaiting:
    """Take a waiting call to another queue; it keeps its wait."""

    call_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class CloseQueue:
    """Let nobody wait here from now on: calls that wait, and those to come, overflow as closed."""

    queue: str


@dataclass(frozen=True, slots=True)
class OpenQueue:
    """Let calls wait here again."""

    queue: str


@dataclass(frozen=True, slots=True)
class PickWaiting:
    """Offer a waiting call to this agent, who is ready, now, whatever the call asks for. Who does not answer
    loses it to everybody else."""

    call_id: str
    agent_id: str
    by: str


@dataclass(frozen=True, slots=True)
class HangUpCall:
    """End a call whose caller is on the line."""

    call_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Supervise:
    """Take part in a call that has an agent, or go on in another mode. The supervisor is rung at ``phone``,
    or (None) where they work as ``agent_id``, as TAKE_OVER needs. That agent takes no calls meanwhile: they
    are paused, or not ready yet."""

    call_id: str
    mode: SupervisionMode
    by: str
    agent_id: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class StopSupervising:
    """Nobody supervises the call any more."""

    call_id: str
    by: str


@dataclass(frozen=True, slots=True)
class SendNote:
    """Write to an agent who is at work."""

    agent_id: str
    by: str
    text: str = field(repr=False)


SupervisorCommand = (
    ChangeWaiting
    | MoveWaiting
    | CloseQueue
    | OpenQueue
    | PickWaiting
    | HangUpCall
    | Supervise
    | StopSupervising
    | SendNote
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is being carried out; what comes of it follows as DomainEvents."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done. ``reason`` says why, ``cure`` what the asker can do; both are for people."""

    reason: str
    cure: str


CommandResult = Accepted | Refused
