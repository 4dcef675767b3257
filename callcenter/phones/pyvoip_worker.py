"""A plain narrowband SIP phone on pyVoIP 1.6.8. `python -m callcenter.phones.pyvoip_worker`.

A second, independent SIP and RTP implementation beside pjsua2, for phones that only talk and listen. PCMU
only, audio of 8 bit. It rings for at least a second before it answers (a timer inside pyVoIP).

It answers these commands with `unsupported`, because pyVoIP cannot do them: SendDtmf, Hold, Unhold, Transfer,
PlaceCall with headers or another codec, a decline other than 486, hanging up a placed call before the answer.
A placed call that is challenged (401) ends as refused: it suits trunks that are known by their address.
`pyvoip_cured` mends what a call centre meets daily.
"""

import contextlib
import itertools
import os
import queue
import socket
import sys
import threading
import traceback
from typing import Any, assert_never

from pyVoIP.VoIP.status import PhoneStatus
from pyVoIP.VoIP.VoIP import CallState

from callcenter.phones.protocol import (
    Answer,
    AnswerAction,
    AnswerPolicy,
    CallCommand,
    Command,
    Decline,
    HangUp,
    Hold,
    Incoming,
    PlaceCall,
    Play,
    Quit,
    Ready,
    Record,
    Refusal,
    Register,
    Registered,
    RegistrationFailed,
    SendDtmf,
    SetAnswerPolicy,
    StopPlaying,
    Transfer,
    Unhold,
    now_ms,
)
from callcenter.phones.pyvoip_calls import PyvoipCall
from callcenter.phones.pyvoip_cured import CuredPhone
from callcenter.phones.sip_text import user_part
from callcenter.phones.worker_process import ParentLink, RefusedError, WorkerOptions, settle_under_parent

_POLL_SEC = 0.02
_MAX_CALLS = 4


