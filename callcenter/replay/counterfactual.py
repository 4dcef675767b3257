"""Counterfactual: the same callers and agents under other settings.

Callers come as recorded, hang up after the same wait, and talk as long; agents log in, pause and do their
after-call work as recorded; a call's first Offer ends as its first did, and so on. Only the Router decides
anew. Nothing is drawn by lot, so that the settings of the record bring about the record itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from heapq import heappop, heappush

from acd import commands as c
from acd import events as r
from acd.model import AcdConfig, OverflowKind, Presence
from acd.router import Router
from callcenter.domain.alarms import earlier
from callcenter.replay.account import Account
from callcenter.replay.lives import UNSCRIPTED, Lives, Stay

LATENESS_MS = 100
"""A deadline of the Router is met so much late, unless the record meets it sooner: a controller's timer is
never quite on time, and what the record did must not be overtaken by it."""

_FAILURES = {
    c.OfferEnd.DECLINED: r.OfferFailure.DECLINED,
    c.OfferEnd.BUSY: r.OfferFailure.BUSY,
    c.OfferEnd.UNREACHABLE: r.OfferFailure.UNREACHABLE,
}


def imagine(router: Router, config: AcdConfig, lives: Lives, account: Account) -> None:
    """Let these lives happen to the Router of the span's beginning under this configuration, and count."""
    _Course(router, lives, account).run(config)


