"""The shell around the Centre: one mailbox, one clock, one timer.

Everything that happens passes ``post``; nothing else changes the Centre. What the Centre answers is carried
out in a fixed order: the facts are journaled, then the switch is asked, then jobs begin, and last come those
who only look on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from callcenter.controller.admission import AdmissionGate
from callcenter.controller.centre import Centre
from callcenter.controller.messages import (
    AgentAsked,
    DeadlineReached,
    Job,
    Message,
    Outcome,
    SpeechJob,
    SupervisorAsked,
)
from callcenter.domain.alarms import earlier
from callcenter.domain.commands import (
    Accepted,
    AgentCommand,
    CommandResult,
    SupervisorCommand,
)
from callcenter.domain.events import DomainEvent
from callcenter.domain.switch import CallerArrived, LegEndCause, LegEnded, SwitchConnected
from callcenter.ports import Clock, Journal, Telephony

log = structlog.get_logger(__name__)
Listener = Callable[[int, DomainEvent], None]


class Controller:
    """Feeds the Centre and carries out what it answers. Used from one event loop only."""

    def __init__(
        self,
        centre: Centre,
        gate: AdmissionGate,
        journal: Journal,
        clock: Clock,
        begin_job: Callable[[Job | SpeechJob], None],
    ) -> None:
        self.centre = centre
        self._gate = gate
        self._journal = journal
        self._clock = clock
        self._begin_job = begin_job
        self._telephony: Telephony | None = None
        self._listeners: list[tuple[Listener, tuple[type, ...]]] = []
        self._by_kind: dict[type, list[Listener]] = {}
        """Who hears of events of this kind, as far as one has come since somebody subscribed or left."""
        self._mailbox: deque[Message] = deque()
        self._draining = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0

    def attach(self, telephony: Telephony) -> None:
        """The switch to which commands go; to be given before the first message."""
        self._telephony = telephony

    def subscribe(self, listener: Listener, *kinds: type[DomainEvent]) -> Callable[[], None]:
        """Call ``listener(seq, event)`` after each journaled event of these kinds (of every kind if none is
        given), until the answer is called."""
        subscription = (listener, kinds)
        self._listeners.append(subscription)
        self._by_kind.clear()

        def leave() -> None:
            self._listeners.remove(subscription)
            self._by_kind.clear()

        return leave

    def post(self, message: Message) -> None:
        """Put one message into the mailbox; it is handled now, or after the one in hand."""
        self._mailbox.append(message)
        if not self._draining:
            self._drain()

    def ask(self, command: AgentCommand | SupervisorCommand) -> CommandResult:
        """Carry out an agent's or a supervisor's command now, or refuse it."""
        if isinstance(command, SupervisorCommand):
            outcome = self._handle(SupervisorAsked(command))
        else:
            outcome = self._handle(AgentAsked(command))
        self._arm()
        return outcome.refusal or Accepted()

    def record(self, event: DomainEvent) -> None:
        """Journal a fact that the Centre need not know, and tell it to those who look on."""
        self._carry_out(Outcome(events=[event]))

    def next_deadline(self) -> int | None:
        """When DeadlineReached is to be posted, or None; the controller's own timer does it."""
        return earlier(self.centre.next_deadline(), self._gate.next_deadline())

    def close(self) -> None:
        """Stop the timer; later messages are still handled."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drain(self) -> None:
        self._draining = True
        try:
            while self._mailbox:
                message = self._mailbox.popleft()
                for admitted in self._admit(message):
                    self._handle(admitted)
        finally:
            self._draining = False
        self._arm()

    def _admit(self, message: Message) -> list[Message]:
        """Callers pass the gate; one who leaves it unadmitted has both arrived and ended."""
        match message:
            case CallerArrived():
                return [*self._gate.arrive(message, self._clock())]
            case LegEnded() if (caller := self._gate.leave(message.leg_id)) is not None:
                return [caller, message]
            case SwitchConnected():
                present = {leg.leg_id for leg in message.legs}
                return [*self._left_unseen(present, message.at), message]
            case DeadlineReached():
                return [*self._gate.admit(self._clock()), message]
            case _:
                return [message]

    def _left_unseen(self, present: set[str], at: int) -> list[Message]:
        """Callers in line whose legs went while the switch was out of sight."""
        gone: list[Message] = []
        for caller in self._gate.missing(present):
            gone += [caller, LegEnded(at, caller.leg_id, LegEndCause.NORMAL)]
        return gone

    def _handle(self, message: Message) -> Outcome:
        now = self._clock()
        try:
            outcome = self.centre.handle(message, now)
        except Exception:
            outcome = self.centre.floor.outcome
            log.exception(
                "message_failed",
                message=type(message).__name__,
                call_id=getattr(message, "call_id", None) or getattr(message, "leg_id", None),
            )
        self._carry_out(outcome)
        return outcome

    def _carry_out(self, outcome: Outcome) -> None:
        seq = self._journal.append(outcome.events) if outcome.events else 0
        if self._telephony is not None:
            for command in outcome.commands:
                self._telephony.send(command)
        for job in outcome.jobs:
            self._begin_job(job)
        self._mailbox.extend(outcome.newcomers)
        for offset, event in enumerate(outcome.events):
            self._tell_listeners(seq + offset, event)

    def _tell_listeners(self, seq: int, event: DomainEvent) -> None:
        """Whoever looks on must not stop the calls."""
        kind = type(event)
        listeners = self._by_kind.get(kind)
        if listeners is None:
            listeners = [listener for listener, kinds in self._listeners if not kinds or kind in kinds]
            self._by_kind[kind] = listeners
        for listener in listeners:
            try:
                listener(seq, event)
            except Exception:
                log.exception("listener_failed", event_kind=kind.__name__, seq=seq)

    def _arm(self) -> None:
        """See to it that the timer fires at the next deadline. One that fires sooner is left: deadlines come
        and go with each message, and when it fires it is armed anew."""
        due = self.next_deadline()
        if due is None or (self._timer is not None and self._timer_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        delay_s = max(0, due - self._clock()) / 1000
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self.post(DeadlineReached())