class PyvoipPhone:
    """The phone: pyVoIP's threads do SIP and RTP, the main thread reads commands and watches the calls."""

    def __init__(self, options: WorkerOptions, link: ParentLink) -> None:
        self._options = options
        self._link = link
        self._sip_port = options.sip_port or _free_port(options.bind)
        self._rtp_port = options.rtp_port or _free_port(options.bind)
        self._phone: CuredPhone | None = None
        self._policy = AnswerPolicy()
        self._calls: dict[str, PyvoipCall] = {}
        self._answers: dict[str, int] = {}
        self._incoming = itertools.count(1)
        self._arrived: queue.SimpleQueue[PyvoipCall] = queue.SimpleQueue()
        self._quitting = False

    def run(self) -> None:
        """Serve until Quit, or until the parent is gone."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((self._options.bind, self._sip_port))
        self._link.emit(Ready(now_ms(), self._sip_port))
        while not (self._quitting or self._link.parent_gone):
            for ref, command in self._link.commands(_POLL_SEC):
                self._execute(ref, command)
            self._watch()
        for call in self._calls.values():
            with contextlib.suppress(RefusedError):
                self._hang_up(call)
        self._watch()
        if self._phone is not None:
            self._phone.stop()

    def _execute(self, ref: int, command: Command) -> None:
        try:
            self._obey(ref, command)
        except RefusedError as refused:
            self._link.refuse(ref, refused.refusal, str(refused))
        except Exception as error:  # pyVoIP raises whatever its dictionaries and sockets raise
            self._link.refuse(ref, Refusal.LIBRARY_ERROR, f"{type(error).__name__}: {error}")
        else:
            self._link.done(ref)

    def _obey(self, ref: int, command: Command) -> None:
        match command:
            case Register():
                threading.Thread(target=self._register, args=(command,), daemon=True).start()
            case SetAnswerPolicy(action, after_ms, code):
                if action is AnswerAction.DECLINE and code != 486:
                    raise RefusedError(Refusal.UNSUPPORTED, f"pyVoIP declines with 486 only, not {code}")
                self._policy = AnswerPolicy(action, after_ms, code)
            case PlaceCall():
                self._place_call(command)
            case Quit():
                self._quitting = True
            case _:
                self._obey_in_call(ref, self._call(command.call_ref), command)

    def _obey_in_call(self, ref: int, call: PyvoipCall, command: CallCommand) -> None:
        match command:
            case Answer():
                self._require_ringing(call).call.answer()
            case Decline(_, code):
                if code != 486:
                    raise RefusedError(Refusal.UNSUPPORTED, f"pyVoIP declines with 486 only, not {code}")
                self._hang_up(self._require_ringing(call))
            case Play(_, path, loop):
                call.play(ref, path, loop)
            case StopPlaying():
                call.stop_playing()
            case Record(_, path):
                call.record(path)
            case HangUp():
                self._hang_up(call)
            case SendDtmf() | Hold() | Unhold() | Transfer():
                raise RefusedError(
                    Refusal.UNSUPPORTED, f"pyVoIP cannot do {type(command).__name__}: use a pjsua phone"
                )
            case _:
                assert_never(command)

    # Commands ------------------------------------------------------------------------------------------

    def _register(self, command: Register) -> None:
        host, _, port = command.registrar.partition(":")
        self._phone = phone = self._open(host, int(port or 5060), command.user, command.password, True)
        if phone.get_status() is PhoneStatus.REGISTERED:
            self._link.emit(Registered(now_ms(), command.user))
        else:
            self._link.emit(RegistrationFailed(now_ms(), command.user, 403, "refused, or no answer"))

    def _place_call(self, command: PlaceCall) -> None:
        if command.headers or (command.codecs and "PCMU" not in command.codecs):
            raise RefusedError(
                Refusal.UNSUPPORTED, "pyVoIP sends no headers and only PCMU: use a pjsua phone"
            )
        if len(self._calls) >= _MAX_CALLS:
            raise RefusedError(Refusal.TOO_MANY_CALLS, f"this phone already has {_MAX_CALLS} calls")
        host, _, port = command.uri.rpartition("@")[2].partition(":")
        if self._phone is None:
            self._phone = self._open(host, int(port or 5060), command.caller or "phone", "", False)
        self._phone.sip.username = command.caller or self._phone.username
        call = PyvoipCall(
            self._link, command.call_ref, self._phone.call(user_part(command.uri)), self._phone.refused
        )
        if command.record:
            call.record(command.record)
        self._calls[call.ref] = call

    def _open(self, host: str, port: int, user: str, password: str, registered: bool) -> CuredPhone:
        last_rtp_port = self._rtp_port + self._options.rtp_port_count - 1
        phone = CuredPhone(
            registered,
            host,
            port,
            user,
            password,
            myIP=self._options.bind,
            callCallback=self._take_incoming,
            sipPort=self._sip_port,
            rtpPortLow=self._rtp_port,
            rtpPortHigh=last_rtp_port,
        )
        phone.start()
        return phone

    def _hang_up(self, call: PyvoipCall) -> None:
        call.ended_here = True
        match call.state:
            case CallState.RINGING:
                self._require_phone().refuse(call.call, 486, "Busy Here")
            case CallState.ANSWERED:
                call.call.hangup()
            case CallState.DIALING:
                raise RefusedError(Refusal.UNSUPPORTED, "pyVoIP cannot cancel a call that is not answered")

    def _call(self, call_ref: str) -> PyvoipCall:
        if call := self._calls.get(call_ref):
            return call
        raise RefusedError(Refusal.UNKNOWN_CALL, f"no call {call_ref}, or it is over")

    def _require_ringing(self, call: PyvoipCall) -> PyvoipCall:
        if call.state is not CallState.RINGING:
            raise RefusedError(Refusal.WRONG_STATE, f"call {call.ref} does not ring")
        return call

    def _require_phone(self) -> CuredPhone:
        assert self._phone is not None
        return self._phone

    # Calls ---------------------------------------------------------------------------------------------

    def _take_incoming(self, call: Any) -> None:
        """Runs on a thread of pyVoIP, which forgets the call when that thread ends: so it stays."""
        ours = PyvoipCall(self._link, f"in-{next(self._incoming)}", call, self._require_phone().refused)
        self._arrived.put(ours)
        ours.over.wait()

    def _ring(self, call: PyvoipCall) -> None:
        request = call.call.request
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        self._link.emit(Incoming(now_ms(), call.ref, request.headers["From"]["number"], headers))
        self._calls[call.ref] = call
        if self._policy.action is not AnswerAction.MANUAL:
            self._answers[call.ref] = now_ms() + self._policy.after_ms

    def _watch(self) -> None:
        while not self._arrived.empty():
            self._ring(self._arrived.get())
        now = now_ms()
        for ref, at in list(self._answers.items()):
            if at <= now:
                del self._answers[ref]
                self._act_on_policy(ref)
        for call in list(self._calls.values()):
            call.watch()
            if call.over.is_set():
                del self._calls[call.ref]

    def _act_on_policy(self, call_ref: str) -> None:
        call = self._calls.get(call_ref)
        if call is None or call.state is not CallState.RINGING:
            return
        if self._policy.action is AnswerAction.ANSWER:
            call.call.answer()
        else:
            self._hang_up(call)


def _free_port(bind: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((bind, 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Run a phone until it is told to quit."""
    settle_under_parent()
    options = WorkerOptions.parse()
    try:
        PyvoipPhone(options, ParentLink()).run()
    except OSError as error:
        print(f"phone on {options.bind}:{options.sip_port}: {error}", file=sys.stderr)  # noqa: T201
        status = 1
    except BaseException:
        traceback.print_exc()
        status = 1
    else:
        status = 0
    sys.stderr.flush()
    os._exit(status)  # pyVoIP's timers would keep the process


if __name__ == "__main__":
    main()
