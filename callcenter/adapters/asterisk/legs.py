"""What must be known of each leg while it lives, and which news about it are no news."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from callcenter.domain.switch import (
    CallerArrived,
    LegAnswered,
    LegEndCause,
    LegEnded,
    LegFact,
    PhoneDialled,
    PlaybackEnded,
    SwitchEvent,
)


@dataclass(slots=True)
class _Leg:
    exists: bool
    """False from our dialling on until Asterisk says that the channel is there."""
    answered: bool
    music: bool
    variables: dict[str, str]
    connection: int
    """The connection during which we first heard of it."""
    key: str
    """Requests for legs with the same key keep their order (see AriLink.request)."""
    bridge_key: str = ""
    """The key of the bridge to which it was brought last: what it hears is in order with who is there."""
    unsent: bool = False
    inherited: bool = False
    """Found by the facts: what plays on it is not known."""
    end_cause: LegEndCause | None = None
    playbacks: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    overdue: set[str] = field(default_factory=set)
    """Playbacks that were ended by their time-out: their real end is no news any more."""


class KnownLegs:
    """The legs by id. `on_overdue(leg_id, playback_id)` is called when a playback's time-out has passed."""

    def __init__(self, *, on_overdue: Callable[[str, str], None]) -> None:
        self._legs: dict[str, _Leg] = {}
        self._on_overdue = on_overdue
        self._connection = 0
        self._complete = False
        self._awaiting_facts = True
        self._ended: set[str] = set()
        """Legs that ended since the connection came up, as long as facts are awaited."""

    def __len__(self) -> int:
        return len(self._legs)

    def __contains__(self, leg_id: str) -> bool:
        return leg_id in self._legs

    def ids(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._legs)

    def dial(self, leg_id: str, variables: Mapping[str, str], key: str = "") -> None:
        """A leg that we ask for; `key` is its own id unless given."""
        self._legs[leg_id] = _Leg(False, False, False, dict(variables), self._connection, key or leg_id)

    def dialled(self, leg_id: str) -> dict[str, str] | None:
        """The leg that we asked for is there; its variables when some were added meanwhile, else None."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return None
        leg.exists = True
        return leg.variables if leg.unsent else None

    def came(self, leg_id: str, *, music: bool) -> None:
        """A leg that came to us."""
        self._legs[leg_id] = _Leg(True, True, music, {}, self._connection, leg_id)

    def remove(self, leg_id: str) -> None:
        """The leg is gone."""
        leg = self._legs.pop(leg_id, None)
        if leg is not None:
            for timer in leg.playbacks.values():
                timer.cancel()

    def clear(self) -> None:
        """Forget all; no time-out fires any more."""
        for leg_id in list(self._legs):
            self.remove(leg_id)

    def answered(self, leg_id: str) -> bool:
        """Whether the leg lives and was answered."""
        return leg_id in self._legs and self._legs[leg_id].answered

    def key(self, leg_id: str) -> str:
        """The key that keeps requests for the leg in order."""
        leg = self._legs.get(leg_id)
        return leg_id if leg is None else leg.bridge_key or leg.key

    def own_key(self, leg_id: str) -> str:
        """The key that keeps the end of the leg in front of the next call at its phone."""
        leg = self._legs.get(leg_id)
        return leg_id if leg is None else leg.key

    def bring(self, leg_id: str, bridge_key: str) -> None:
        """From now on requests for the leg keep their order with those for this bridge."""
        if leg_id in self._legs:
            self._legs[leg_id].bridge_key = bridge_key

    def hears_music(self, leg_id: str) -> bool:
        """Whether music plays on the leg, for certain."""
        leg = self._legs.get(leg_id)
        return leg is not None and leg.music and not leg.inherited

    def music(self, leg_id: str, *, playing: bool) -> bool:
        """Remember whether music plays; returns whether it played so far (true when that is not known)."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return True
        played, leg.music = leg.music, playing
        return played

    def keep_variables(self, leg_id: str, variables: Mapping[str, str]) -> dict[str, str] | None:
        """All variables of the leg with these added; None when the leg has gone or is not yet there."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return None
        leg.variables.update(variables)
        leg.unsent = not leg.exists
        return None if leg.unsent else leg.variables

    def take_inherited(self, leg_id: str) -> bool:
        """Whether something unknown may play on the leg; asked once, it is ours from then on."""
        leg = self._legs.get(leg_id)
        if leg is None or not leg.inherited:
            return False
        leg.inherited = False
        return True

    def playbacks(self, leg_id: str) -> tuple[str, ...]:
        """What plays on the leg or waits to, in that order."""
        leg = self._legs.get(leg_id)
        return tuple(leg.playbacks) if leg is not None else ()

    def begin_playback(self, leg_id: str, playback_id: str, timeout_ms: int) -> None:
        """From now on the playback must end within its time-out."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            leg.music = False
            timer = asyncio.get_running_loop().call_later(
                timeout_ms / 1000, self._overdue, leg_id, playback_id
            )
            leg.playbacks[playback_id] = timer

    def end_playback(self, leg_id: str, playback_id: str) -> bool:
        """Whether its end is news: not when the leg has gone or the time-out has already ended it."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return not self._complete
        timer = leg.playbacks.pop(playback_id, None)
        if timer is not None:
            timer.cancel()
        if playback_id in leg.overdue:
            leg.overdue.discard(playback_id)
            return False
        return True

    def ending(self, leg_id: str, cause: LegEndCause) -> None:
        """The leg's end will come, and for this cause."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            leg.end_cause = cause

    def fold(self, event: SwitchEvent) -> SwitchEvent | None:
        """Take note of an event; returns it, completed by what is known, or None when it is no news."""
        match event:
            case CallerArrived(leg_id=leg_id):
                if leg_id in self._legs:
                    return None
                self.came(leg_id, music=True)
            case PhoneDialled(leg_id=leg_id):
                if leg_id in self._legs:
                    return None
                self.came(leg_id, music=False)
            case LegAnswered(leg_id=leg_id):
                if leg_id in self._legs:
                    self._legs[leg_id].answered = True
            case LegEnded(leg_id=leg_id):
                leg = self._legs.get(leg_id)
                self.remove(leg_id)
                if self._awaiting_facts:
                    self._ended.add(leg_id)
                if leg is not None and leg.end_cause is not None:
                    return replace(event, cause=leg.end_cause)
            case PlaybackEnded(leg_id=leg_id, playback_id=playback_id):
                return event if self.end_playback(leg_id, playback_id) else None
            case _:
                pass
        return event

    def next_connection(self) -> None:
        """A new connection: what is heard from now on is newer than the facts that will be read."""
        self._connection += 1
        self._awaiting_facts = True
        self._ended.clear()

    def adopt(self, facts: Iterable[LegFact]) -> tuple[LegFact, ...]:
        """Take the facts as the truth about all legs that are older than this connection.

        Returns those that still hold: a leg whose end was told may be listed for a moment longer.
        """
        there = {fact.leg_id: fact for fact in facts if fact.leg_id not in self._ended}
        for leg_id, leg in list(self._legs.items()):
            if leg_id not in there and leg.connection < self._connection:
                self.remove(leg_id)
        for leg_id, fact in there.items():
            if leg_id not in self._legs:
                variables = dict(fact.variables)
                leg = _Leg(True, fact.answered, True, variables, self._connection, leg_id, inherited=True)
                self._legs[leg_id] = leg
            elif fact.answered:
                self._legs[leg_id].answered = True
        self._complete = True
        self._awaiting_facts = False
        self._ended.clear()
        return tuple(there.values())

    def _overdue(self, leg_id: str, playback_id: str) -> None:
        leg = self._legs[leg_id]
        del leg.playbacks[playback_id]
        leg.overdue.add(playback_id)
        self._on_overdue(leg_id, playback_id)
