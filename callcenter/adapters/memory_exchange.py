"""What happens inside the switch's twin: legs, bridges, playbacks and recordings, in virtual time."""

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import assert_never

from callcenter.domain.listening import StartListening
from callcenter.domain.switch import (
    BridgeFact,
    CallerArrived,
    DialNumber,
    DialPhone,
    DigitPressed,
    HoldChanged,
    LegAnswered,
    LegEndCause,
    LegEnded,
    LegFact,
    PhoneDialled,
    PhoneReachabilityChanged,
    Play,
    PlaybackEnded,
    RecordingStarted,
    StartRecording,
    StopRecording,
    SwitchConnected,
    SwitchEvent,
    TransferAsked,
)


class Reaction(StrEnum):
    """What a phone or an outside number does when it is rung."""

    ANSWER = "answer"
    DECLINE = "decline"
    BUSY = "busy"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A phone's or number's reaction, `after_ms` from its ringing on."""

    reaction: Reaction = Reaction.ANSWER
    after_ms: int = 0
    reachable: bool = True


@dataclass(slots=True)
class RecordingFact:
    """A recording that was made; `ended_at` is None while it runs."""

    leg_id: str
    path_stem: str
    wideband: bool
    started_at: int
    ended_at: int | None = None
    earlier_ms: int = 0
    """Length of what was recorded into the same files before."""

    @property
    def duration_ms(self) -> int:
        """Length of all that was recorded; of one that runs, without what runs."""
        return self.earlier_ms + ((self.ended_at or self.started_at) - self.started_at)


@dataclass(slots=True, eq=False)
class _Playback:
    playback_id: str
    duration_ms: int
    failed: bool


@dataclass(slots=True)
class _Leg:
    leg_id: str
    answered: bool
    music: bool = False
    swallows_at: int = -1
    variables: dict[str, str] = field(default_factory=dict)
    arrival: CallerArrived | None = None
    playbacks: deque[_Playback] = field(default_factory=deque)


class Agenda:
    """Virtual time: acts wait for their instant and are carried out, in order, by `advance`."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def next_deadline(self) -> int | None:
        """When `advance` has something to do; None when nothing will happen by itself."""
        return self._due[0][0] if self._due else None

    def after(self, delay_ms: int, act: Callable[[], None]) -> None:
        """Carry out `act` when so much time has passed; acts of the same instant keep their order."""
        self._count += 1
        heapq.heappush(self._due, (self.now + delay_ms, self._count, act))

    def advance(self, now: int) -> None:
        """Let the time pass until `now`."""
        while self._due and self._due[0][0] <= now:
            at, _, act = heapq.heappop(self._due)
            self.now = max(self.now, at)
            act()
        self.now = max(self.now, now)