class _Course:
    def __init__(self, router: Router, lives: Lives, account: Account) -> None:
        self._router = router
        self._lives = lives
        self._account = account
        self._now = lives.began_at
        self._due: list[tuple[int, int, int, Callable[[], None]]] = []
        self._count = 0
        self._steps: deque[r.CallQueued] = deque()
        self._asked: dict[str, r.CallQueued] = {}
        """What each waiting call asked for last."""
        self._stays: dict[str, Stay] = dict(lives.under_way)
        self._ringing: set[str] = set()

    def run(self, config: AcdConfig) -> None:
        self._take_up()
        if config.version != self._router.config.version:
            self._tell(r.ConfigChanged(config))
        for at, seq, event in self._lives.by_clock:
            self._plan(at, seq, partial(self._by_clock, event))
        for stay in self._lives.stays:
            self._plan(stay.at, stay.seq, partial(self._enter, stay))
        while (next_at := self._next_at()) is not None and next_at < self._lives.ends_at:
            self._now = next_at
            if self._due and self._due[0][0] <= next_at:
                heappop(self._due)[3]()
            else:
                self._tell(r.DeadlineReached())

    def _next_at(self) -> int | None:
        planned = self._due[0][0] if self._due else None
        due = self._router.next_deadline()
        due_at = None if due is None else max(self._now, due + LATENESS_MS)
        return earlier(planned, due_at)

    def _plan(self, at: int, seq: int, act: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._due, (at, seq, self._count, act))

    def _take_up(self) -> None:
        """Go on with the calls that waited, rang or talked when the span began."""
        for stay in self._lives.under_way.values():
            if stay.asked is not None:
                self._wait(stay, stay.asked)
        for agent in self._router.agents():
            if agent.call_id is None:
                continue
            if agent.presence is Presence.OFFERED and agent.offer_id is not None:
                self._ring(agent.offer_id, agent.call_id)
            elif agent.presence is Presence.ON_CALL:
                self._talk(agent.agent_id, self._stays[agent.call_id], agent.accepted_at)

    # --- what happens ---------------------------------------------------------------------------------------

    def _by_clock(self, event: r.RouterEvent) -> None:
        """What agents, calendars and supervisors do; a call that waits no more cannot be changed."""
        if isinstance(event, r.CallQueued):
            if event.call_id not in self._asked:
                return
            self._asked[event.call_id] = event
        self._tell(event)

    def _enter(self, stay: Stay) -> None:
        """The caller asks for a human, perhaps sooner or later than recorded."""
        if stay.asked is not None:
            asked = replace(stay.asked, queued_at=stay.asked.queued_at + self._now - stay.at)
            self._stays[stay.call_id] = stay
            self._wait(stay, asked)
            self._tell(asked)

    def _wait(self, stay: Stay, asked: r.CallQueued) -> None:
        self._asked[stay.call_id] = asked
        if isinstance(stay.end, r.CallLeft):
            patience_ms = stay.ended_at - stay.at
            self._plan(self._now + patience_ms, stay.ended_seq, partial(self._hang_up, stay))

    def _hang_up(self, stay: Stay) -> None:
        if self._stays[stay.call_id] is stay and stay.call_id in self._asked:
            del self._asked[stay.call_id]
            self._tell(r.CallLeft(stay.call_id))
            self._go_on(stay)

    def _pick_up(self, offer_id: str) -> None:
        if offer_id in self._ringing:
            self._tell(r.OfferAccepted(offer_id))

    def _fail(self, offer_id: str, failure: r.OfferFailure) -> None:
        if offer_id in self._ringing:
            self._tell(r.OfferFailed(offer_id, failure))

    def _release(self, agent_id: str, stay: Stay) -> None:
        self._tell(r.AgentReleased(agent_id, stay.call_id, stay.talked))
        if stay.end is c.OfferEnd.ACCEPTED:
            self._go_on(stay)

    # --- what the Router decides ----------------------------------------------------------------------------

    def _tell(self, event: r.RouterEvent) -> None:
        self._tell_once(event)
        while self._steps:
            self._tell_once(self._steps.popleft())

    def _tell_once(self, event: r.RouterEvent) -> None:
        if isinstance(event, r.CallQueued) and event.queue not in self._router.config.queues:
            del self._asked[event.call_id]
            self._account.refuse(self._now, event)
            return
        commands = self._router.handle(event, self._now)
        self._account.take(self._now, event, commands)
        for command in commands:
            match command:
                case c.MakeOffer():
                    self._ring(command.offer_id, command.call_id)
                case c.EndOffer():
                    self._offer_ended(command)
                case c.OverflowCall():
                    self._overflow(command)
                case _:
                    pass

    def _ring(self, offer_id: str, call_id: str) -> None:
        self._ringing.add(offer_id)
        fate = self._lives.fate(offer_id, call_id)
        at = self._now + fate.after_ms
        if fate.end is c.OfferEnd.ACCEPTED:
            self._plan(at, fate.seq, partial(self._pick_up, offer_id))
        elif fate.end in _FAILURES:
            self._plan(at, fate.seq, partial(self._fail, offer_id, _FAILURES[fate.end]))

    def _offer_ended(self, command: c.EndOffer) -> None:
        if command.offer_id not in self._ringing:
            return
        self._ringing.discard(command.offer_id)
        if command.end is c.OfferEnd.ACCEPTED:
            del self._asked[command.call_id]
            self._talk(command.agent_id, self._stays[command.call_id], self._now)

    def _talk(self, agent_id: str, stay: Stay, since: int) -> None:
        """The talk and what the agent does after it."""
        released_at = since + self._lives.talk_ms(stay)
        recorded = stay.talk_ms is not None
        self._plan(
            released_at, stay.ended_seq if recorded else UNSCRIPTED, partial(self._release, agent_id, stay)
        )
        for at, seq, event in stay.afterwards if recorded else ():
            self._plan(
                max(self._now, released_at + at - stay.ended_at),
                seq,
                partial(self._tell, replace(event, agent_id=agent_id)),
            )

    def _overflow(self, command: c.OverflowCall) -> None:
        stay, asked = self._stays[command.call_id], self._asked[command.call_id]
        if command.target.kind is OverflowKind.QUEUE:
            asked = replace(asked, queue=command.target.name, agent_id=None)
            self._asked[command.call_id] = asked
            self._steps.append(asked)
            return
        del self._asked[command.call_id]
        if isinstance(stay.end, c.OverflowCall):
            self._go_on(stay)

    def _go_on(self, stay: Stay) -> None:
        """What followed the Stay follows it here too: it has ended in the same way."""
        following = stay.following
        if following is not None:
            gap_ms = following.at - stay.ended_at
            self._plan(self._now + gap_ms, following.seq, partial(self._enter, following))
