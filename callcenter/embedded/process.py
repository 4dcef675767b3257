"""One process of the centre: started, probed, watched, restarted with back-off, stopped with its parent."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import structlog

from callcenter.embedded import exec_child
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.log_file import LogFile
from callcenter.embedded.process_identity import PidFile, end_processes, identify, processes_in
from callcenter.embedded.taken_ports import Port, require_free

_HANG_CHECK_INTERVAL_SEC = 1.0
_LOG_CHECK_INTERVAL_SEC = 10.0
_PROBE_INTERVAL_SEC = 0.03
_LEFTOVER_GRACE_SEC = 3.0

log = structlog.get_logger(__name__)


class ServiceState(StrEnum):
    """What a service does now."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    READY = "READY"
    BACKING_OFF = "BACKING_OFF"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What a service does now, for the doctor and the page."""

    name: str
    state: ServiceState
    pid: int | None
    restarts: int
    detail: str


TELEPHONY_FIRST = -10
"""The niceness of the switch and of the controller: a packet of sound that is sent late is not heard, and
callers wait for what the controller decides."""
BEHIND_TELEPHONY = 5
"""The niceness of the stores: no caller waits for them, and a busy machine must not let the switch wait."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """How one process is run."""

    name: str
    argv: tuple[str, ...]
    log_path: Path
    pid_path: Path
    own_logs: tuple[Path, ...] = ()
    """Files that the process itself appends to; kept within the same bounds."""
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path | None = None
    """Where it runs; when given, private to this service: any process of its program there is a leftover."""
    user: str | None = None
    """Run as this user; only root can."""
    niceness: int = 0
    """Added to ours. Below zero it comes first where we may do that, which mostly only root may."""
    stop_signal: signal.Signals = signal.SIGTERM
    """Asks for an orderly end; also sent by the kernel when the parent dies."""
    stop_grace_sec: float = 10.0
    leftover_signal: signal.Signals = signal.SIGTERM
    """Asks what a killed supervisor, or a killed main process, left running to end."""
    ports: tuple[Port, ...] = ()
    """What it listens on; looked at before the first start, for a clear message."""


@dataclass(slots=True)
class Backoff:
    """How long to wait before a restart: twice as long each time, up to a cap, anew after a stable run."""

    first_sec: float = 0.1
    cap_sec: float = 15.0
    stable_after_sec: float = 30.0
    _ends_in_a_row: int = 0

    def after_run(self, ran_sec: float) -> float:
        """Seconds to wait after a run that lasted `ran_sec`."""
        self._ends_in_a_row = 0 if ran_sec >= self.stable_after_sec else self._ends_in_a_row
        self._ends_in_a_row += 1
        return min(self.cap_sec, self.first_sec * 2.0 ** min(self._ends_in_a_row - 1, 30))


async def _always() -> bool:
    return True


async def _nothing() -> None:
    return


def _never() -> bool:
    return False


class SupervisedProcess:
    """Keeps one process running until `stop`.

    `probe` answers whether the process does its work yet, and is asked until it does; it must not raise.
    `prepare` runs before each spawn, once no leftover is alive; `clear_up` runs after each end and must not
    raise. An end before the process was ever ready is a failure to start and is not retried; any later end
    leads to a restart. `hangs` is asked each second once it is ready: a process that does is killed, and so
    restarted.

    Call from the main thread only: the kernel ties "dies with its parent" to the thread that spawns.
    """

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        probe: Callable[[], Awaitable[bool]] = _always,
        prepare: Callable[[], Awaitable[None]] = _nothing,
        clear_up: Callable[[], Awaitable[None]] = _nothing,
        hangs: Callable[[], bool] = _never,
        ready_within_sec: float = 30.0,
        backoff: Backoff | None = None,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self._probe = probe
        self._prepare, self._clear_up, self._hangs = prepare, clear_up, hangs
        self._ready_within_sec = ready_within_sec
        self._backoff = backoff or Backoff()
        self._log_file = LogFile(spec.log_path)
        self._all_logs = (self._log_file, *map(LogFile, spec.own_logs))
        self._pid_file = PidFile(spec.pid_path)
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._state = ServiceState.STOPPED
        self._ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._restarts = 0
        self._detail = ""

    async def start(self) -> None:
        """Spawn the process, after ending what an earlier supervisor left running of it.

        Returns when it is spawned, not when it is ready. Raises ServiceError: a port is taken, another living
        centre runs it, the log cannot be written.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("processes that die with their parent must be spawned from the main thread")
        leftover = self._pid_file.claim(self.name)
        try:
            if leftover:
                await end_processes([leftover], self.spec.leftover_signal, _LEFTOVER_GRACE_SEC)
            require_free(self.name, self.spec.ports)
            self._stopping.clear()
            process = await self._spawn()
        except BaseException:
            self._pid_file.release()
            raise
        self._keeper = asyncio.create_task(self._keep_running(process), name=f"keep {self.name} running")

    async def wait_ready(self) -> None:
        """Wait until the process does its work. Raises ServiceError when it ends first or takes too long."""
        assert self._keeper is not None, "call start() first"
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait(
                {ready, self._keeper}, timeout=self._ready_within_sec, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
        if not self._ready.is_set():
            what = self._detail or f"not ready within {self._ready_within_sec:.0f} s"
            last_words = self._log_file.last_line()
            raise ServiceError(
                f"{self.name}: {what}" + (f": {last_words}" if last_words else ""),
                f"see {self._log_file.path}",
            )

    async def stop(self) -> None:
        """End the process: asked first, killed after the grace. Afterwards it is not alive. Idempotent."""
        self._stopping.set()
        if self._process and self._process.returncode is None:
            identity = identify(self._process.pid)
            if identity:
                await end_processes([identity], self.spec.stop_signal, self.spec.stop_grace_sec)
        if self._keeper:
            await self._keeper
            self._keeper = None
        self._state = ServiceState.STOPPED
        self._pid_file.release()

    def status(self) -> ServiceStatus:
        """What the process does now."""
        pid = self._process.pid if self._process and self._process.returncode is None else None
        return ServiceStatus(self.name, self._state, pid, self._restarts, self._detail)

    async def _keep_running(self, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        log_watch = asyncio.create_task(self._watch_log())
        was_ready = False
        try:
            while True:
                started = loop.time()
                watching = asyncio.create_task(self._look_after(process))
                status = await process.wait()
                was_ready = was_ready or self._ready.is_set()
                await _cancel(watching)
                self._ready.clear()
                await self._clear_up()
                if self._stopping.is_set():
                    return
                self._detail = _ended(status)
                if not was_ready:
                    self._state = ServiceState.FAILED
                    return
                process = await self._restart(self._backoff.after_run(loop.time() - started))
                if self._stopping.is_set():
                    process.kill()
        except _StopRequestedError:
            return
        finally:
            await _cancel(log_watch)

    async def _restart(self, delay_sec: float) -> asyncio.subprocess.Process:
        """A new process, after as many attempts as it takes."""
        while True:
            log.warning(
                "service ended, restarting", service=self.name, ended=self._detail, delay_sec=delay_sec
            )
            self._state = ServiceState.BACKING_OFF
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay_sec):
                    await self._stopping.wait()
                raise _StopRequestedError
            self._restarts += 1
            try:
                return await self._spawn()
            except (ServiceError, OSError) as refused:
                self._detail = str(refused)
                delay_sec = self._backoff.after_run(0.0)

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._state = ServiceState.STARTING
        spec = self.spec
        if spec.cwd:
            leftovers = processes_in(spec.cwd, Path(spec.argv[0]).name)
            await end_processes(leftovers, spec.leftover_signal, _LEFTOVER_GRACE_SEC)
        await self._prepare()
        try:
            output = self._log_file.open()
        except OSError as refused:
            raise ServiceError(
                f"{self.name}: cannot write {spec.log_path}: {refused.strerror}",
                "give this user write access to that directory, or free space on its disk",
            ) from refused
        command = exec_child.command_line(
            spec.argv, signal_number=spec.stop_signal, user=spec.user, niceness=spec.niceness
        )
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=spec.cwd,
                env=dict(spec.env),
                # A terminal's Ctrl-C reaches the supervisor only, which stops everything in order.
                start_new_session=True,
            )
        except OSError as refused:
            raise ServiceError(f"{self.name} cannot be started: {refused}", "see the message") from refused
        finally:
            os.close(output)
        # A full disk must not keep a service down: the pid file only helps to find leftovers.
        with contextlib.suppress(OSError):
            if identity := identify(self._process.pid):
                self._pid_file.write(identity)
        return self._process

    async def _look_after(self, process: asyncio.subprocess.Process) -> None:
        while not await self._probe():
            await asyncio.sleep(_PROBE_INTERVAL_SEC)
        self._state = ServiceState.READY
        self._detail = ""
        self._ready.set()
        while not self._hangs():
            await asyncio.sleep(_HANG_CHECK_INTERVAL_SEC)
        log.error("service hangs, killed", service=self.name, pid=process.pid)
        with contextlib.suppress(ProcessLookupError):  # it has ended just now
            process.kill()

    async def _watch_log(self) -> None:
        while True:
            await asyncio.sleep(_LOG_CHECK_INTERVAL_SEC)
            for log_file in self._all_logs:
                with contextlib.suppress(OSError):  # A full disk must not end the watch.
                    log_file.rotate_when_full()


class _StopRequestedError(Exception):
    """Ends the wait before a restart."""


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"
