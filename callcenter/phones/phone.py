"""The asyncio side of a simulated phone: `Phone` is a worker process, `PhoneCall` one call on it."""

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Literal, assert_never

from callcenter.phones.call import CallEndedError, PhoneCall, PhoneError
from callcenter.phones.lines import ProtocolError, decode_event, encode_command
from callcenter.phones.protocol import (
    AnswerPolicy,
    Command,
    CommandDone,
    CommandRefused,
    Confirmed,
    Disconnected,
    DtmfReceived,
    EndedBy,
    Event,
    Incoming,
    MediaChanged,
    MediaStats,
    PlaceCall,
    PlayDone,
    Quit,
    Ready,
    Refusal,
    Register,
    Registered,
    RegistrationFailed,
    Ringing,
    SetAnswerPolicy,
    TransferProgress,
    WorkerFault,
    now_ms,
)
from callcenter.phones.worker_process import WorkerOptions

__all__ = [
    "CallEndedError",
    "CommandRefusedError",
    "Phone",
    "PhoneCall",
    "PhoneError",
    "PhoneGoneError",
    "PhoneKind",
    "RegistrationFailedError",
]

PhoneKind = Literal["pjsua", "pyvoip"]
LINES: Mapping[PhoneKind, int] = {"pjsua": 4, "pyvoip": 4}
_WORKERS: Mapping[PhoneKind, str] = {
    "pjsua": "callcenter.phones.pjsua_worker",
    "pyvoip": "callcenter.phones.pyvoip_worker",
}
_START_WITHIN_SEC = 10.0
_ANSWER_COMMAND_WITHIN_SEC = 5.0
_LEAVE_WITHIN_SEC = 3.0


class PhoneGoneError(PhoneError):
    """The worker process has ended; its last words are in the message."""


class CommandRefusedError(PhoneError):
    """The worker did not carry out a command, and has not changed anything."""

    def __init__(self, refused: CommandRefused) -> None:
        super().__init__(f"{refused.refusal}: {refused.text}")
        self.refusal: Refusal = refused.refusal


class RegistrationFailedError(PhoneError):
    """The registrar said no, or nothing."""

    def __init__(self, failed: RegistrationFailed) -> None:
        super().__init__(f"registration failed: {failed.sip_code} {failed.reason}")
        self.sip_code = failed.sip_code


