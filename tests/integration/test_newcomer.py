"""What a newcomer and the ops person meet: a failing start says why, an end leaves nothing, a disk fills."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from callcenter.cli.claim import claim_holder
from callcenter.demo.centre_api import CentreApi
from callcenter.domain import events as e
from callcenter.phones import Phone
from callcenter.places import Places
from tests.integration.centre_rig import (
    CALLER_ADDRESS,
    ROOT,
    CentreRig,
    desks,
    free_ports,
    running_centre,
    to_queue,
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> dict[str, str]:
    """A centre of its own: data directory and ports that nobody else uses."""
    (sip,) = free_ports(1, socket.SOCK_DGRAM)
    http, ami, ari, web = free_ports(4)
    chosen = {
        "CENTRE__DATA_DIR": tmp_path_factory.mktemp("热线 data"),
        "CENTRE__INSTALLED_DIR": installed,
        "SIP__PORT": sip,
        "SIP__RTP_FIRST": 16000,
        "SIP__RTP_LAST": 16199,
        "PORTS__ASTERISK_HTTP": http,
        "PORTS__ASTERISK_AMI": ami,
        "PORTS__ARI": ari,
        "WEB__PORT": web,
        "SPEECH__ENABLED": False,
    }
    ours = {f"CALLCENTER__{name}": str(value) for name, value in chosen.items()}
    return {**os.environ, "PYTHONPATH": str(ROOT), **ours}


def places_of(environment: Mapping[str, str]) -> Places:
    """Where that centre writes."""
    return Places(Path(environment["CALLCENTER__CENTRE__DATA_DIR"]))


def begin(environment: Mapping[str, str], *command: str) -> subprocess.Popen[str]:
    """The command, started from the project's directory."""
    return subprocess.Popen(
        [sys.executable, "-m", "callcenter", *command],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what the command prints up to a line with these words."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"never said {words!r}: {''.join(seen)}")


def running_in(data_dir: Path) -> dict[int, str]:
    """The processes of a centre that works in this directory."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                told = command + (entry / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(data_dir) in told:
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


async def nothing_runs_in(data_dir: Path, within: float = 15.0) -> None:
    """Wait until no process of that centre is left."""
    try:
        async with asyncio.timeout(within):
            while running_in(data_dir):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"still running: {running_in(data_dir)}") from None


async def test_ctrl_c_while_it_starts_leaves_nothing(environment: dict[str, str]) -> None:
    """Ctrl-C as the first service starts ends all of it with status 0 or 130, and a start then works."""
    places = places_of(environment)
    process = begin(environment, "run")
    read_until(process, "starting")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    await nothing_runs_in(places.data_dir)

    process = begin(environment, "run")
    read_until(process, "The centre is up")
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Everything is stopped." in told
    await nothing_runs_in(places.data_dir)


async def test_killed_supervisor_leaves_nothing_and_starts_again(environment: dict[str, str]) -> None:
    """kill -9 of the supervisor ends every service; what it left on disk does not hinder the next start."""
    places = places_of(environment)
    process = begin(environment, "run")
    read_until(process, "The centre is up")
    assert claim_holder(places) == process.pid
    process.kill()
    process.communicate(timeout=10)
    assert claim_holder(places) is None
    await nothing_runs_in(places.data_dir)
    process = begin(environment, "run")
    read_until(process, "The centre is up")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


async def test_second_run_and_doctor_beside_a_running_centre(environment: dict[str, str]) -> None:
    """A second run on the same directory is refused by the holder's number; the doctor knows the centre."""
    process = begin(environment, "run")
    try:
        read_until(process, "The centre is up")
        second = begin(environment, "run")
        told, _ = second.communicate(timeout=60)
        assert second.returncode == 1
        (line,) = told.splitlines()
        assert f"already (process {process.pid}) -> stop it first" in line
        doctor = begin(environment, "doctor")
        told, _ = doctor.communicate(timeout=60)
        assert f"runs here already (process {process.pid})" in told
        assert "it is taken" not in told
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("setting", "kind"), [("sip.port", socket.SOCK_DGRAM), ("web.port", socket.SOCK_STREAM)]
)
def test_taken_port_is_told_with_its_setting(
    environment: dict[str, str], setting: str, kind: socket.SocketKind
) -> None:
    """A port in use ends the start with one line: port, holder, setting."""
    variable = f"CALLCENTER__{setting.upper().replace('.', '__')}"
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", int(environment[variable])))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        process = begin(environment, "run")
        told, _ = process.communicate(timeout=90)
    assert process.returncode == 1
    last = told.splitlines()[-1]
    assert f"port {environment[variable]} on 127.0.0.1: it is taken by process {os.getpid()}" in last
    assert last.endswith(f"(setting {setting})")


