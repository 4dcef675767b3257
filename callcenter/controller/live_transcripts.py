"""Talks that are read while they go on: both legs are listened to as long as caller and agent hear each
other.

What should be follows from the call alone: ``follow``, at the end of each message, compares that with what
was brought about, and asks for the difference. So holds, transfers and hand-overs need no rule here, and a
new controller listens again. What is said never comes here: it goes from the switch to the recogniser, and
from there to whoever reads it (callcenter.listening). First there must be somebody to recognise it, then the
switch is asked: it has nothing to do for talks that nobody can hear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.controller.floor import Floor
from callcenter.controller.messages import (
    ForgetTalks,
    ListenToTalk,
    TalkAudioLost,
    TalkAudioWanted,
    TalkOver,
)
from callcenter.domain.call import TRANSCRIBED_LEGS, Call, CallPhase
from callcenter.domain.events import SwitchStateChanged
from callcenter.domain.listening import ListeningFailed, StartListening, StopListening, listening_to

Legs = tuple[tuple[str, str], ...]
"""Each side of a talk with its leg."""


@dataclass(slots=True)
class _Talk:
    talk_id: str
    legs: Legs
    has_audio: bool = False


class LiveTranscripts:
    """Keeps what is listened to in step with the calls."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._talks: dict[str, _Talk] = {}
        """By the call: the talks that this controller has asked to be listened to."""
        self._read: set[str] = set()
        """The calls of which something may have been read."""
        self._all = False
        """Look at every call next."""
        self._wanted = self._any_queue_wants()

    def look_at_all(self) -> None:
        """The settings of the queues have changed."""
        self._all = True
        self._wanted = self._any_queue_wants()

    def follow(self) -> None:
        """Bring what is listened to in step. Out of sight of the switch nothing is done; then all is looked
        at when it is seen again."""
        if not self._floor.switch_up or not (self._wanted or self._talks or self._read):
            return
        for call_id in self._changed():
            call = self._floor.calls.get(call_id)
            talk, legs = self._talks.get(call_id), self._to_be_heard(call)
            if talk is not None and talk.legs != legs:
                self._end(call_id, talk)
                talk = None
            if talk is None and call is not None and legs:
                self._begin(call, legs)
            if call_id in self._read and (call is None or not call.live):
                self._read.remove(call_id)
                self._floor.ask(ForgetTalks(call_id))

    def audio_wanted(self, told: TalkAudioWanted) -> None:
        """There is somebody to listen, or nobody any more; of a talk that is over it does not matter."""
        talk = self._talks.get(told.call_id)
        if talk is None or talk.talk_id != told.talk_id or talk.has_audio == told.wanted:
            return
        if told.wanted:
            talk.has_audio = True
            starts = (StartListening(leg_id, listening_to(talk.talk_id, side)) for side, leg_id in talk.legs)
            self._floor.order(*starts)
        else:
            self._stop_audio(talk)

    def listening_failed(self, call: Call, event: ListeningFailed) -> bool:
        """One side is heard no more, and so neither is; False when it is no listening to a talk."""
        talk = self._talks.get(call.call_id)
        ids = [listening_to(talk.talk_id, side) for side, _ in talk.legs] if talk is not None else ()
        if talk is None or event.listening_id not in ids:
            return False
        if talk.has_audio:
            self._stop_audio(talk)
            self._floor.ask(TalkAudioLost(call.call_id))
        return True

    # --- inner workings ------------------------------------------------------------------------------------

    def _changed(self) -> Iterable[str]:
        """The calls to look at: those that something happened to, or all when the switch was found again."""
        changed: dict[str, None] = {}
        for event in self._floor.outcome.events:
            if isinstance(event, SwitchStateChanged):
                self._all = True
            elif call_id := getattr(event, "call_id", None):
                changed[call_id] = None
        if self._all:
            self._all = False
            return dict.fromkeys([*self._floor.calls, *self._talks])
        return changed

    def _any_queue_wants(self) -> bool:
        return any(queue.live_transcript for queue in self._floor.config.queues.values())

    def _to_be_heard(self, call: Call | None) -> Legs:
        """Both sides of a talk whose queue wants it; of a call that is held, or between two agents, none."""
        talk = call.conversation if call is not None else None
        if call is None or talk is None or not talk.leg_id or call.phase is not CallPhase.TALKING:
            return ()
        if not self._floor.config.queue(talk.queue).live_transcript:
            return ()
        return tuple(zip(TRANSCRIBED_LEGS, (call.leg_id, talk.leg_id), strict=True))

    def _begin(self, call: Call, legs: Legs) -> None:
        """The instant keeps it apart from a talk that an earlier controller listened to."""
        talk = self._talks[call.call_id] = _Talk(f"{call.call_id}.t.{self._floor.now}", legs)
        self._read.add(call.call_id)
        self._floor.ask(ListenToTalk(call.call_id, talk.talk_id, call.language))

    def _end(self, call_id: str, talk: _Talk) -> None:
        del self._talks[call_id]
        if talk.has_audio:
            self._stop_audio(talk)
        self._floor.ask(TalkOver(call_id))

    def _stop_audio(self, talk: _Talk) -> None:
        talk.has_audio = False
        stops = (StopListening(leg_id, listening_to(talk.talk_id, side)) for side, leg_id in talk.legs)
        self._floor.order(*stops)
