"""A flow rehearsed in virtual time: a scripted caller, scripted queues and tickets, and what came of it."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, assert_never

from ivr_flows.calendars import Calendar
from ivr_flows.effects import (
    AskTicket,
    DeadlineReached,
    DigitReceived,
    EndCall,
    EnterQueue,
    FlowEffect,
    FlowEvent,
    LanguageChosen,
    NodeEntered,
    PlayEnded,
    PlayMusic,
    PlayPrompts,
    QueueLeft,
    QueueOutcome,
    StopMusic,
    StopPrompts,
    TicketDone,
)
from ivr_flows.interpreter import CallFacts, FlowSession
from ivr_flows.model import Flow

KEY_MS: Final = 200


@dataclass(frozen=True, slots=True)
class Press:
    """The caller presses keys, one every 200 ms.

    The first is ``after_ms`` from the ``visit``-th entry to ``node``, or from the start of the call.
    """

    keys: str
    node: str = ""
    after_ms: int = 100
    visit: int = 1


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hangs up; the time counts as in ``Press``."""

    node: str = ""
    after_ms: int = 100
    visit: int = 1


@dataclass(frozen=True, slots=True)
class QueueStay:
    """One stay in a queue: how it ends and after how long. None: the call never comes back."""

    outcome: QueueOutcome | None
    after_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class TicketAnswer:
    """How one ticket asked for is answered; None for a ticket that could not be had."""

    ticket_id: str | None
    after_ms: int = 50


@dataclass(frozen=True, slots=True)
class Script:
    """All that the flow meets. Queue stays and ticket answers are used in order; the last one goes on.

    Without ticket answers none ever comes. ``failed_texts`` cannot be played; ``endless_texts`` never report
    their end.
    """

    caller: Sequence[Press | HangUp] = ()
    queue: Sequence[QueueStay] = (QueueStay(None),)
    tickets: Sequence[TicketAnswer] = (TicketAnswer("T-1"),)
    failed_texts: frozenset[str] = frozenset()
    endless_texts: frozenset[str] = frozenset()
    play_ms: int = 3000


@dataclass(frozen=True, slots=True)
class Heard:
    """One text that began to play, and when; ``cut`` when it was stopped before its end."""

    at_ms: int
    text: str
    language: str
    cut: bool = False


@dataclass(slots=True)
class Rehearsal:
    """What was heard and done. Times count from the start of the call."""

    path: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    queued: list[EnterQueue] = field(default_factory=list)
    tickets: list[AskTicket] = field(default_factory=list)
    effects: list[tuple[int, FlowEffect]] = field(default_factory=list)
    ended: str | None = None
    """The reason of EndCall, ``caller`` when the caller hung up, None when the call stays in a queue."""
    ended_ms: int = 0

    @property
    def texts(self) -> list[str]:
        """The texts that were heard, in order."""
        return [heard.text for heard in self.heard]


def rehearse(
    flow: Flow,
    script: Script = Script(),
    facts: CallFacts | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    at: int = 0,
) -> Rehearsal:
    """Run one call that begins at the instant ``at`` to its end, or until nothing more can happen."""
    session = FlowSession(flow, facts or CallFacts(caller="", did=""), calendars or {})
    return _Stage(script, session, at).run()


class _Stage:
    """The virtual clock, and everything around the session."""

    def __init__(self, script: Script, session: FlowSession, at: int) -> None:
        self.script = script
        self.session = session
        self.began_at = self.now = at
        self.result = Rehearsal()
        self.coming: list[tuple[int, int, FlowEvent | HangUp]] = []
        self.order = itertools.count()
        self.visits: Counter[str] = Counter()
        self.first_heard: dict[str, int] = {}

    def run(self) -> Rehearsal:
        self._enter("")
        self._carry_out(self.session.start(self.now))
        while self.result.ended is None and (event := self._next_event()) is not None:
            if isinstance(event, HangUp):
                self._end("caller")
            else:
                self._carry_out(self.session.handle(event, self.now))
        return self.result

    def _next_event(self) -> FlowEvent | HangUp | None:
        deadline = self.session.next_deadline()
        if self.coming and (deadline is None or self.coming[0][0] <= deadline):
            self.now, _, event = heapq.heappop(self.coming)
            return event
        if deadline is None:
            return None
        self.now = deadline
        return DeadlineReached()

    def _plan(self, after_ms: int, event: FlowEvent | HangUp) -> None:
        heapq.heappush(self.coming, (self.now + after_ms, next(self.order), event))

    def _carry_out(self, effects: Sequence[FlowEffect]) -> None:
        for effect in effects:
            self.result.effects.append((self.now - self.began_at, effect))
            match effect:
                case NodeEntered(node=node):
                    self.result.path.append(node)
                    self._enter(node)
                case PlayPrompts():
                    self._play(effect)
                case StopPrompts(token=token):
                    self._cut(self.first_heard[token])
                case EnterQueue():
                    self.result.queued.append(effect)
                    stay = _nth(self.script.queue, len(self.result.queued))
                    if stay and stay.outcome:
                        self._plan(stay.after_ms, QueueLeft(stay.outcome))
                case AskTicket():
                    self.result.tickets.append(effect)
                    if answer := _nth(self.script.tickets, len(self.result.tickets)):
                        self._plan(answer.after_ms, TicketDone(answer.ticket_id))
                case EndCall(reason=reason):
                    self._end(reason)
                case LanguageChosen() | PlayMusic() | StopMusic():
                    pass
                case _:
                    assert_never(effect)

    def _enter(self, node: str) -> None:
        self.visits[node] += 1
        for act in self.script.caller:
            if (act.node, act.visit) != (node, self.visits[node]):
                continue
            if isinstance(act, HangUp):
                self._plan(act.after_ms, act)
            else:
                for i, key in enumerate(act.keys):
                    self._plan(act.after_ms + i * KEY_MS, DigitReceived(key))

    def _play(self, play: PlayPrompts) -> None:
        self.first_heard[play.token] = len(self.result.heard)
        after_ms = 0
        for prompt in play.prompts:
            if prompt.text not in self.script.failed_texts:
                at_ms = self.now - self.began_at + after_ms
                self.result.heard.append(Heard(at_ms, prompt.text, prompt.language))
                after_ms += self.script.play_ms
        texts = {prompt.text for prompt in play.prompts}
        if not texts & self.script.endless_texts:
            self._plan(after_ms, PlayEnded(play.token, failed=bool(texts & self.script.failed_texts)))

    def _cut(self, first: int) -> None:
        """Nothing from the ``first`` text on is heard beyond now."""
        elapsed_ms = self.now - self.began_at
        begun = [heard for heard in self.result.heard[first:] if heard.at_ms <= elapsed_ms]
        if begun:
            last = begun[-1]
            begun[-1] = replace(last, cut=last.cut or last.at_ms + self.script.play_ms > elapsed_ms)
        self.result.heard[first:] = begun

    def _end(self, reason: str) -> None:
        self._cut(max(self.first_heard.values(), default=0))
        self.result.ended = reason
        self.result.ended_ms = self.now - self.began_at


Answer = TypeVar("Answer")


def _nth(answers: Sequence[Answer], n: int) -> Answer | None:
    """The n-th answer (from 1), the last one for all beyond it, None when there is none."""
    return answers[min(n, len(answers)) - 1] if answers else None
