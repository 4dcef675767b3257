"""Supervised processes, with real children."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from callcenter.embedded.errors import ServiceError
from callcenter.embedded.process import Backoff, ProcessSpec, ServiceState, SupervisedProcess
from callcenter.embedded.process_identity import identify
from callcenter.embedded.supervisor import Supervisor
from callcenter.embedded.taken_ports import Port

pytestmark = pytest.mark.integration

_RUNS_ON = "import signal; print('up', flush=True); signal.pause()"
_IGNORES_TERM = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def _spec(directory: Path, code: str, *, name: str = "worker", grace_sec: float = 5.0) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-I", "-S", "-c", code),
        log_path=directory / f"{name}.log",
        pid_path=directory / f"{name}.pid",
        stop_grace_sec=grace_sec,
    )


def _says_up(spec: ProcessSpec) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return spec.log_path.exists() and "up" in spec.log_path.read_text()

    return probe


def _supervised(spec: ProcessSpec) -> SupervisedProcess:
    return SupervisedProcess(spec, probe=_says_up(spec), backoff=Backoff(first_sec=0.02, cap_sec=0.1))


def _pid(process: SupervisedProcess) -> int:
    pid = process.status().pid
    assert pid is not None
    return pid


async def _until(process: SupervisedProcess, state: ServiceState, *, restarts: int = 0) -> None:
    async with asyncio.timeout(10):
        while (process.status().state, process.status().restarts) != (state, restarts):
            await asyncio.sleep(0.01)


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[SupervisedProcess]:
    """A ready process that does nothing."""
    process = _supervised(_spec(tmp_path, _RUNS_ON))
    await process.start()
    await process.wait_ready()
    yield process
    await process.stop()


async def test_a_killed_process_comes_back(worker: SupervisedProcess) -> None:
    """Each kill leads to a new process, and the status counts the restarts."""
    first = _pid(worker)
    for killed in (1, 2):
        os.kill(_pid(worker), signal.SIGKILL)
        await _until(worker, ServiceState.READY, restarts=killed)
    assert _pid(worker) != first
    assert worker.status().restarts == 2


async def test_a_process_that_hangs_is_killed_and_comes_back(tmp_path: Path) -> None:
    """It is asked once it is ready."""
    hanging: list[int] = []
    spec = _spec(tmp_path, _RUNS_ON)
    process = SupervisedProcess(
        spec,
        probe=_says_up(spec),
        hangs=lambda: _pid(process) in hanging,
        backoff=Backoff(first_sec=0.02, cap_sec=0.1),
    )
    await process.start()
    await process.wait_ready()
    hanging.append(first := _pid(process))
    await _until(process, ServiceState.READY, restarts=1)
    assert identify(first) is None
    assert _pid(process) != first
    await process.stop()


async def test_a_stopped_process_stays_stopped(worker: SupervisedProcess) -> None:
    """After stop nothing runs, the claim is free again, and a second stop is harmless."""
    pid = _pid(worker)
    await worker.stop()
    await worker.stop()
    assert identify(pid) is None
    assert worker.status().state is ServiceState.STOPPED
    await worker.start()
    await worker.wait_ready()


async def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    """When the grace is over, SIGKILL ends what ignores the request."""
    process = _supervised(_spec(tmp_path, _IGNORES_TERM, grace_sec=0.2))
    await process.start()
    await process.wait_ready()
    pid = _pid(process)
    await process.stop()
    assert identify(pid) is None


async def test_stop_ends_the_wait_before_a_restart(tmp_path: Path) -> None:
    """A process in a long back-off is stopped at once, and does not come back."""
    spec = _spec(tmp_path, _RUNS_ON)
    process = SupervisedProcess(spec, probe=_says_up(spec), backoff=Backoff(first_sec=3600, cap_sec=3600))
    await process.start()
    await process.wait_ready()
    os.kill(_pid(process), signal.SIGKILL)
    await _until(process, ServiceState.BACKING_OFF)
    async with asyncio.timeout(10):
        await process.stop()
    assert process.status().restarts == 0
    assert process.status().pid is None


async def test_an_end_before_it_was_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A start that fails is not retried; the error holds the status, the last line and the log's place."""
    code = "print('up to here', flush=True); import sys; sys.exit('the disk is upside down')"
    spec = _spec(tmp_path, code)

    async def never() -> bool:
        return False

    process = SupervisedProcess(spec, probe=never)
    await process.start()
    with pytest.raises(
        ServiceError, match=r"worker: ended with status 1: the disk is upside down"
    ) as refusal:
        await process.wait_ready()
    assert str(spec.log_path) in refusal.value.cure
    assert process.status().state is ServiceState.FAILED
    await process.stop()


async def test_an_absent_program_is_told(tmp_path: Path) -> None:
    """A program that is not there is named."""
    spec = ProcessSpec("worker", (str(tmp_path / "absent"),), tmp_path / "a.log", tmp_path / "a.pid")

    async def never() -> bool:
        return False

    process = SupervisedProcess(spec, probe=never)
    await process.start()
    with pytest.raises(ServiceError, match=rf"cannot run {tmp_path}/absent: No such file"):
        await process.wait_ready()
    await process.stop()


async def test_a_process_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    """The wait for readiness is bounded."""

    async def never() -> bool:
        return False

    process = SupervisedProcess(_spec(tmp_path, _RUNS_ON), probe=never, ready_within_sec=0.2)
    await process.start()
    with pytest.raises(ServiceError, match="not ready within"):
        await process.wait_ready()
    await process.stop()


