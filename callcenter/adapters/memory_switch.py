"""The switch's twin: the whole Telephony port in virtual time, with no Asterisk and no waiting.

It keeps the contract of callcenter.ports.Telephony (tests/contract/test_telephony_contract.py holds it
against the real switch). Nothing happens by itself: whoever drives it calls `advance(now)` whenever
`next_deadline()` is due; only then are commands carried out and events delivered, in the order of their
instants.
"""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import assert_never

from callcenter.adapters.memory_exchange import Agenda, Behaviour, Reaction, RecordingFact
from callcenter.adapters.memory_overhearings import OverhearingExchange
from callcenter.adapters.refusals import refusal
from callcenter.domain.listening import StartListening, StopListening
from callcenter.domain.overhearing import StartOverhearing, StartSilence, StopOverhearing, StopSilence
from callcenter.domain.phone_commands import AnswerTransfer, SendDigits
from callcenter.domain.switch import (
    Connect,
    DestroyBridge,
    DialNumber,
    DialPhone,
    HangUp,
    Play,
    Separate,
    SetVariables,
    StartMusic,
    StartRecording,
    StopMusic,
    StopPlay,
    StopRecording,
    SwitchCommand,
    SwitchEvent,
    SwitchLost,
)

__all__ = ["Behaviour", "MemorySwitch", "Reaction", "RecordingFact"]


