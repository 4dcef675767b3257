"""Lives: what callers and agents did by themselves in a recorded span, apart from what the Router decided.

A Stay is one wait for a human, overflows from queue to queue included, with all that followed it: how long
the caller waited at most, how long the talk was, what the agent did after it, and the next Stay of the call
(a transfer, a supervisor who moves it, a flow that queues it again).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from acd import commands as c
from acd import events as r
from acd.codec import event_from_dict
from acd.model import OverflowKind, Presence
from acd.router import Router
from callcenter.replay.comparison import Told

FIRST_GUESS_TALK_MS = 180_000
"""The talk of a call that nobody answered, when nobody answered any."""
FIRST_GUESS_RING_MS = 3_000
UNSCRIPTED = 1 << 62
"""The order, within an instant, of what was not recorded: behind what was."""

BY_CLOCK = (r.AgentLoggedIn, r.AgentLoggedOut, r.AgentReady, r.AgentPaused, r.PhoneReachable)
"""What agents do by themselves, not for a call; everything else of theirs belongs to one."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an Offer, ``after_ms`` from its making; ``seq`` orders it within its instant."""

    end: c.OfferEnd
    after_ms: int
    seq: int


@dataclass(slots=True)
class Stay:
    """See the module's text. Instants are ``int`` milliseconds since the Unix epoch, UTC. ``asked`` is None
    for a talk that had begun before the span."""

    call_id: str
    at: int
    seq: int
    asked: r.CallQueued | None
    queue: str
    end: c.OfferEnd | c.OverflowCall | r.CallLeft | None = None
    ended_at: int = 0
    ended_seq: int = 0
    answered_at: int | None = None
    talk_ms: int | None = None
    talked: bool = True
    afterwards: list[tuple[int, int, r.AgentEvent]] = field(default_factory=list)
    following: Stay | None = None


@dataclass(slots=True)
class Lives:
    """All Stays that begin by themselves, those under way when the span began (by call), what became of
    Offers (by their ids, which number the Offers of a call), and what happened by the clock. ``rings`` is how
    long a phone rang for each answered call, ``talks`` the talks by queue."""

    began_at: int
    ends_at: int
    stays: list[Stay] = field(default_factory=list)
    under_way: dict[str, Stay] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    by_clock: list[tuple[int, int, r.RouterEvent]] = field(default_factory=list)
    rings: dict[str, int] = field(default_factory=dict)
    talks: dict[str, list[int]] = field(default_factory=dict)

    def fate(self, offer_id: str, call_id: str) -> Fate:
        """What becomes of this Offer of the call, whoever is rung: the first ends as the first did, and so
        on. (Were refusals the agents', any other choice of agents would escape them and look better.) One
        more is answered, as fast as the call was or else as calls mostly were."""
        fate = self.fates.get(offer_id)
        if fate is not None and fate.end is not c.OfferEnd.REVOKED:
            return fate
        ring_ms = self.rings.get(call_id, self._usual_ring_ms())
        rang_ms = 0 if fate is None else fate.after_ms + 1  # that long at least, when the caller was faster
        return Fate(c.OfferEnd.ACCEPTED, max(ring_ms, rang_ms), UNSCRIPTED)

    def talk_ms(self, stay: Stay) -> int:
        """The talk as recorded; of one that was not to its end, at least what was recorded; else the mean
        of the queue."""
        if stay.talk_ms is not None:
            return stay.talk_ms
        known = self.talks.get(stay.queue) or [ms for talks in self.talks.values() for ms in talks]
        usual = sum(known) // len(known) if known else FIRST_GUESS_TALK_MS
        return usual if stay.answered_at is None else max(usual, self.ends_at - stay.answered_at)

    def _usual_ring_ms(self) -> int:
        return sum(self.rings.values()) // len(self.rings) if self.rings else FIRST_GUESS_RING_MS


def lives(router: Router, inputs: Iterable[Told], began_at: int, ends_at: int) -> Lives:
    """The Lives of the span whose inputs these are, with their recorded commands; ``router`` is that of its
    beginning."""
    reader = _Reader(router, Lives(began_at, ends_at))
    for told in inputs:
        reader.take(told)
    return reader.finish()


