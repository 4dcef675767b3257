"""What every part of the Centre works on: live calls, their legs, and the outcome in the making."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from acd.model import AcdConfig
from callcenter.controller.flow_set import NumberRoute, StagedFlows
from callcenter.controller.messages import Job, Outcome, Reconfigured, SpeechJob
from callcenter.controller.steps import Step
from callcenter.domain import events as e
from callcenter.domain import leg_variables
from callcenter.domain.alarms import Alarms
from callcenter.domain.call import Call
from callcenter.domain.caller_lists import CallerLists
from callcenter.domain.commands import DIALLABLE
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.domain.numbering import Numbering
from callcenter.domain.queue_policy import CallBackPolicy, QueuePolicy
from callcenter.domain.supervision import Supervision
from callcenter.domain.switch import (
    DestroyBridge,
    DialNumber,
    DialPhone,
    HangUp,
    LegEndCause,
    LegRole,
    Separate,
    SwitchCommand,
)
from callcenter.domain.waiting_room import WaitingPolicy
from ivr_flows.effects import PromptText
from ivr_flows.model import Flow
from ivr_flows.sealing import Seal

__all__ = ["CentreConfig", "Floor", "LegRef", "NumberRoute", "OtherCentre", "StagedFlows"]


@dataclass(frozen=True, slots=True)
class OtherCentre:
    """Another centre to which calls are handed on: over ``trunk`` (None: as this one dials out) to
    ``number``; the SIP ``header`` tells it the id of the call's ticket."""

    number: str
    trunk: str | None
    header: str


@dataclass(frozen=True, slots=True)
class CentreConfig:
    """All that the Centre is set to. ``numbers`` is keyed by DID; ``any_number`` serves the rest.
    ``flows`` are what new calls take, but for those that take the ``staged`` ones: the flows of version
    ``flows_number`` (0: nothing was published), by the publishing log up to its entry ``flows_action``.
    ``audio`` finds the media of a prompt, or None when there is none; ``beeps`` are played then (None:
    nothing). For a prompt that is made during the call the caller waits ``prompt_wait_ms`` at most. The
    switch records below ``recordings_dir``. ``centres`` are others, by name, to which flows hand calls
    on. ``dispositions`` are the codes that agents may give (empty: any); ``dial_out`` None: nobody dials
    out. ``seal`` keeps the sensitive digits of callers unreadable in the journal; without one they are
    lost by a restart. ``caller_lists`` are the lists of callers as they were heard of last; ``numbering``
    tells how trunks show callers' numbers. It stays the same as long as the controller runs. For
    ``agent_back_within_ms`` a call is kept for an agent whose phone is lost."""

    version: str
    acd: AcdConfig
    flows: Mapping[str, Flow]
    numbers: Mapping[str, NumberRoute]
    any_number: NumberRoute
    queues: Mapping[str, QueuePolicy]
    waiting: WaitingPolicy
    audio: Callable[[PromptText], str | None]
    recordings_dir: str
    outbound_trunk: str | None = None
    centres: Mapping[str, OtherCentre] = field(default_factory=dict)
    dispositions: frozenset[str] = frozenset()
    dial_out: DialOutPolicy | None = None
    seal: Seal | None = None
    prompt_wait_ms: int = 2500
    beeps: str | None = None
    flows_number: int = 0
    flows_action: int = 0
    staged: StagedFlows | None = None
    caller_lists: CallerLists = field(default_factory=CallerLists)
    numbering: Numbering = field(default_factory=Numbering)
    agent_back_within_ms: int = 20_000

    def route(self, did: str) -> NumberRoute:
        """Where this called number leads."""
        return self.numbers.get(did, self.any_number)

    def reconfigured(self, told: Reconfigured) -> CentreConfig:
        """The same with this routing part."""
        return replace(
            self,
            version=told.version,
            acd=told.acd,
            queues=told.queues,
            waiting=told.waiting,
            dispositions=told.dispositions,
            dial_out=told.dial_out,
        )

    def canonical_caller(self, call: Call) -> str:
        """The number by which the caller of this call is known again, whichever trunk shows it."""
        return self.numbering.of(call.trunk).canonical(call.caller)

    def known_as(self, call: Call) -> tuple[str, ...]:
        """The spellings under which the caller of this call may be stored; empty: only as it is shown."""
        return self.numbering.known_as(call.caller, call.trunk)

    def lists_of(self, call: Call, now: int) -> Mapping[str, str]:
        """The lists of callers on which the caller of this call is, each with the id of its entry."""
        return self.caller_lists.of(call.caller, now, self.numbering.of(call.trunk))

    def queue(self, name: str | None) -> QueuePolicy:
        """The policy of this queue; a plain one for a queue that the settings no longer know, in which a call
        may still be."""
        return self.queues.get(name or "") or QueuePolicy(category=name or "")

    def call_back(self, call: Call) -> CallBackPolicy | None:
        """How the queue in which the call waits calls back; None when it does not, or not this caller:
        who shows no number that can be dialled, and who waits to be called back already."""
        possible = call.leg_id and DIALLABLE.fullmatch(call.caller)
        return self.queue(call.queue).call_back if possible else None


