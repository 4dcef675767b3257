"""A SIP phone on pjsua2: DTMF, hold, transfer, G.722, any header. `python -m callcenter.phones.pjsua_worker`.

One thread does everything: it handles SIP (`libHandleEvents`), reads commands, and looks after what is due.
The pjsua2 wheel carries four calls per process; the phone refuses a fifth one with `too_many_calls`, because
the library answers it with an assertion that ends the process.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, assert_never

import pjsua2 as pj

from callcenter.phones.pjsua_calls import PjsuaAccount, PjsuaCall, describe
from callcenter.phones.protocol import (
    Answer,
    AnswerAction,
    AnswerPolicy,
    CallCommand,
    Command,
    Decline,
    HangUp,
    Hold,
    PlaceCall,
    Play,
    Quit,
    Ready,
    Record,
    Refusal,
    Register,
    SendDtmf,
    SetAnswerPolicy,
    StopPlaying,
    Transfer,
    Unhold,
    now_ms,
)
from callcenter.phones.worker_process import ParentLink, RefusedError, WorkerOptions, settle_under_parent

MAX_CALLS = 4  # PJSUA_MAX_CALLS of the pjsua2-python 2.15.1.post1 wheel
CODECS = ("G722", "PCMU", "PCMA")
_POLL_MS = 10
_QUIT_WITHIN_MS = 2000
"""Time for the registrar to take the farewell, which SIP repeats after 0.5 and 1.5 s (RFC 3261 17.1.2.2)."""
_PLAYER_KEPT_MS = 5000
_DTMF_DIGITS = frozenset("0123456789*#ABCD")


class PjsuaPhone:
    """The phone: an endpoint on one UDP port, at most one registered account, at most four calls."""

    def __init__(self, options: WorkerOptions, link: ParentLink) -> None:
        self.link = link
        self.calls: dict[str, PjsuaCall] = {}
        self._options = options
        self._policy = AnswerPolicy()
        self._due: list[tuple[int, Callable[[], None]]] = []
        self._retired: list[tuple[int, object]] = []
        self._incoming_count = 0
        self._quit_at: int | None = None
        self._farewell_said = False
        self._endpoint = pj.Endpoint()
        self._transport = self._start()
        self._account = self._create_account("phone", pj.AccountConfig())
        self._set_codecs(options.codecs)

    def run(self) -> None:
        """Serve until Quit, or until the parent is gone."""
        address = self._endpoint.transportGetInfo(self._transport).localAddress
        self.link.emit(Ready(now_ms(), int(address.rpartition(":")[2])))
        while not self._finished():
            for ref, command in self.link.commands():
                self._execute(ref, command)
            self._endpoint.libHandleEvents(_POLL_MS)
            self._do_what_is_due()

    def next_incoming_ref(self) -> str:
        """A name for a call that comes in; starts with "in-", unique in this worker."""
        self._incoming_count += 1
        return f"in-{self._incoming_count}"

    def retire(self, player: object) -> None:
        """Keep a player that plays no more for a while: a thread of pjmedia still tells it of the end of its
        file, and on a busy machine late; had it been released by then, the process would die of it."""
        self._retired.append((now_ms() + _PLAYER_KEPT_MS, player))

    def apply_answer_policy(self, call: PjsuaCall) -> None:
        """Answer or decline by itself, at once or after the policy's delay."""
        policy = self._policy
        match policy.action:
            case AnswerAction.MANUAL:
                return
            case AnswerAction.ANSWER:
                code = 200
            case AnswerAction.DECLINE:
                code = policy.code
                call.ended_here = True
            case _:
                assert_never(policy.action)
        if policy.after_ms <= 0:
            call.reply(code)
        else:
            self._due.append((now_ms() + policy.after_ms, lambda: self._reply_if_ringing(call, code)))

    # Commands ------------------------------------------------------------------------------------------

    def _execute(self, ref: int, command: Command) -> None:
        try:
            self._obey(ref, command)
        except RefusedError as refused:
            self.link.refuse(ref, refused.refusal, str(refused))
        except pj.Error as error:
            self.link.refuse(ref, Refusal.LIBRARY_ERROR, f"{type(command).__name__}: {describe(error)}")
        else:
            self.link.done(ref)

    def _obey(self, ref: int, command: Command) -> None:
        match command:
            case Register():
                self._register(command)
            case SetAnswerPolicy(action, after_ms, code):
                self._policy = AnswerPolicy(action, after_ms, code)
            case PlaceCall():
                self._place_call(command)
            case Quit():
                self._quit()
            case _:
                self._obey_in_call(ref, self._call(command.call_ref), command)

    def _obey_in_call(self, ref: int, call: PjsuaCall, command: CallCommand) -> None:
        match command:
            case Answer():
                self._require_ringing(call).reply(200)
            case Decline(_, code):
                self._decline(call, code)
            case SendDtmf(_, digits):
                self._send_dtmf(call, digits)
            case Play(_, path, loop):
                call.play(ref, path, loop)
            case StopPlaying():
                call.stop_playing()
            case Record(_, path):
                call.record(path)
            case Hold():
                call.setHold(pj.CallOpParam(True))
            case Unhold():
                param = pj.CallOpParam(True)
                param.opt.flag = pj.PJSUA_CALL_UNHOLD
                call.reinvite(param)
            case Transfer(_, target):
                call.xfer(target, pj.CallOpParam(True))
            case HangUp():
                call.ended_here = True
                call.hangup(pj.CallOpParam())
            case _:
                assert_never(command)

    def _register(self, command: Register) -> None:
        config = pj.AccountConfig()
        config.regConfig.registrarUri = f"sip:{command.registrar}"
        config.regConfig.retryIntervalSec = 0  # the parent decides about a second attempt
        config.natConfig.contactRewriteUse = 0
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", command.user, 0, command.password))
        self._account = self._create_account(command.user, config)

    def _place_call(self, command: PlaceCall) -> None:
        if len(self.calls) >= MAX_CALLS:
            raise RefusedError(
                Refusal.TOO_MANY_CALLS,
                f"this phone already has {MAX_CALLS} calls, the limit of a pjsua2 process: use a PhonePool",
            )
        if command.call_ref in self.calls:
            raise RefusedError(Refusal.BAD_ARGUMENT, f"call {command.call_ref} exists already")
        param = pj.CallOpParam(True)
        if command.caller:
            param.txOption.localUri = f"sip:{command.caller}@{self._options.bind}"
        for name, value in command.headers.items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            param.txOption.headers.append(header)
        call = PjsuaCall(self, self._account, command.call_ref)
        if command.record:
            call.record(command.record)
        self.calls[command.call_ref] = call
        self._set_codecs(command.codecs or self._options.codecs)  # the offer is made inside makeCall
        try:
            call.makeCall(command.uri, param)
        except pj.Error:
            del self.calls[command.call_ref]
            raise
        finally:
            self._set_codecs(self._options.codecs)

    def _decline(self, call: PjsuaCall, code: int) -> None:
        if not 400 <= code <= 699:
            raise RefusedError(Refusal.BAD_ARGUMENT, f"{code} declines nothing: want 400 to 699")
        self._require_ringing(call).ended_here = True
        call.reply(code)

    def _send_dtmf(self, call: PjsuaCall, digits: str) -> None:
        if not digits or not set(digits) <= _DTMF_DIGITS:
            raise RefusedError(Refusal.BAD_ARGUMENT, "digits must be one or more of 0-9 * # A-D")
        call.dialDtmf(digits)

    def _call(self, call_ref: str) -> PjsuaCall:
        if call := self.calls.get(call_ref):
            return call
        raise RefusedError(Refusal.UNKNOWN_CALL, f"no call {call_ref}, or it is over")

    def _require_ringing(self, call: PjsuaCall) -> PjsuaCall:
        if call.getInfo().state not in (pj.PJSIP_INV_STATE_INCOMING, pj.PJSIP_INV_STATE_EARLY):
            raise RefusedError(Refusal.WRONG_STATE, f"call {call.ref} does not ring")
        return call

    def _reply_if_ringing(self, call: PjsuaCall, code: int) -> None:
        if call.ref in self.calls and call.getInfo().state == pj.PJSIP_INV_STATE_EARLY:
            call.reply(code)

    # The loop's other half -----------------------------------------------------------------------------

    def _do_what_is_due(self) -> None:
        now = now_ms()
        due = [action for at, action in self._due if at <= now]
        self._due = [entry for entry in self._due if entry[0] > now]
        for action in due:
            action()
        self._retired = [entry for entry in self._retired if entry[0] > now]
        for call in list(self.calls.values()):
            call.watch_playing()
            if call.closed():
                del self.calls[call.ref]

    def _quit(self) -> None:
        self._quit_at = now_ms() + _QUIT_WITHIN_MS
        for call in self.calls.values():
            call.ended_here = True
        self._endpoint.hangupAllCalls()

    def _say_farewell(self) -> None:
        with contextlib.suppress(pj.Error):  # a registration is being renewed: said after that
            self._account.setRegistration(False)
            self._farewell_said = True

    def _finished(self) -> bool:
        if self.link.parent_gone and self._quit_at is None:
            self._quit()
        if self._quit_at is None:
            return False
        if self._account.is_registered and not self._farewell_said:
            self._say_farewell()
        return now_ms() >= self._quit_at or not (self.calls or self._account.is_registered)

    # Starting ------------------------------------------------------------------------------------------

    def _start(self) -> int:
        """Bring up the library on the options' address; the id of its UDP transport."""
        endpoint = self._endpoint
        with _silent_stderr():
            endpoint.libCreate()  # chatters before its log level can be set
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = MAX_CALLS
        config.logConfig.level = config.logConfig.consoleLevel = 1
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.sndAutoCloseTime = (
            -1
        )  # else calls that neither play nor record fall silent after 1 s
        config.medConfig.clockRate = 16000  # wide enough for G.722; narrow calls are resampled
        endpoint.libInit(config)
        endpoint.audDevManager().setNullDev()
        transport = pj.TransportConfig()
        transport.boundAddress = self._options.bind
        transport.port = self._options.sip_port
        transport_id: int = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        endpoint.libStart()
        return transport_id

    def _create_account(self, user: str, config: Any) -> PjsuaAccount:
        options = self._options
        config.idUri = f"sip:{user}@{options.bind}"
        media = config.mediaConfig.transportConfig
        media.boundAddress = options.bind
        media.port, media.portRange = options.rtp_port, options.rtp_port_count
        account = PjsuaAccount(self, user)
        account.create(config, True)
        return account

    def _set_codecs(self, wanted: tuple[str, ...]) -> None:
        """Offer and accept only `wanted`, best first. Priorities are global in pjsua2."""
        if unknown := set(wanted) - set(CODECS):
            raise RefusedError(
                Refusal.BAD_ARGUMENT, f"unknown codec {', '.join(sorted(unknown))}: want {', '.join(CODECS)}"
            )
        for codec in self._endpoint.codecEnum2():
            name = codec.codecId.partition("/")[0]
            priority = 250 - wanted.index(name) if name in wanted else 0
            self._endpoint.codecSetPriority(codec.codecId, priority)


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def main() -> None:
    """Run a phone until it is told to quit."""
    settle_under_parent()
    with contextlib.suppress(PermissionError):  # as a telephone, which has a processor to itself
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))
    options = WorkerOptions.parse()
    try:
        phone = PjsuaPhone(options, ParentLink())
    except (pj.Error, RefusedError) as error:
        sys.exit(f"cannot start on {options.bind}:{options.sip_port}: {describe(error)}")
    phone.run()
    os._exit(0)  # libDestroy takes a second and has nothing left to tell anyone


if __name__ == "__main__":
    main()