class _Reader:
    def __init__(self, router: Router, found: Lives) -> None:
        self.lives = found
        self._waiting: dict[str, Stay] = {}
        self._ended: dict[str, Stay] = {}
        self._talking: dict[str, Stay] = {}
        self._released: dict[str, Stay] = {}
        self._ringing: dict[str, tuple[str, str, int]] = {}
        for queue in router.config.queues:
            for call in router.waiting(queue):
                asked = r.CallQueued(
                    call.call_id,
                    queue,
                    call.queued_at,
                    call.priority,
                    call.requirements,
                    call.agent_id,
                    call.preferred_id,
                    call.virtual,
                )
                stay = Stay(call.call_id, found.began_at, 0, asked, queue)
                self._waiting[call.call_id] = found.under_way[call.call_id] = stay
        for agent in router.agents():
            if agent.presence is Presence.OFFERED and agent.offer_id and agent.call_id:
                self._ringing[agent.offer_id] = agent.call_id, agent.agent_id, found.began_at
            elif agent.presence is Presence.ON_CALL and agent.call_id:
                stay = Stay(agent.call_id, found.began_at, 0, None, agent.queue or "")
                stay.answered_at, stay.end = agent.accepted_at, c.OfferEnd.ACCEPTED
                self._talking[agent.agent_id] = found.under_way[agent.call_id] = stay

    def take(self, told: Told) -> None:
        event = event_from_dict(told.event)
        match event:
            case r.CallQueued():
                self._queued(told, event)
            case r.CallLeft():
                if stay := self._waiting.pop(event.call_id, None):
                    self._end(stay, event, told)
            case r.AgentReleased():
                self._release(told, event)
            case r.CallTaken():
                pass  # whoever had the call instead would not have given it up
            case r.OfferAccepted() | r.OfferFailed() | r.ConfigChanged():
                pass  # told by what became of the Offer; by the settings that are tried
            case r.QueueOpened() | r.QueueClosed() | r.DeadlineReached():
                self.lives.by_clock.append((told.at, told.seq, event))
            case _:
                self._agent_did(told, event)
        for command in told.commands:
            self._follow(told, command)

    def finish(self) -> Lives:
        """Phones that still ring have rung at least so long."""
        for offer_id, (_, _, made_at) in self._ringing.items():
            fate = Fate(c.OfferEnd.REVOKED, self.lives.ends_at - made_at, UNSCRIPTED)
            self.lives.fates[offer_id] = fate
        return self.lives

    def _queued(self, told: Told, event: r.CallQueued) -> None:
        if event.call_id in self._waiting:
            self.lives.by_clock.append((told.at, told.seq, event))
            return
        before = self._ended.pop(event.call_id, None)
        if before is not None and _went_on(before, event, told.at):
            before.end = None
            self._waiting[event.call_id] = before
            return
        stay = Stay(event.call_id, told.at, told.seq, event, event.queue)
        self._waiting[event.call_id] = stay
        if before is None:
            self.lives.stays.append(stay)
        else:
            before.following = stay

    def _release(self, told: Told, event: r.AgentReleased) -> None:
        stay = self._talking.pop(event.agent_id, None)
        if stay is None or stay.call_id != event.call_id or stay.answered_at is None:
            return
        stay.talk_ms, stay.talked = told.at - stay.answered_at, event.talked
        if stay.talked:
            self.lives.talks.setdefault(stay.queue, []).append(stay.talk_ms)
        self._released[event.agent_id] = stay
        self._end(stay, c.OfferEnd.ACCEPTED, told)

    def _agent_did(self, told: Told, event: r.AgentEvent) -> None:
        stay = self._talking.get(event.agent_id) or self._released.get(event.agent_id)
        if isinstance(event, BY_CLOCK) or stay is None:
            self.lives.by_clock.append((told.at, told.seq, event))
        else:
            stay.afterwards.append((told.at, told.seq, event))

    def _end(self, stay: Stay, end: c.OfferEnd | c.OverflowCall | r.CallLeft, told: Told) -> None:
        stay.end, stay.ended_at, stay.ended_seq = end, told.at, told.seq
        self._ended[stay.call_id] = stay

    def _follow(self, told: Told, command: c.RouterCommand) -> None:
        match command:
            case c.MakeOffer():
                self._ringing[command.offer_id] = command.call_id, command.agent_id, told.at
            case c.EndOffer():
                self._offer_ended(told, command)
            case c.OverflowCall():
                if stay := self._waiting.pop(command.call_id, None):
                    self._end(stay, command, told)
            case c.ChangePresence() if command.presence is not Presence.WRAP_UP:
                self._released.pop(command.agent_id, None)
            case _:
                pass

    def _offer_ended(self, told: Told, command: c.EndOffer) -> None:
        rang = self._ringing.pop(command.offer_id, None)
        if rang is None:
            return
        call_id, agent_id, made_at = rang
        fate = Fate(command.end, told.at - made_at, told.seq)
        self.lives.fates[command.offer_id] = fate
        if command.end is c.OfferEnd.ACCEPTED and (stay := self._waiting.pop(call_id, None)):
            self.lives.rings.setdefault(call_id, fate.after_ms)
            stay.end, stay.answered_at = command.end, told.at
            self._talking[agent_id] = stay


def _went_on(stay: Stay, event: r.CallQueued, at: int) -> bool:
    """The call came into this queue because it had overflowed there."""
    end = stay.end
    return (
        isinstance(end, c.OverflowCall)
        and end.target.kind is OverflowKind.QUEUE
        and (end.target.name, stay.ended_at) == (event.queue, at)
    )
