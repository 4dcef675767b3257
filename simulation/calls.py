"""Call sources: who calls, with what request, for how long, and how patiently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np

from acd.model import SkillRequirement
from simulation.arrivals import Arrivals
from simulation.durations import NEVER_MS, Dice, Duration, Milliseconds, Patience
from simulation.sequels import NOBODY, CallingAgain, Transfer


class Purpose(IntEnum):
    """What dice are thrown for. Each purpose has dice of its own, so that the callers of one seed stay the
    same whatever happens to them (common random numbers)."""

    ARRIVALS = 0
    TALK = 1
    PATIENCE = 2
    WRAP_UP = 3
    RING = 4
    PAUSES = 5
    AGAIN = 6
    TRANSFER = 7


@dataclass(frozen=True, slots=True)
class Throws:
    """The dice of one source in one replication."""

    seed: int
    replication: int
    source: int

    def dice(self, purpose: Purpose, *of: int) -> Dice:
        """Dice that depend on the seed, the replication, the source, the purpose and whose they are only."""
        sequence = np.random.SeedSequence([self.seed, self.replication, self.source, purpose.value, *of])
        return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, slots=True)
class DrawnCalls:
    """The calls of one source, sorted by arrival; one entry of each array per call, in milliseconds.

    ``wrap_up_ms`` is None (or -1 for a call) where the queue's own time is used to the end. ``extends``: an
    agent who needs longer than the queue's time asks for more, and gets it as far as the queue allows.
    """

    at_ms: Milliseconds
    talk_ms: Milliseconds
    patience_ms: Milliseconds
    wrap_up_ms: Milliseconds | None = None
    extends: bool = False


class Request(NamedTuple):
    """What a caller asks for."""

    queue: str
    priority: int = 0
    requirements: tuple[SkillRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class NextCall:
    """The call that follows from a call, ``after_ms`` from its end. ``wrap_up_ms`` -1: the queue's own."""

    after_ms: int
    request: Request
    talk_ms: int
    wrap_up_ms: int
    patience_ms: int


class CallSource(Protocol):
    """Calls that ask for the same."""

    @property
    def queue(self) -> str: ...

    @property
    def priority(self) -> int: ...

    @property
    def requirements(self) -> tuple[SkillRequirement, ...]: ...

    def draw(self, throws: Throws, begin_ms: int, end_ms: int) -> DrawnCalls:
        """The calls that arrive from ``begin_ms`` up to before ``end_ms``."""

    def calls_again(self, has_abandoned: bool, dice: Callable[[], Dice]) -> NextCall | None:
        """The next call of a caller who has hung up while waiting, or who was served. The dice of this
        caller at this time are asked for only if they are needed."""

    def is_sent_on(self, dice: Callable[[], Dice]) -> NextCall | None:
        """The call in another queue of a caller whom the agent sends on."""