def test_mistakes_in_the_environment_are_told(environment: dict[str, str]) -> None:
    """A misspelt variable is refused before anything starts, with the likely name."""
    process = begin({**environment, "CALLCENTER__WEB__PROT": "1"}, "run")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = told.splitlines()
    assert "unknown field 'prot'; did you mean 'port'?" in line


async def test_starts_without_its_outside_stores_and_says_so(environment: dict[str, str]) -> None:
    """A PostgreSQL that the settings name and that is away does not hinder a start; the console says so."""
    nowhere = f"postgresql://nobody@127.0.0.1:{free_ports(1)[0]}/db"
    process = begin({**environment, "CALLCENTER__SERVICES__DATABASE_URL": nowhere}, "run")
    try:
        read_until(process, "The centre is up")
        read_until(process, "PostgreSQL is away")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0


@contextmanager
def small_disk(directory: Path, size_mb: int) -> Iterator[Path]:
    """A disk of its own, of this size; skips where none can be mounted."""
    directory.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "tmpfs", str(directory)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes the last byte."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


@pytest.fixture
def small_centre(
    tmp_path_factory: pytest.TempPathFactory, installed: Path
) -> Iterator[tuple[CentreRig, Path]]:
    """A centre whose data directory has a disk of its own."""
    directory = tmp_path_factory.mktemp("disk")
    for parent in (directory, directory.parent, directory.parent.parent):
        parent.chmod(0o755)  # PostgreSQL runs as another user when we are root
    with small_disk(directory / "small", 400) as disk, running_centre(disk, installed) as rig:
        yield rig, disk


def test_start_on_a_full_disk_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    """No space at the start: one line that names the directory and the cure."""
    with small_disk(tmp_path / "full", 5) as disk:
        fill(disk)
        process = begin({**environment, "CALLCENTER__CENTRE__DATA_DIR": str(disk / "var")}, "run")
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = told.splitlines()
    assert str(disk) in line
    assert "No space left on device -> free some disk space" in line


async def test_calls_go_on_while_the_disk_is_full(small_centre: tuple[CentreRig, Path]) -> None:
    """A disk that fills up costs no call; once it is freed, the journal holds everything in order."""
    centre, disk = small_centre
    async with desks(centre, "1001") as (desk,), Phone.start(bind=CALLER_ADDRESS) as phone:
        filler = fill(disk)
        call = await phone.call(centre.uri("12345"), caller="139077")
        await to_queue(call)
        agent = await desk.next_call()
        await agent.confirmed()
        filler.unlink()
        await call.hang_up()
        await agent.ended(5.0)
        async with asyncio.timeout(20):
            while not any(isinstance(event, e.CallSettled) for event in centre.events()):
                await asyncio.sleep(0.1)
        life = await centre.happened(centre.call_of("139077"), e.CallSettled)
        kinds = [type(event) for event in life]
        assert kinds.index(e.CallArrived) < kinds.index(e.AgentConnected) < kinds.index(e.CallEnded)
        async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api:
            await api.log_in("admin", centre.admin)
    lines = [
        json.loads(line)
        for path in sorted(centre.places.journal.glob("journal-*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    numbers = [line["seq"] for line in lines if "seq" in line]
    assert numbers == list(range(1, len(numbers) + 1))
