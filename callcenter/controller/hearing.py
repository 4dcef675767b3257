"""Callers who are listened to: recognition first, then the audio of their leg, and both ended together.

Nothing of it is journaled: after a restart the flow enters its node again, and asks again. What an earlier
controller left in the switch goes with it (StartListening).
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.controller.floor import Floor
from callcenter.controller.messages import Listen, NoLongerListen
from callcenter.domain.call import Call
from callcenter.domain.listening import StartListening, StopListening
from ivr_flows.effects import BeginListening, EndListening


@dataclass(slots=True)
class _Listening:
    token: str
    leg_id: str
    has_audio: bool = False


class HearingDriver:
    """Runs at most one listening per call."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._listenings: dict[str, _Listening] = {}

    def carry_out(self, call: Call, effect: BeginListening | EndListening) -> None:
        """As the flow wants it."""
        if isinstance(effect, BeginListening):
            self._begin(call, effect)
        else:
            self.end(call.call_id, effect.token)

    def ready(self, call: Call, token: str) -> None:
        """There is somebody to listen: now the audio, unless it is too late."""
        listening = self._listenings.get(call.call_id)
        if listening is not None and listening.token == token and not listening.has_audio:
            listening.has_audio = True
            self._floor.order(StartListening(listening.leg_id, _id(call.call_id, token)))

    def token_of(self, call: Call, listening_id: str) -> str | None:
        """The token of the call's listening, if it is this one."""
        listening = self._listenings.get(call.call_id)
        is_this = listening is not None and _id(call.call_id, listening.token) == listening_id
        return listening.token if listening and is_this else None

    def end(self, call_id: str, token: str | None = None) -> None:
        """Listen no longer (``token``: only if it is this one that is listened to)."""
        listening = self._listenings.get(call_id)
        if listening is None or token not in (None, listening.token):
            return
        del self._listenings[call_id]
        listening_id = _id(call_id, listening.token)
        if listening.has_audio:
            self._floor.order(StopListening(listening.leg_id, listening_id))
        self._floor.ask(NoLongerListen(listening_id))

    def _begin(self, call: Call, effect: BeginListening) -> None:
        """Ask for recognition; without it the switch has nothing to do."""
        self._listenings[call.call_id] = _Listening(effect.token, call.leg_id)
        listening_id = _id(call.call_id, effect.token)
        self._floor.ask(
            Listen(call.call_id, effect.token, listening_id, effect.language, effect.phrases, effect.pause_ms)
        )


def _id(call_id: str, token: str) -> str:
    return f"{call_id}.h.{token}"