@dataclass(frozen=True, slots=True)
class MadeUpCalls:
    """Calls drawn from distributions. Talk is all the time for which the caller holds the agent; the wrap-up
    (None: the queue's whole ``wrap_up_sec``) never lasts longer than the queue allows. The shares of
    ``transfers`` must not add up to more than 1."""

    queue: str
    arrivals: Arrivals
    talk: Duration
    patience: Patience
    wrap_up: Duration | None = None
    priority: int = 0
    requirements: tuple[SkillRequirement, ...] = ()
    again: CallingAgain = NOBODY
    transfers: tuple[Transfer, ...] = ()

    def draw(self, throws: Throws, begin_ms: int, end_ms: int) -> DrawnCalls:
        """The calls that arrive from ``begin_ms`` up to before ``end_ms``."""
        at = self.arrivals.draw(throws.dice(Purpose.ARRIVALS), begin_ms, end_ms)
        wrap_up = None
        if self.wrap_up is not None:
            wrap_up = self.wrap_up.draw(throws.dice(Purpose.WRAP_UP), len(at))
        return DrawnCalls(
            at,
            self.talk.draw(throws.dice(Purpose.TALK), len(at)),
            self.patience.draw(throws.dice(Purpose.PATIENCE), len(at)),
            wrap_up,
        )

    def calls_again(self, has_abandoned: bool, dice: Callable[[], Dice]) -> NextCall | None:
        """As ``again`` says, with talk, wrap-up and patience drawn anew. (The first talk was never begun, or
        is over: an equal one drawn anew is as likely.)"""
        again = self.again.abandoned if has_abandoned else self.again.answered
        if again is None or (thrown := dice()).random() >= again.share:
            return None
        request = Request(self.queue, self.priority, self.requirements)
        return self._next(_one(again.after, thrown), request, self.talk, self.wrap_up, thrown)

    def is_sent_on(self, dice: Callable[[], Dice]) -> NextCall | None:
        """To one of the ``transfers``, as patient as anybody of these callers. As in production the call asks
        there for nothing of its own, and its wait begins anew."""
        if not self.transfers:
            return None
        thrown = dice()
        lot = thrown.random()
        for transfer in self.transfers:
            if lot < transfer.share:
                return self._next(0, Request(transfer.queue), transfer.talk, transfer.wrap_up, thrown)
            lot -= transfer.share
        return None

    def _next(
        self, after_ms: int, request: Request, talk: Duration, wrap_up: Duration | None, dice: Dice
    ) -> NextCall:
        return NextCall(
            after_ms,
            request,
            talk_ms=_one(talk, dice),
            wrap_up_ms=-1 if wrap_up is None else _one(wrap_up, dice),
            patience_ms=_one(self.patience, dice),
        )


@dataclass(frozen=True, slots=True)
class PastCalls:
    """Calls that were, sorted by arrival, with what is known of each (-1: not known).

    An unknown talk is drawn from the ``talks_ms`` seen, an unknown wrap-up from the ``wrap_ups_ms`` seen (-1
    among them: the queue's own time). ``patience_ms`` is that of a caller who hung up;
    of any other it is known to be longer than ``waited_ms``. The rest of it is drawn from an exponential
    distribution with the mean ``patience_mean_ms`` (memoryless, so that the wait until then does not matter);
    None: nobody else gives up.
    """

    queue: str
    at_ms: Milliseconds
    talk_ms: Milliseconds
    wrap_up_ms: Milliseconds
    waited_ms: Milliseconds
    patience_ms: Milliseconds
    talks_ms: Milliseconds
    wrap_ups_ms: Milliseconds
    patience_mean_ms: float | None
    priority: int = 0
    requirements: tuple[SkillRequirement, ...] = ()

    def draw(self, throws: Throws, begin_ms: int, end_ms: int) -> DrawnCalls:
        """Those of the calls that came from ``begin_ms`` up to before ``end_ms``."""
        count = len(self.at_ms)
        talk = _known_or_drawn(self.talk_ms, self.talks_ms, throws.dice(Purpose.TALK))
        wrap_up = _known_or_drawn(self.wrap_up_ms, self.wrap_ups_ms, throws.dice(Purpose.WRAP_UP))
        if self.patience_mean_ms is None:
            rest = np.full(count, NEVER_MS, dtype=np.int64)
        else:
            more = throws.dice(Purpose.PATIENCE).exponential(self.patience_mean_ms, count)
            rest = self.waited_ms + np.rint(more).astype(np.int64)
        patience = np.where(self.patience_ms >= 0, self.patience_ms, rest)
        inside = (self.at_ms >= begin_ms) & (self.at_ms < end_ms)
        return DrawnCalls(self.at_ms[inside], talk[inside], patience[inside], wrap_up[inside], extends=True)

    def calls_again(self, has_abandoned: bool, dice: Callable[[], Dice]) -> NextCall | None:
        """Nobody does: who called again is one of the calls that were."""
        return None

    def is_sent_on(self, dice: Callable[[], Dice]) -> NextCall | None:
        """Nobody is: who was sent on is one of the calls that were."""
        return None


def _one(duration: Duration | Patience, dice: Dice) -> int:
    return int(duration.draw(dice, 1)[0])


def _known_or_drawn(known: Milliseconds, seen: Milliseconds, dice: Dice) -> Milliseconds:
    """Dice are thrown for every call, so that what is known of one changes no other's."""
    return np.where(known >= 0, known, dice.choice(seen, len(known)))