class MemoryExchange:
    """Legs and what people do with them; `tell` hears of everything that a switch would report."""

    def __init__(
        self,
        agenda: Agenda,
        *,
        tell: Callable[[SwitchEvent], None],
        phones: Mapping[str, Behaviour],
        numbers: Mapping[str, Behaviour],
        media_ms: Callable[[str], int | None],
        hear: Callable[[str, bytes], None],
    ) -> None:
        self.phones = dict(phones)
        self.numbers = dict(numbers)
        self.recordings: dict[str, RecordingFact] = {}
        self.headers: dict[str, Mapping[str, str]] = {}
        """What the other side was told with each leg dialled over a trunk."""
        self.listenings: dict[str, str] = {}
        """Whom each listening that runs hears: the id of the leg."""
        self._agenda, self._tell, self._media_ms, self._hear = agenda, tell, media_ms, hear
        self._legs: dict[str, _Leg] = {}
        self._bridges: dict[str, list[str]] = {}
        self._life = 0
        self._arrivals = 0

    @property
    def now(self) -> int:
        """The virtual instant."""
        return self._agenda.now

    def _after(self, delay_ms: int, act: Callable[[], None]) -> None:
        """As Agenda.after, unless the switch dies before."""
        life = self._life
        self._agenda.after(delay_ms, lambda: act() if life == self._life else None)

    def forget_everything(self) -> None:
        """The switch process dies: no leg, no bridge, nothing under way."""
        self._life += 1
        self._legs.clear()
        self._bridges.clear()
        self.listenings.clear()
        for recording in self.recordings.values():
            recording.ended_at = recording.ended_at or self.now

    # --- what people do ------------------------------------------------------------------------------------

    def arrive(
        self,
        trunk: str,
        did: str,
        caller: str,
        *,
        caller_name: str = "",
        original_caller: str | None = None,
        wideband: bool = False,
    ) -> str:
        """A caller comes in; his leg id."""
        self._arrivals += 1
        leg_id = f"caller-{self._arrivals}"
        arrival = CallerArrived(self.now, leg_id, trunk, did, caller, caller_name, original_caller, wideband)
        self._legs[leg_id] = _Leg(leg_id, answered=True, music=True, arrival=arrival)
        self._tell(arrival)
        return leg_id

    def dial_from(self, phone: str, number: str) -> str:
        """A phone dials by itself; its leg id."""
        self._arrivals += 1
        leg_id = f"{phone}-dials-{self._arrivals}"
        self._legs[leg_id] = _Leg(leg_id, answered=True)
        self._tell(PhoneDialled(self.now, leg_id, phone, number))
        return leg_id

    def press(self, leg_id: str, digits: str) -> None:
        """The party presses digits."""
        for digit in digits:
            self._tell(DigitPressed(self.now, leg_id, digit))

    def speak(self, leg_id: str, pcm: bytes) -> None:
        """The party says something; whoever listens hears it."""
        for listening_id in [one for one, heard in self.listenings.items() if heard == leg_id]:
            self._hear(listening_id, pcm)

    def hang_up(self, leg_id: str, cause: LegEndCause = LegEndCause.NORMAL) -> None:
        """The leg ends, whoever wants it; what played on it is over without a word."""
        leg = self._legs.pop(leg_id, None)
        if leg is None:
            return
        leg.playbacks.clear()
        self._leave_bridges(leg_id)
        self.listenings = {one: heard for one, heard in self.listenings.items() if heard != leg_id}
        for recording in self.recordings.values():
            if recording.leg_id == leg_id and recording.ended_at is None:
                recording.ended_at = self.now
        self._tell(LegEnded(self.now, leg_id, cause))

    def answer(self, leg_id: str) -> None:
        """A ringing party picks up."""
        leg = self._legs.get(leg_id)
        if leg is not None and not leg.answered:
            leg.answered = True
            self._tell(LegAnswered(self.now, leg_id))

    def hold(self, leg_id: str, *, held: bool) -> None:
        """The phone puts its party on hold or takes it back."""
        self._tell(HoldChanged(self.now, leg_id, held))

    def ask_transfer(self, leg_id: str, target: str) -> None:
        """The phone asks for a transfer."""
        self._tell(TransferAsked(self.now, leg_id, target))

    def set_reachable(self, phone: str, reachable: bool) -> None:
        """A phone registers or vanishes."""
        before = self.phones.get(phone, Behaviour(reachable=False))
        self.phones[phone] = Behaviour(before.reaction, before.after_ms, reachable)
        if before.reachable != reachable:
            self._tell(PhoneReachabilityChanged(self.now, phone, reachable))

    # --- what can be seen ----------------------------------------------------------------------------------

    def truth(self, *, restarted: bool = False) -> SwitchConnected:
        """All legs, bridges and reachable phones as they are."""
        legs = tuple(
            LegFact(leg.leg_id, leg.answered, dict(leg.variables), leg.arrival) for leg in self._legs.values()
        )
        bridges = tuple(BridgeFact(bridge_id, tuple(legs_in)) for bridge_id, legs_in in self._bridges.items())
        phones = frozenset(name for name, behaviour in self.phones.items() if behaviour.reachable)
        return SwitchConnected(self.now, legs, bridges, phones, restarted)

    def exists(self, leg_id: str) -> bool:
        """Whether the leg is there, ringing or answered."""
        return leg_id in self._legs

    def hears(self, leg_id: str) -> frozenset[str]:
        """What the party hears now: "music", playback ids, and the ids of the legs in its bridge."""
        leg = self._legs[leg_id]
        others = {other for legs_in in self._bridges.values() if leg_id in legs_in for other in legs_in}
        playing = {leg.playbacks[0].playback_id} if leg.playbacks else set()
        return frozenset((others - {leg_id}) | playing | ({"music"} if leg.music else set()))

    # --- what commands do -----------------------------------------------------------------------------------

    def play(self, command: Play) -> bool:
        """Queue the playback behind those that play; music stops."""
        leg = self._legs.get(command.leg_id)
        if leg is None:
            return True
        if not leg.answered or not command.media:
            return False
        leg.music = False
        lengths = [self._media_ms(media) for media in command.media]
        played_ms = sum(length or 0 for length in lengths)
        playback = _Playback(command.playback_id, played_ms, failed=lengths[-1] is None)
        leg.playbacks.append(playback)
        self._after(command.timeout_ms, partial(self._playback_over, leg, playback, failed=True))
        if leg.playbacks[0] is playback and leg.swallows_at != self.now:
            self._begin_playback(leg, playback)
        return True

    def end_playback(self, leg_id: str, playback_id: str, *, failed: bool) -> None:
        """End a playback wherever it stands in the queue; the next one begins."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            for playback in [one for one in leg.playbacks if one.playback_id == playback_id]:
                self._playback_over(leg, playback, failed=failed)

    def set_music(self, leg_id: str, *, playing: bool) -> bool:
        """Music on or off; not on a leg that rings."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.answered:
            leg.music = playing
        return leg is None or leg.answered

    def set_variables(self, leg_id: str, variables: Mapping[str, str]) -> None:
        """Add these to the leg's variables."""
        if leg_id in self._legs:
            self._legs[leg_id].variables.update(variables)

    def dial(self, command: DialPhone | DialNumber, behaviour: Behaviour | None) -> bool:
        """Ring; what follows is as the one who is rung behaves. False when the leg exists already."""
        if command.leg_id in self._legs:
            return False
        if behaviour is None or not behaviour.reachable:
            self._tell(LegEnded(self.now, command.leg_id, LegEndCause.UNREACHABLE))
            return True
        if isinstance(command, DialNumber):
            self.headers[command.leg_id] = dict(command.headers)
        leg = _Leg(command.leg_id, answered=False, variables=dict(command.variables))
        self._legs[command.leg_id] = leg
        self._after(command.ring_timeout_sec * 1000, partial(self._stop_ringing, leg, LegEndCause.NO_ANSWER))
        match behaviour.reaction:
            case Reaction.ANSWER:
                self._after(behaviour.after_ms, partial(self.answer, leg.leg_id))
            case Reaction.DECLINE:
                self._after(behaviour.after_ms, partial(self._stop_ringing, leg, LegEndCause.DECLINED))
            case Reaction.BUSY:
                self._after(behaviour.after_ms, partial(self._stop_ringing, leg, LegEndCause.BUSY))
            case Reaction.IGNORE:
                pass
            case _:
                assert_never(behaviour.reaction)
        return True

    def connect_legs(self, bridge_id: str, leg_ids: tuple[str, ...]) -> None:
        """Move all these legs into the bridge, or none when one of them has just gone; nothing plays on."""
        legs_in = self._bridges.setdefault(bridge_id, [])
        if all(leg_id in self._legs for leg_id in leg_ids):
            for leg_id in leg_ids:
                for playback in list(self._legs[leg_id].playbacks):
                    self._playback_over(self._legs[leg_id], playback, failed=False)
                self._leave_bridges(leg_id)
                legs_in.append(leg_id)
                self._legs[leg_id].music = False

    def separate(self, bridge_id: str, leg_id: str) -> None:
        """Take the leg out of the bridge."""
        if leg_id in self._bridges.get(bridge_id, []):
            self._bridges[bridge_id].remove(leg_id)

    def destroy_bridge(self, bridge_id: str) -> None:
        """Remove the bridge; its legs stay, and swallow what they are to play while they leave it."""
        for leg_id in self._bridges.pop(bridge_id, []):
            if leg := self._legs.get(leg_id):
                leg.swallows_at = self.now

    def record(self, command: StartRecording) -> bool:
        """Record until the leg or the recording ends, behind what was recorded under this name before."""
        if not command.path_stem.startswith("/"):
            return False
        if command.leg_id in self._legs:
            earlier = self.recordings.get(command.recording_id)
            self.recordings[command.recording_id] = RecordingFact(
                command.leg_id,
                command.path_stem,
                command.wideband,
                self.now,
                earlier_ms=earlier.duration_ms if earlier else 0,
            )
            self._tell(RecordingStarted(self.now, command.leg_id, command.recording_id))
        return True

    def stop_recording(self, command: StopRecording) -> bool:
        """End the recording."""
        recording = self.recordings.get(command.recording_id)
        if recording is not None and recording.ended_at is None:
            recording.ended_at = self.now
            return True
        return command.leg_id not in self._legs

    def listen(self, command: StartListening) -> bool:
        """Hand on what the leg says; not of one that rings."""
        leg = self._legs.get(command.leg_id)
        if leg is not None and leg.answered:
            self.listenings[command.listening_id] = command.leg_id
        return leg is None or leg.answered

    def stop_listening(self, listening_id: str) -> None:
        """Hand on no more."""
        self.listenings.pop(listening_id, None)

    # --- inner workings ------------------------------------------------------------------------------------

    def _begin_playback(self, leg: _Leg, playback: _Playback) -> None:
        over = partial(self._playback_over, leg, playback, failed=playback.failed)
        self._after(playback.duration_ms, over)

    def _playback_over(self, leg: _Leg, playback: _Playback, *, failed: bool) -> None:
        if not any(one is playback for one in leg.playbacks):
            return
        was_first = leg.playbacks[0] is playback
        leg.playbacks.remove(playback)
        self._tell(PlaybackEnded(self.now, leg.leg_id, playback.playback_id, failed))
        if was_first and leg.playbacks:
            self._begin_playback(leg, leg.playbacks[0])

    def _stop_ringing(self, leg: _Leg, cause: LegEndCause) -> None:
        if not leg.answered and self._legs.get(leg.leg_id) is leg:
            self.hang_up(leg.leg_id, cause)

    def _leave_bridges(self, leg_id: str) -> None:
        for legs_in in self._bridges.values():
            if leg_id in legs_in:
                legs_in.remove(leg_id)
