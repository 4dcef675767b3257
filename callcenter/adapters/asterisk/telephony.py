"""The Telephony port on a real Asterisk: SwitchCommands go out, SwitchEvents come in, in one order.

Commands of one call travel over one line of the ARI connection, in the order in which they were sent; those
that ring a phone or hang it up, over the line of that phone. Asterisk carries out what comes over a line one
after the other, so nothing may be sent there that waits long for a leg: setting a variable would wait until
the prompt has ended, and other calls with it. That, and recording, goes over the manager connection. What
must be known of a leg (its variables, music, playbacks) goes when the leg goes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import assert_never

import structlog

from callcenter.adapters.asterisk import requests
from callcenter.adapters.asterisk.ami_side import AmiSide
from callcenter.adapters.asterisk.ari import AriLink
from callcenter.adapters.asterisk.config import ARI_LINES, ARI_USER, SwitchConfig
from callcenter.adapters.asterisk.decode import KNOWN_EVENTS, DecodeError, Json, LegEnding, decode
from callcenter.adapters.asterisk.legs import KnownLegs
from callcenter.adapters.asterisk.overhearings import EAR, Overhearings
from callcenter.adapters.asterisk.reconcile import Reconciliation, Truth, switch_connected
from callcenter.adapters.asterisk.rest import (
    CONNECTION_LOST,
    LEFT_STASIS,
    NO_SUCH_LEG,
    TIMED_OUT,
    Asked,
    OnResponse,
    RestRequest,
    RestResponse,
    unheard,
)
from callcenter.adapters.asterisk.taps import TAP, Taps
from callcenter.adapters.refusals import refusal
from callcenter.domain.listening import StartListening, StopListening
from callcenter.domain.overhearing import StartOverhearing, StartSilence, StopOverhearing, StopSilence
from callcenter.domain.phone_commands import AnswerTransfer, SendDigits
from callcenter.domain.switch import (
    CommandFailed,
    Connect,
    DestroyBridge,
    DialNumber,
    DialPhone,
    HangUp,
    LegEndCause,
    LegEnded,
    Play,
    PlaybackEnded,
    RecordingStarted,
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

log = structlog.get_logger(__name__)

RECONCILE_AGAIN_SEC = 0.5


class AsteriskTelephony:
    """See callcenter.ports.Telephony. `deliver` gets every SwitchEvent, in order, in this event loop; `hear`
    the audio of each listening, by its id.

    After a connect come first the events that Asterisk kept while we were away, then SwitchConnected. A
    CallerArrived may be followed by a SwitchConnected whose legs hold the same caller; never the reverse.
    """

    def __init__(
        self,
        config: SwitchConfig,
        *,
        deliver: Callable[[SwitchEvent], None],
        clock: Callable[[], int],
        hear: Callable[[str, bytes], None] = lambda listening_id, pcm: None,
    ) -> None:
        self._app, self._lines = config.app, config.lines
        self._deliver, self._clock = deliver, clock
        self._legs = KnownLegs(on_overdue=self._playback_overdue)
        self._ari = AriLink(
            port=config.ports.ari,
            user=ARI_USER,
            password=config.ari_password,
            app=config.app,
            allowed_events=KNOWN_EVENTS,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=self._on_down,
            lines=ARI_LINES,
            keeper=config.directories.line_keeper,
        )
        self._ami = AmiSide(
            port=config.ports.ami,
            secret=config.ami_password,
            lines=self._lines,
            deliver=self._from_ami,
            clock=clock,
            is_idle=lambda: len(self._legs) == 0,
        )
        self.manager = self._ami.manager
        """For whoever asks what the switch knows beside the calls."""
        self._taps = Taps(
            app=config.app, http_port=config.ports.http, ask=self._ask, hear=hear, fail=self._broke_off
        )
        self._overhearings = Overhearings(
            config.app, clock, ask=self._ask, key=self._legs.key, hushing=self._hushing, fail=self._broke_off
        )
        self._reconciliation: Reconciliation | None = None
        self._reconcile_again: asyncio.TimerHandle | None = None
        self._held_back: list[Json] = []
        self._key_of_bridge: dict[str, str] = {}
        self._switch_started: str | None = None
        self._told_connected, self.undecodable_events = False, 0

    @property
    def connected(self) -> bool:
        """Whether Asterisk has its control connection to us."""
        return self._ari.connected

    def leg_ids(self) -> tuple[str, ...]:
        """The legs that are remembered; none when no call is up."""
        return self._legs.ids()

    async def start(self) -> None:
        """Listen for Asterisk, which connects by itself within 0.1 s; SwitchConnected follows.

        Raises:
            OSError: the port for Asterisk's connection is taken.
        """
        await self._ari.start()
        self._ami.start()

    async def close(self) -> None:
        """Disconnect; the calls in Asterisk go on and its events are kept for who connects next."""
        await self._taps.close()
        await self._ami.close()
        await self._ari.close()
        self._legs.clear()

    def send(self, command: SwitchCommand) -> None:
        """See callcenter.ports.Telephony."""
        try:
            self._carry_out(command)
        except Exception as error:
            if not isinstance(error, requests.ImpossibleCommand):
                log.exception("switch_command_crashed", command=type(command).__name__)
            asyncio.get_running_loop().call_soon(self._emit, self._failure(command, str(error)))

    # --- commands ------------------------------------------------------------------------------------------

    def _carry_out(self, command: SwitchCommand) -> None:  # noqa: PLR0912  (one branch per command)
        match command:
            case DialPhone() | DialNumber():  # what every call asks for comes first
                self._dial(command)
            case Connect():
                self._connect(command)
            case HangUp(leg_id):
                self._order(command, leg_id, requests.hang_up(command), self._legs.own_key(leg_id))
            case DestroyBridge(bridge_id):
                key = self._key_of_bridge.pop(bridge_id, bridge_id)
                self._ask(requests.destroy_bridge(command), partial(self._bridge_answer, command), key)
            case SetVariables(leg_id, variables):
                kept = self._legs.keep_variables(leg_id, variables)
                if kept is not None:
                    self._ami.set_variables(command, requests.packed(kept))
            case Play():
                self._play(command)
            case StopPlay():
                self._ask(requests.stop_play(command), unheard, self._legs.key(command.leg_id))
            case StartMusic(leg_id):
                if not self._legs.hears_music(leg_id):
                    self._legs.music(leg_id, playing=True)
                    self._order(command, leg_id, requests.start_music(leg_id))
            case StopMusic(leg_id):
                self._legs.music(leg_id, playing=False)
                self._order(command, leg_id, requests.stop_music(leg_id))
            case Separate(bridge_id, leg_id):
                key = self._bridge_key(bridge_id, leg_id)
                self._ask(requests.separate(command), partial(self._bridge_answer, command), key)
            case AnswerTransfer(leg_id):
                self._order(command, leg_id, requests.answer_transfer(command))
            case SendDigits(leg_id):
                self._order(command, leg_id, requests.send_digits(command))
            case StartRecording():
                self._ami.start_recording(command)
            case StopRecording():
                self._ami.stop_recording(command)
            case StartListening() | StopListening():
                self._taps.carry_out(command)
            case StartOverhearing() | StopOverhearing() | StartSilence() | StopSilence():
                self._overhearings.carry_out(command)
            case _:
                assert_never(command)

    def _play(self, command: Play) -> None:
        request = requests.play(command)
        self._legs.begin_playback(command.leg_id, command.playback_id, command.timeout_ms)
        self._ask(request, partial(self._play_answer, command), self._legs.key(command.leg_id))

    def _dial(self, command: DialPhone | DialNumber) -> None:
        request = requests.dial(command, self._app)
        if command.leg_id in self._legs:
            raise requests.ImpossibleCommand("a leg with this id exists already")
        # Behind the hanging-up of the call before at the same phone, which else might be found busy.
        key = command.phone if isinstance(command, DialPhone) else command.leg_id
        self._legs.dial(command.leg_id, command.variables, key)
        self._ask(request, partial(self._dial_answer, command), key)

    def _connect(self, command: Connect) -> None:
        make_bridge, add_legs = requests.connect(command)
        key = self._bridge_key(command.bridge_id, command.leg_ids[0])
        asked: list[Asked] = [(make_bridge, unheard)]  # when it fails, the last request tells
        for leg_id in command.leg_ids:
            self._legs.bring(leg_id, key)
            asked += [(stop, unheard) for stop in self._hushing(leg_id)]
        self._ari.request_all([*asked, (add_legs, partial(self._connect_answer, command))], key=key)

    def _hushing(self, leg_id: str) -> list[RestRequest]:
        """A leg is moved only when what plays on it has ended, and until then Asterisk reads no request."""
        if self._legs.take_inherited(leg_id):
            self._ami.stop_playing(leg_id)
        stops = [requests.stop_play(StopPlay(leg_id, one)) for one in self._legs.playbacks(leg_id)]
        if self._legs.music(leg_id, playing=False):
            stops.append(requests.stop_music(leg_id))
        return stops

    def _ask(self, request: RestRequest, on_response: OnResponse, key: str = "") -> None:
        self._ari.request(request, on_response, key=key)

    def _order(self, command: SwitchCommand, leg_id: str, request: RestRequest, key: str = "") -> None:
        self._ask(request, partial(self._leg_answer, command, leg_id), key or self._legs.key(leg_id))

    def _bridge_key(self, bridge_id: str, leg_id: str) -> str:
        """All requests for a bridge are in order with those for the leg that was first named with it."""
        return self._key_of_bridge.setdefault(bridge_id, self._legs.key(leg_id))

    # --- answers -------------------------------------------------------------------------------------------

    def _leg_answer(self, command: SwitchCommand, leg_id: str, response: RestResponse) -> None:
        if not response.ok and not self._leg_gone(leg_id, response):
            self._emit(self._failure(command, response.told))

    def _bridge_answer(self, command: Separate | DestroyBridge, response: RestResponse) -> None:
        if not (response.ok or response.not_there or response.status in LEFT_STASIS):
            self._emit(self._failure(command, response.told))

    def _connect_answer(self, command: Connect, response: RestResponse) -> None:
        if response.ok:
            return
        gone = NO_SUCH_LEG in response.body or any(leg_id not in self._legs for leg_id in command.leg_ids)
        answered = all(self._legs.answered(leg_id) for leg_id in command.leg_ids)
        leaving = answered and response.status in LEFT_STASIS
        if response.status == CONNECTION_LOST or not (gone or leaving):
            self._emit(self._failure(command, response.told))

    def _play_answer(self, command: Play, response: RestResponse) -> None:
        if response.ok or response.status == TIMED_OUT:  # then its own time-out ends it
            return
        is_news = self._legs.end_playback(command.leg_id, command.playback_id) and response.status != 404
        if is_news or response.status == CONNECTION_LOST:
            self._emit(self._failure(command, response.told))

    def _dial_answer(self, command: DialPhone | DialNumber, response: RestResponse) -> None:
        if response.ok:
            meanwhile = self._legs.dialled(command.leg_id)
            if meanwhile is not None:
                self._ami.set_variables(SetVariables(command.leg_id, meanwhile), requests.packed(meanwhile))
            return
        if response.status == 409:  # it exists, though we had not heard of it
            self._emit(CommandFailed(self._clock(), command, response.told))
            return
        key = self._legs.own_key(command.leg_id)
        self._legs.remove(command.leg_id)
        if response.status == TIMED_OUT:
            self._ask(requests.hang_up(HangUp(command.leg_id)), unheard, key)
        cause = LegEndCause.UNREACHABLE if response.status == 500 else LegEndCause.FAILED
        self._emit(LegEnded(self._clock(), command.leg_id, cause))

    def _leg_gone(self, leg_id: str, response: RestResponse) -> bool:
        """Whether the answer only says that the leg has ended, which LegEnded tells or has told."""
        if response.status == CONNECTION_LOST:
            return False
        leaving = response.status in LEFT_STASIS and self._legs.answered(leg_id)
        return response.not_there or leaving or leg_id not in self._legs

    def _failure(self, command: SwitchCommand, reason: str) -> SwitchEvent:
        exists = getattr(command, "leg_id", "") in self._legs
        return refusal(command, self._clock(), reason, leg_exists=exists)

    # --- events --------------------------------------------------------------------------------------------

    def _on_event(self, event: Json) -> None:
        if self._reconciliation is not None and self._reconciliation.answered:
            self._held_back.append(event)
        else:
            self._take(event)

    def _take(self, event: Json) -> None:
        channel = event.get("channel")
        channel_id = str(channel.get("id")) if isinstance(channel, dict) else ""
        if channel_id.startswith(TAP):
            self._taps.take(event, channel_id)
        elif channel_id.startswith(EAR):
            self._overhearings.take(event, channel_id)
        else:
            self._take_of_leg(event)

    def _take_of_leg(self, event: Json) -> None:
        try:
            decoded = decode(event)
        except DecodeError as error:
            self.undecodable_events += 1
            log.error("switch_event_undecodable", reason=str(error), total=self.undecodable_events)
            return
        if isinstance(decoded, LegEnding):
            self._legs.ending(decoded.leg_id, decoded.cause)
        elif decoded is not None and (news := self._legs.fold(decoded)) is not None:
            if isinstance(news, LegEnded):
                self._taps.leg_ended(news.leg_id)
                self._overhearings.leg_ended(news.leg_id)
            self._emit(news)

    def _playback_overdue(self, leg_id: str, playback_id: str) -> None:
        self._ask(requests.stop_play(StopPlay(leg_id, playback_id)), unheard, self._legs.key(leg_id))
        self._emit(PlaybackEnded(self._clock(), leg_id, playback_id, failed=True))

    def _emit(self, event: SwitchEvent) -> None:
        try:
            self._deliver(event)
        except Exception:
            log.exception("switch_event_not_taken", event_name=type(event).__name__)

    def _broke_off(
        self, command: StartListening | StartOverhearing | StartSilence | StopSilence, reason: str
    ) -> None:
        if command.leg_id in self._legs:
            self._emit(self._failure(command, reason))

    def _from_ami(self, event: SwitchEvent) -> None:
        """A leg whose end was told may still be recorded for a moment: that is no news."""
        if not isinstance(event, RecordingStarted) or event.leg_id in self._legs:
            self._emit(event)

    # --- the connection ------------------------------------------------------------------------------------

    def _on_up(self) -> None:
        self._legs.next_connection()
        self._key_of_bridge.clear()
        self._reconcile()

    def _reconcile(self) -> None:
        self._reconciliation = Reconciliation(
            self._ask, on_truth=self._on_truth, on_failure=self._reconciliation_failed
        )
        self._reconciliation.start()

    def _reconciliation_failed(self, reason: str) -> None:
        log.warning("switch_not_readable_yet", reason=reason)
        self._release_held_back()
        if self._ari.connected:
            loop = asyncio.get_running_loop()
            self._reconcile_again = loop.call_later(RECONCILE_AGAIN_SEC, self._reconcile)

    def _on_truth(self, truth: Truth) -> None:
        restarted = self._switch_started not in (None, truth.started_at)
        self._switch_started = truth.started_at
        truth = self._overhearings.sweep(self._taps.sweep(truth))
        event = switch_connected(
            truth, app=self._app, lines=self._lines, at=self._clock(), restarted=restarted
        )
        phones = self._ami.reachable(event.reachable_phones)
        self._told_connected = True
        self._emit(replace(event, legs=self._legs.adopt(event.legs), reachable_phones=phones))
        self._release_held_back()

    def _release_held_back(self) -> None:
        self._reconciliation = None
        held_back, self._held_back = self._held_back, []
        for event in held_back:
            self._take(event)

    def _on_down(self) -> None:
        if self._reconciliation is not None:
            self._reconciliation.abandon()
            self._release_held_back()
        if self._reconcile_again is not None:
            self._reconcile_again.cancel()
        if self._told_connected:
            self._told_connected = False
            self._emit(SwitchLost(self._clock()))