class MemorySwitch(OverhearingExchange):
    """See the module's text; what people do (`arrive`, `press`, `hang_up`, ...) is in MemoryExchange.

    `media_ms` gives the length of a piece of media, None for one that does not exist. `latency_ms` passes
    between a command and its being carried out. `hear` gets the audio of each listening, by its id.
    """

    def __init__(
        self,
        *,
        deliver: Callable[[SwitchEvent], None],
        now: int = 0,
        phones: Mapping[str, Behaviour] | None = None,
        numbers: Mapping[str, Behaviour] | None = None,
        media_ms: Callable[[str], int | None] = lambda media: 1000,
        latency_ms: int = 1,
        hear: Callable[[str, bytes], None] = lambda listening_id, pcm: None,
    ) -> None:
        super().__init__(
            Agenda(now),
            tell=self._report,
            phones=phones or {},
            numbers=numbers or {},
            media_ms=media_ms,
            hear=hear,
        )
        self.digits: dict[str, str] = {}
        """The keys that each party heard being pressed."""
        self.transfers: dict[str, bool] = {}
        """What the phones that asked for a transfer were told, by leg."""
        self._deliver = deliver
        self._latency_ms = latency_ms
        self._connected = False
        self._sent: deque[SwitchCommand] = deque()
        """Commands on their way."""
        self._kept: list[SwitchEvent] = []
        """Events of the time in which nobody was connected."""

    # --- the port ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """As the port says; SwitchConnected is delivered by the next advance."""
        self.connect()

    async def close(self) -> None:
        """As the port says: the calls go on, events are kept."""
        self.disconnect(told=False)

    def send(self, command: SwitchCommand) -> None:
        """As the port says; carried out by the advance that reaches its instant."""
        if self._connected:
            self._sent.append(command)
            self._after(self._latency_ms, self._carry_out_next)
        else:
            refusal = self._refusal(command, "not connected to the switch")
            self._agenda.after(0, partial(self._deliver, refusal))

    # --- time ----------------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When `advance` has something to do; None when nothing will happen by itself."""
        return self._agenda.next_deadline()

    def advance(self, now: int) -> None:
        """Let the time pass until `now`, delivering what happens on the way."""
        self._agenda.advance(now)

    # --- what fails ----------------------------------------------------------------------------------------

    def disconnect(self, *, told: bool) -> None:
        """The control connection breaks (`told`: SwitchLost) or the controller dies; events are kept. What
        was sent over it is carried out: Asterisk reads a connection to its end before it makes the next."""
        while self._sent:
            self._carry_out_next()
        if self._connected and told:
            self._agenda.after(0, partial(self._deliver, SwitchLost(self.now)))
        if not told:
            self.listenings.clear()
            self.overhearings.clear()
        self._connected = False

    def connect(self, deliver: Callable[[SwitchEvent], None] | None = None) -> None:
        """The same controller, or a new one with its own `deliver`, is back: kept events, then the truth."""
        self._agenda.after(0, partial(self._connect, deliver))

    def restart(self, *, down_ms: int = 1000) -> None:
        """The switch process dies and comes back: all calls are gone without a word."""
        self._sent.clear()
        self.disconnect(told=True)
        self._kept.clear()
        self.forget_everything()
        self._agenda.after(down_ms, partial(self._connect, None, restarted=True))

    def _connect(self, deliver: Callable[[SwitchEvent], None] | None, restarted: bool = False) -> None:
        self._deliver = deliver or self._deliver
        self._connected = True
        kept, self._kept = self._kept, []
        for event in kept:
            self._deliver(event)
        self._deliver(self.truth(restarted=restarted))

    def _report(self, event: SwitchEvent) -> None:
        """Deliver by the next advance, or keep until somebody is connected."""
        self._after(0, partial(self._pass_on, event))

    def _pass_on(self, event: SwitchEvent) -> None:
        if self._connected:
            self._deliver(event)
        else:
            self._kept.append(event)

    # --- commands ------------------------------------------------------------------------------------------

    def _carry_out_next(self) -> None:
        if self._sent:  # else it was carried out when the connection ended
            self._carry_out(self._sent.popleft())

    def _carry_out(self, command: SwitchCommand) -> None:  # noqa: PLR0912  (one branch per command)
        done = True
        match command:
            case Play(leg_id):
                self.silenced.discard(leg_id)
                done = self.play(command)
            case StopPlay(leg_id, playback_id):
                self.end_playback(leg_id, playback_id, failed=False)
            case StartMusic(leg_id):
                done = self.set_music(leg_id, playing=True)
            case StopMusic(leg_id):
                done = self.set_music(leg_id, playing=False)
            case DialPhone():
                done = self.dial(command, self.phones.get(command.phone))
            case DialNumber():
                done = self.dial(command, self.numbers.get(command.number))
            case Connect(bridge_id, leg_ids):
                self.connect_legs(bridge_id, leg_ids)
            case Separate(bridge_id, leg_id):
                self.separate(bridge_id, leg_id)
            case DestroyBridge(bridge_id):
                self.destroy_bridge(bridge_id)
            case HangUp(leg_id, cause):
                self.hang_up(leg_id, cause)
            case AnswerTransfer(leg_id, done=transferred):
                self.transfers[leg_id] = transferred
            case SendDigits(leg_id, digits):
                done = self.hear_digits(leg_id, digits)
            case SetVariables(leg_id, variables):
                self.set_variables(leg_id, variables)
            case StartRecording():
                done = self.record(command)
            case StopRecording():
                done = self.stop_recording(command)
            case StartListening():
                done = self.listen(command)
            case StopListening(listening_id=listening_id):
                self.stop_listening(listening_id)
            case StartOverhearing():
                done = self.overhear(command)
            case StopOverhearing(overhearing_id=overhearing_id):
                self.stop_overhearing(overhearing_id)
            case StartSilence(leg_id):
                self.silenced.add(leg_id)
            case StopSilence(leg_id, bridge_id):
                self.end_silence(leg_id, bridge_id)
            case _:
                assert_never(command)
        if not done:
            self._report(self._refusal(command, "not possible in this state"))

    def end_silence(self, leg_id: str, bridge_id: str) -> None:
        """It, and what plays, is over; the leg is in the bridge."""
        self.silenced.discard(leg_id)
        if bridge_id in self._bridges:
            self.connect_legs(bridge_id, (leg_id,))

    def hear_digits(self, leg_id: str, digits: str) -> bool:
        """Let the party hear them; not one that rings."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.answered:
            self.digits[leg_id] = self.digits.get(leg_id, "") + digits
        return leg is None or leg.answered

    def _refusal(self, command: SwitchCommand, reason: str) -> SwitchEvent:
        exists = self.exists(getattr(command, "leg_id", ""))
        return refusal(command, self.now, reason, leg_exists=exists)