class Phone:
    """A SIP phone in a process of its own. Use `async with Phone.start(...)`, or `open` and `close`.

    A worker that dies ends its calls (`Disconnected.by` is WORKER), fails pending commands with
    PhoneGoneError and ends `incoming()`; nothing waits for it for ever.
    """

    def __init__(self, process: asyncio.subprocess.Process, kind: PhoneKind, name: str) -> None:
        """Use `open`, which also waits until the worker is ready."""
        self.kind = kind
        self.name = name
        self.sip_port = 0
        self.faults: list[WorkerFault] = []
        self._process = process
        self._calls: dict[str, PhoneCall] = {}
        self._acks: dict[int, asyncio.Future[CommandDone | CommandRefused]] = {}
        self._command_count = 0
        self._call_count = 0
        self._incoming: asyncio.Queue[PhoneCall | None] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._registration: asyncio.Queue[Registered | RegistrationFailed] = asyncio.Queue()
        self._gone: str | None = None
        self._last_words: deque[str] = deque(maxlen=20)
        self._tasks = [asyncio.create_task(self._read_events()), asyncio.create_task(self._read_stderr())]

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        kind: PhoneKind = "pjsua",
        *,
        bind: str = "127.0.0.1",
        sip_port: int = 0,
        rtp_port: int = 0,
        rtp_port_count: int = 16,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> AsyncIterator["Phone"]:
        """A phone for the length of the block. Parameters and errors as for `open`."""
        phone = await cls.open(
            kind,
            bind=bind,
            sip_port=sip_port,
            rtp_port=rtp_port,
            rtp_port_count=rtp_port_count,
            codecs=codecs,
        )
        try:
            yield phone
        finally:
            await phone.close()

    @classmethod
    async def open(
        cls,
        kind: PhoneKind = "pjsua",
        *,
        bind: str = "127.0.0.1",
        sip_port: int = 0,
        rtp_port: int = 0,
        rtp_port_count: int = 16,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> "Phone":
        """Start a worker on the address `bind` and wait until it listens; afterwards you must `close` it.

        Port 0 means any free one. `codecs` (best first, of "G722", "PCMU", "PCMA") is what it offers and
        accepts. PhoneGoneError if the worker cannot start, with the reason (a port in use, for one).
        """
        options = WorkerOptions(bind, sip_port, rtp_port, rtp_port_count, codecs)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _WORKERS[kind],
            *options.arguments(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        phone = cls(process, kind, f"{kind} phone on {bind}:{sip_port or 'any port'}")
        try:
            async with asyncio.timeout(_START_WITHIN_SEC):
                await phone._ready.wait()
            phone._check_alive()
        except BaseException:
            await phone.close()
            raise
        return phone

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def open_calls(self) -> tuple[PhoneCall, ...]:
        """The calls that have not ended."""
        return tuple(self._calls.values())

    @property
    def gone(self) -> bool:
        """True once the worker has ended, by `close` or by accident."""
        return self._gone is not None

    async def register(
        self, user: str, password: str, registrar: str, *, timeout_sec: float = 10.0
    ) -> Registered:
        """Register as `user` at `registrar` ("host:port"); RegistrationFailedError if refused."""
        await self.execute(Register(user, password, registrar))
        async with asyncio.timeout(timeout_sec):
            match await self._registration.get():
                case Registered() as registered:
                    return registered
                case RegistrationFailed() as failed:
                    self._check_alive()
                    raise RegistrationFailedError(failed)

    async def set_answer_policy(self, policy: AnswerPolicy) -> None:
        """From now on treat incoming calls like this; a new phone is MANUAL."""
        await self.execute(SetAnswerPolicy(policy.action, policy.after_ms, policy.code))

    async def call(
        self,
        uri: str,
        *,
        caller: str = "",
        headers: Mapping[str, str] | None = None,
        codecs: tuple[str, ...] = (),
        record: str = "",
        on_end: Callable[[], None] | None = None,
    ) -> PhoneCall:
        """Send an INVITE to `uri` ("sip:4001@127.0.0.1:5060") and return at once; see PhoneCall.

        `caller` is the From number, `headers` go into the INVITE, `record` is a WAV file for what is heard.
        CommandRefusedError (too_many_calls) beyond four calls at once.
        """
        self._call_count += 1
        call = PhoneCall(self.execute, f"out-{self._call_count}", caller=caller, on_end=on_end)
        self._calls[call.ref] = call
        try:
            await self.execute(PlaceCall(call.ref, uri, caller, dict(headers or {}), codecs, record))
        except PhoneError:
            self._calls.pop(call.ref, None)
            raise
        return call

    async def incoming(self) -> AsyncIterator[PhoneCall]:
        """The calls that ring here, one after the other, until the phone is closed or gone."""
        while (call := await self._incoming.get()) is not None:
            yield call
        self._incoming.put_nowait(None)  # for the next reader

    async def next_call(self, *, timeout_sec: float = 10.0) -> PhoneCall:
        """The next call that rings here; TimeoutError, or PhoneGoneError if none can come any more."""
        async with asyncio.timeout(timeout_sec):
            async for call in self.incoming():
                return call
        raise PhoneGoneError(self._gone or self.name)

    async def execute(self, command: Command) -> int:
        """Have the worker carry out `command`; its ref. CommandRefusedError or PhoneGoneError if not."""
        self._check_alive()
        self._command_count += 1
        ref = self._command_count
        ack = self._acks[ref] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode_command(ref, command))
            async with asyncio.timeout(_ANSWER_COMMAND_WITHIN_SEC):
                answer = await ack
        except TimeoutError as error:
            raise PhoneGoneError(
                f"{self.name} (process {self.pid}) does not react to {type(command).__name__}"
            ) from error
        except (BrokenPipeError, ConnectionResetError) as error:
            raise PhoneGoneError(f"{self.name} has ended") from error
        finally:
            self._acks.pop(ref, None)
        if isinstance(answer, CommandRefused):
            self._check_alive()
            raise CommandRefusedError(answer)
        return ref

    async def close(self) -> None:
        """Hang up, unregister and end the worker; returns when it is gone. Never raises."""
        if self._process.returncode is None:
            with contextlib.suppress(PhoneError):
                await self.execute(Quit())
            try:
                async with asyncio.timeout(_LEAVE_WITHIN_SEC):
                    await self._process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
        await asyncio.gather(*self._tasks)

    # What the worker says ------------------------------------------------------------------------------

    async def _read_events(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                self._take(decode_event(line))
        except ProtocolError as error:
            self._last_words.append(str(error))
            self._process.kill()
        await self._process.wait()
        await self._tasks[1]
        words = "; ".join([f"exit status {self._process.returncode}", *self._last_words])
        self._bury(f"{self.name} has ended: {words}")

    async def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._last_words.append(line.decode(errors="replace").rstrip())

    def _take(self, event: Event) -> None:
        match event:
            case Ready():
                self.sip_port = event.sip_port
                self._ready.set()
            case CommandDone() | CommandRefused():
                ack = self._acks.get(event.ref)
                if ack is not None and not ack.done():
                    ack.set_result(event)
            case Registered() | RegistrationFailed():
                self._registration.put_nowait(event)
            case WorkerFault():
                self.faults.append(event)
            case Incoming():
                call = PhoneCall(self.execute, event.call_ref, caller=event.caller, headers=event.headers)
                self._calls[call.ref] = call
                call.apply(event)
                self._incoming.put_nowait(call)
            case Disconnected():
                if call_over := self._calls.pop(event.call_ref, None):
                    call_over.apply(event)
            case (
                Ringing()
                | Confirmed()
                | MediaChanged()
                | DtmfReceived()
                | PlayDone()
                | TransferProgress()
                | MediaStats()
            ):
                if open_call := self._calls.get(event.call_ref):
                    open_call.apply(event)
            case _:
                assert_never(event)

    def _bury(self, reason: str) -> None:
        """The worker is gone: end what was going on."""
        self._gone = reason
        self._ready.set()
        for ref, ack in self._acks.items():
            if not ack.done():
                ack.set_result(CommandRefused(now_ms(), ref, Refusal.LIBRARY_ERROR, reason))
        self._registration.put_nowait(RegistrationFailed(now_ms(), "", 0, reason))
        for call_ref in list(self._calls):
            self._take(Disconnected(now_ms(), call_ref, 0, reason, EndedBy.WORKER))
        self._incoming.put_nowait(None)

    def _check_alive(self) -> None:
        if self._gone is not None:
            raise PhoneGoneError(self._gone)
