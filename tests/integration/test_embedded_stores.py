"""The embedded PostgreSQL and Valkey, really killed."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.process import ServiceState
from callcenter.embedded.process_identity import identify, processes_in
from callcenter.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.integration


def _postgres(directory: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory / "postgres", run_dir=directory / "run", log_dir=directory / "log")


def _valkey(directory: Path) -> EmbeddedValkey:
    return EmbeddedValkey(directory / "valkey", run_dir=directory / "run", log_dir=directory / "log")


async def _start(service: EmbeddedPostgres | EmbeddedValkey) -> float:
    """Seconds until it was ready."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await service.start()
    await service.wait_ready()
    return loop.time() - began


async def _kill_and_recover(service: EmbeddedPostgres | EmbeddedValkey) -> None:
    pid, restarts = service.status().pid, service.status().restarts
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(15):
        while service.status().restarts == restarts or service.status().state is not ServiceState.READY:
            await asyncio.sleep(0.01)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A new directory that every user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
async def postgres(directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A new PostgreSQL that is ready."""
    server = _postgres(directory)
    await _start(server)
    yield server
    await server.stop()


@pytest.fixture
async def valkey(directory: Path) -> AsyncIterator[EmbeddedValkey]:
    """A new Valkey that is ready."""
    server = _valkey(directory)
    await _start(server)
    yield server
    await server.stop()


async def test_postgres_speaks_chinese_to_its_own_user_only(postgres: EmbeddedPostgres) -> None:
    """Trigrams exist for Chinese text, no password is asked, and no other user is let in."""
    connection = await asyncpg.connect(postgres.dsn)
    try:
        await connection.execute("CREATE EXTENSION pg_trgm")
        assert await connection.fetchval("SELECT cardinality(show_trgm('我要投诉'))") > 0
        assert await connection.fetchval("SHOW listen_addresses") == ""
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await asyncpg.connect(postgres.dsn.replace("user=callcenter", "user=postgres"))
    finally:
        await connection.close()


async def test_postgres_keeps_rows_when_killed_with_a_busy_backend(postgres: EmbeddedPostgres) -> None:
    """A backend that computes for ever neither delays the restart nor outlives it; rows are kept."""
    busy = await asyncpg.connect(postgres.dsn)
    writer = await asyncpg.connect(postgres.dsn)
    await writer.execute("CREATE TABLE kept (id int)")
    await writer.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    backend = await busy.fetchval("SELECT pg_backend_pid()")
    endless = asyncio.create_task(busy.execute("DO $$ BEGIN LOOP END LOOP; END $$"))
    question = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'"
    async with asyncio.timeout(10):
        is_busy = False
        while not is_busy:
            is_busy = bool(await writer.fetchval(question, backend))
    await _kill_and_recover(postgres)
    assert identify(backend) is None
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await endless
    for connection in (busy, writer):
        connection.terminate()
    again = await asyncpg.connect(postgres.dsn)
    assert await again.fetchval("SELECT count(*) FROM kept") == 1000
    await again.close()


async def test_a_second_start_of_both_takes_less_than_a_second(directory: Path) -> None:
    """Once the data exists, both are ready at once; the best of three tells, the machine may be busy."""
    durations = []
    for _ in range(4):
        services = _postgres(directory), _valkey(directory)
        try:
            durations.append(max(await asyncio.gather(*map(_start, services))))
        finally:
            await asyncio.gather(*(service.stop() for service in services))
    assert min(durations[1:]) < 1.0


async def test_an_interrupted_creation_is_begun_anew(directory: Path) -> None:
    """A cluster that was only half made is not mistaken for one."""
    home = directory / "postgres"
    (home / ".data.partial/base").mkdir(parents=True)
    (home / ".data.partial/PG_VERSION").write_text("18\n")
    server = _postgres(directory)
    await _start(server)
    await server.stop()
    assert [path.name for path in home.iterdir() if "data" in path.name] == ["data"]


async def test_stop_leaves_no_postgres_process(directory: Path) -> None:
    """After an orderly stop nothing of the server runs, although a session was open."""
    server = _postgres(directory)
    await _start(server)
    data = Path(await _fetch(server.dsn, "SHOW data_directory"))
    session = await asyncpg.connect(server.dsn)
    assert processes_in(data, "postgres")
    await server.stop()
    assert processes_in(data, "postgres") == []
    session.terminate()


async def test_valkey_keeps_entries_when_killed(valkey: EmbeddedValkey) -> None:
    """What was acknowledged before a kill is there after the restart, in order."""
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        for number in range(200):
            await client.xadd("events", {"n": number})
    await _kill_and_recover(valkey)
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        entries = await client.xrange("events")
    assert [int(fields[b"n"]) for _, fields in entries] == list(range(200))


async def test_valkey_can_be_opened_by_its_user_only(valkey: EmbeddedValkey) -> None:
    """Neither the socket nor its directory is open to others."""
    socket = valkey.url.removeprefix("unix://")
    for path in (socket, os.path.dirname(socket)):
        assert os.stat(path).st_mode & 0o077 == 0


async def _fetch(dsn: str, question: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval(question))
    finally:
        await connection.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a project that the server's user cannot reach")
async def test_a_project_closed_to_others_keeps_its_data_elsewhere(directory: Path) -> None:
    """As root below a closed directory, the data lies where the server can reach it, and is found again."""
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    homes = []
    for _ in range(2):
        server = _postgres(closed)
        await _start(server)
        homes.append(Path(await _fetch(server.dsn, "SHOW data_directory")).parent)
        await server.stop()
    try:
        assert homes[0] == homes[1]
        assert not homes[0].is_relative_to(closed)
        assert homes[0].stat().st_mode & 0o077 == 0
    finally:
        shutil.rmtree(homes[0])