@dataclass(frozen=True, slots=True)
class LegRef:
    """Which call a leg belongs to, and as what."""

    call_id: str
    role: LegRole
    offer_id: str | None = None


@dataclass(slots=True)
class Floor:
    """The one mutable state of the Centre apart from its machines.

    ``record`` is the only way a fact comes about: it goes to the call and to the journal in one step.
    ``switch_up`` is false from SwitchLost (or the start) to SwitchConnected; legs dialled meanwhile are
    ``dialled_unseen``: the facts of SwitchConnected may be older than they are.
    """

    config: CentreConfig
    now: int = 0
    switch_up: bool = False
    calls: dict[str, Call] = field(default_factory=dict)
    legs: dict[str, LegRef] = field(default_factory=dict)
    dialled_unseen: set[str] = field(default_factory=set)
    ending: dict[str, tuple[e.EndedBy, str]] = field(default_factory=dict)
    alarms: Alarms[tuple[str, str]] = field(default_factory=Alarms)
    steps: deque[Step] = field(default_factory=deque)
    outcome: Outcome = field(default_factory=Outcome)
    supervised: set[str] = field(default_factory=set)
    """Calls that a supervisor takes part in, or did a moment ago."""

    def record(self, event: e.DomainEvent) -> None:
        """State a fact: it changes the call it is about and is journaled."""
        call_id = getattr(event, "call_id", None)
        call = self.calls.get(call_id) if call_id else None
        if call is not None and not isinstance(event, e.CallBegan | e.PresenceChanged):
            call.apply(event)
        self.outcome.events.append(event)

    def supervisions(self) -> list[Supervision]:
        """All that go on."""
        calls = (self.calls.get(call_id) for call_id in self.supervised)
        return [call.supervision for call in calls if call is not None and call.supervision is not None]

    def dial(self, command: DialPhone | DialNumber, ref: LegRef) -> None:
        """Ask the switch for a new leg."""
        self.legs[command.leg_id] = ref
        if not self.switch_up:
            self.dialled_unseen.add(command.leg_id)
        self.order(command)

    def ring(
        self, call: Call, phone: str, leg_id: str, ref: LegRef, ring_sec: int, agent_id: str = ""
    ) -> None:
        """Ring one of our phones for this call: it shows the caller, and its leg tells of the call, for which
        this agent works there."""
        told = {leg_variables.CALL: call.call_id}
        if agent_id:
            told = leg_variables.of_agent(call, agent_id, phone, self.now)
        self.dial(
            DialPhone(
                leg_id=leg_id,
                call_id=call.call_id,
                phone=phone,
                caller=call.caller,
                caller_name=call.caller_name,
                ring_timeout_sec=ring_sec,
                wideband=call.wideband,
                variables=told,
            ),
            ref,
        )

    def order(self, *commands: SwitchCommand) -> None:
        """Ask the switch, after the facts so far are journaled."""
        self.outcome.commands.extend(commands)

    def ask(self, job: Job | SpeechJob) -> None:
        """Begin slow work whose result comes back as a message."""
        self.outcome.jobs.append(job)

    def then(self, step: Step) -> None:
        """Go on with this step within the same message."""
        self.steps.append(step)

    def part(self, call: Call, *, joined: bool) -> None:
        """Remove the call's bridge, of which the caller, if ``joined``, is taken out first: what a leg is to
        play while it is only just leaving a bridge that vanishes is swallowed by the switch."""
        if joined:
            self.order(Separate(call.bridge_id, call.leg_id))
        self.order(DestroyBridge(call.bridge_id))

    def hang_up(
        self, call: Call, by: e.EndedBy, reason: str, cause: LegEndCause = LegEndCause.NORMAL
    ) -> None:
        """End the caller's leg; the first reason given is the one that is recorded when it is gone."""
        self.ending.setdefault(call.call_id, (by, reason))
        self.order(HangUp(call.leg_id, cause))
