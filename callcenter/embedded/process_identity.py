"""Which process is meant by a pid file, told apart from a later one with the same number (proc(5))."""

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from callcenter.embedded.errors import ServiceError

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process for ever: its number, when it started (clock ticks since boot), and which boot that was."""

    pid: int
    start_ticks: int
    boot: str

    def is_alive(self) -> bool:
        """True while this very process runs; a zombie counts as ended."""
        return identify(self.pid) == self


def identify(pid: int) -> ProcessIdentity | None:
    """The process that has this number now; None when there is none, or only a zombie."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    # The program's name, field 2, may hold blanks and parentheses: count from its last one.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else ProcessIdentity(pid, int(fields[18]), boot)


def processes_in(directory: Path, program: str) -> list[ProcessIdentity]:
    """The visible processes of `program` (its file's name) whose working directory is `directory`."""
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            is_in_directory = Path(os.readlink(entry / "cwd")) == directory
            # The kernel keeps 15 characters of a program's name.
            is_program = (entry / "comm").read_text().rstrip("\n") == program[:15]
            if is_in_directory and is_program and (identity := identify(int(entry.name))):
                found.append(identity)
    return found


ASK_AGAIN_SEC = 0.5


async def end_processes(
    processes: Collection[ProcessIdentity], first_signal: signal.Signals, grace_sec: float
) -> None:
    """Ask these processes to end, then kill those that have not after `grace_sec`; afterwards none is alive.

    They are asked again and again: a program that is just starting (Asterisk) may not hear the first time.
    Works for processes that are not children. Raises ServiceError when one belongs to somebody else.
    """
    now = asyncio.get_running_loop().time
    for chosen, patience_sec in ((first_signal, grace_sec), (signal.SIGKILL, 5.0)):
        deadline, asked_at = now() + patience_sec, 0.0
        while any(process.is_alive() for process in processes):
            if now() > deadline:
                break
            if now() - asked_at >= ASK_AGAIN_SEC:
                asked_at = now()
                for process in processes:
                    _send(process, chosen)
            await asyncio.sleep(0.01)
        else:
            return
    survivors = [str(process.pid) for process in processes if process.is_alive()]
    raise ServiceError(f"process {', '.join(survivors)} does not end", "end it by hand, then start again")


def _send(process: ProcessIdentity, chosen: signal.Signals) -> None:
    if not process.is_alive():
        return
    try:
        os.kill(process.pid, chosen)
    except ProcessLookupError:
        return
    except PermissionError as refused:
        raise ServiceError(
            f"process {process.pid} of an earlier start belongs to another user", f"kill {process.pid}"
        ) from refused


class PidFile:
    """The claim of one supervisor on one service, and the identity of the process that it runs.

    The claim is a lock on the file, so it ends with its holder however that ends; what the file then still
    names is a leftover of that holder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def claim(self, service: str) -> ProcessIdentity | None:
        """Take the claim; answers the process that an earlier holder left running.

        Raises ServiceError when a living supervisor holds it.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as refused:
            raise ServiceError(
                f"{service}: cannot write {self.path}: {refused.strerror}",
                "give this user write access to that directory, or free space on its disk",
            ) from refused
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            running = self._read()
            raise ServiceError(
                f"{service} is already run here by another centre"
                + (f" (its {service} is process {running.pid})" if running else ""),
                "stop that centre first, or give this one another centre.data_dir",
            ) from None
        self._handle = handle
        leftover = self._read()
        return leftover if leftover and leftover.is_alive() else None

    def write(self, process: ProcessIdentity) -> None:
        """Note the process now run; only with the claim."""
        assert self._handle is not None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{process.pid} {process.start_ticks} {process.boot}\n".encode(), 0)

    def release(self) -> None:
        """Give the claim up, with nothing left running."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def _read(self) -> ProcessIdentity | None:
        try:
            pid, start_ticks, boot = self.path.read_text().split()
            return ProcessIdentity(int(pid), int(start_ticks), boot)
        except (OSError, ValueError):
            return None