async def test_a_taken_port_stops_the_start(tmp_path: Path) -> None:
    """The service is not even spawned when its port is taken, and leaves no claim behind."""
    spec = _spec(tmp_path, _RUNS_ON)
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        taken = ProcessSpec(
            spec.name, spec.argv, spec.log_path, spec.pid_path, ports=(Port("tcp", "127.0.0.1", number),)
        )
        with pytest.raises(ServiceError, match=rf"tcp port {number} .*process {os.getpid()}"):
            await SupervisedProcess(taken).start()
    process = SupervisedProcess(taken)
    await process.start()
    await process.stop()


async def test_two_supervisors_do_not_run_the_same_service(tmp_path: Path, worker: SupervisedProcess) -> None:
    """The second one is told who runs it, and the first goes on undisturbed."""
    pid = _pid(worker)
    with pytest.raises(ServiceError, match=rf"already run here by another centre .*{pid}"):
        await SupervisedProcess(_spec(tmp_path, _RUNS_ON)).start()
    assert _pid(worker) == pid


_PARENT = """
import asyncio, sys
from pathlib import Path
from callcenter.embedded.process import ProcessSpec, SupervisedProcess
async def main():
    here = Path(sys.argv[1])
    process = SupervisedProcess(ProcessSpec("worker", tuple(sys.argv[2:]), here / "w.log", here / "w.pid"))
    await process.start()
    while "up" not in (here / "w.log").read_text():
        await asyncio.sleep(0.01)
    print(process.status().pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def _parent_with_child(directory: Path, code: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, directory, sys.executable, "-I", "-S", "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def _kill(parent: subprocess.Popen[str]) -> None:
    parent.kill()
    parent.wait()
    assert parent.stdout is not None
    parent.stdout.close()


def _ends_within(pid: int, seconds: float) -> bool:
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def test_children_end_with_a_killed_parent(tmp_path: Path) -> None:
    """A supervisor that is killed with SIGKILL takes its children with it."""
    parent, child = _parent_with_child(tmp_path, _RUNS_ON)
    handle = os.pidfd_open(child)
    _kill(parent)
    assert select.select([handle], [], [], 10)[0], "the child outlived its parent"
    os.close(handle)


async def test_a_leftover_of_a_killed_parent_is_ended_first(tmp_path: Path) -> None:
    """A child that even survives its parent is ended by the next start, by its pid file."""
    parent, child = _parent_with_child(tmp_path, _IGNORES_TERM)
    _kill(parent)
    assert not _ends_within(child, 0.1)
    spec = ProcessSpec("worker", (sys.executable, "-c", _RUNS_ON), tmp_path / "w.log", tmp_path / "w.pid")
    process = _supervised(spec)
    await process.start()
    assert identify(child) is None
    await process.stop()


async def test_a_leftover_in_its_directory_is_ended_first(tmp_path: Path) -> None:
    """A process of its program in the service's own directory is ended, one of another program is not."""
    home = tmp_path / "home"
    home.mkdir()
    leftover = subprocess.Popen(["sleep", "600"], cwd=home)  # noqa: ASYNC220
    bystander = subprocess.Popen(["tail", "-f", "/dev/null"], cwd=home)  # noqa: ASYNC220
    try:
        spec = ProcessSpec("w", ("sleep", "600"), tmp_path / "w.log", tmp_path / "w.pid", cwd=home)
        process = SupervisedProcess(spec)
        await process.start()
        assert leftover.wait(1) == -signal.SIGTERM
        assert bystander.poll() is None
        await process.stop()
    finally:
        bystander.kill()
        bystander.wait()


async def test_stages_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    """A later stage starts when the earlier one is ready, and stops before it."""
    stages = [[_supervised(_spec(tmp_path, _RUNS_ON, name=name)) for name in names] for names in ("ab", "c")]
    told: list[tuple[str, ServiceState]] = []
    supervisor = Supervisor(stages, on_progress=lambda name, state: told.append((name, state)))
    await supervisor.run(on_ready=supervisor.request_stop)
    starting, ready, stopped = ServiceState.STARTING, ServiceState.READY, ServiceState.STOPPED
    assert sorted(told[:4]) == sorted([("a", starting), ("b", starting), ("a", ready), ("b", ready)])
    assert told[4:7] == [("c", starting), ("c", ready), ("c", stopped)]
    assert sorted(told[7:]) == [("a", stopped), ("b", stopped)]
    assert [status.pid for status in supervisor.status()] == [None, None, None]


async def test_one_failed_start_stops_what_was_started(tmp_path: Path) -> None:
    """The error of the service that failed is raised alone, and nothing goes on running."""
    good = _supervised(_spec(tmp_path, _RUNS_ON, name="good"))
    bad = _supervised(_spec(tmp_path, "raise SystemExit('no')", name="bad"))
    never = _supervised(_spec(tmp_path, _RUNS_ON, name="never"))
    supervisor = Supervisor([[good], [bad], [never]])
    with pytest.raises(ServiceError, match="bad: ended with status 1: no"):
        await supervisor.run()
    assert [status.pid for status in supervisor.status()] == [None, None, None]
    assert not never.spec.log_path.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and a polite kill end `run` in order."""
    worker = _supervised(_spec(tmp_path, _RUNS_ON))
    supervisor = Supervisor([[worker]])
    await supervisor.run(on_ready=lambda: os.kill(os.getpid(), number))
    assert worker.status().pid is None
