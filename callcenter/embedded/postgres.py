"""PostgreSQL for the default run: private, on a unix socket, trusting the operating system's user.

No password exists. The server accepts the user who runs the centre, whom the kernel vouches for (pg_hba.conf,
method peer), and no one else; the socket's directory is closed to others besides. As root, which PostgreSQL
refuses, it runs as an unprivileged user.
"""

import asyncio
import getpass
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import asyncpg

from callcenter.embedded import exec_child
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.places import home_for, remove_socket_directory, socket_directory, user_for_refusers
from callcenter.embedded.postgres_programs import PostgresPrograms, find_postgres, programs_for
from callcenter.embedded.process import (
    BEHIND_TELEPHONY,
    ProcessSpec,
    ServiceState,
    ServiceStatus,
    SupervisedProcess,
)

_NAME = "postgres"
_DATABASE = "callcenter"
_ROLE = "callcenter"
# Names the socket, not a network port: nothing listens on the network.
_PORT = 5432
_SOCKET = f".s.PGSQL.{_PORT}"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "huge_pages": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "512MB",
}
_ACCESS = "local all all peer map=centre\n"


class EmbeddedPostgres:
    """A PostgreSQL server whose data lies in `home/data`; see the module for who may connect.

    Its socket lies in `run_dir/postgres` where the server can make it there, else in a private directory
    below the temporary one: ask `dsn`.

    After `wait_ready` the database `callcenter` exists and `dsn` leads to it. A start after any kind of end
    recovers what was committed; processes that a killed server left behind are ended first.
    """

    name = _NAME

    def __init__(self, home: Path, *, run_dir: Path, log_dir: Path) -> None:
        self._user = user_for_refusers()
        self._wanted_home = home
        self._wanted_socket_dir = run_dir / _NAME
        self._log_path = log_dir / f"{_NAME}.log"
        self._pid_path = run_dir / f"{_NAME}.pid"
        self._socket_dir = self._wanted_socket_dir
        self._process: SupervisedProcess | None = None

    @property
    def dsn(self) -> str:
        """Where asyncpg connects to; valid once `start` has returned."""
        return self._dsn(_DATABASE)

    async def start(self) -> None:
        """Start the server, on the first time with a new empty cluster. Raises ServiceError."""
        home = await asyncio.to_thread(home_for, self._wanted_home, self._user)
        self._socket_dir = socket_directory(self._wanted_socket_dir, f"{_SOCKET}.lock", self._user)
        data = home / "data"
        found = find_postgres(_stored_major(data))
        programs = await asyncio.to_thread(programs_for, found, self._user, home)
        settings = {**_SETTINGS, "unix_socket_directories": str(self._socket_dir), "port": str(_PORT)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        spec = ProcessSpec(
            name=_NAME,
            argv=(str(programs.bin_dir / "postgres"), "-D", str(data), *options),
            log_path=self._log_path,
            pid_path=self._pid_path,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            cwd=data,
            user=self._user,
            niceness=BEHIND_TELEPHONY,
            stop_signal=signal.SIGINT,  # Fast shutdown: ends sessions, writes a checkpoint.
            leftover_signal=signal.SIGQUIT,
        )

        async def prepare() -> None:
            await _prepare(programs, data, self._socket_dir, self._user)

        self._process = SupervisedProcess(spec, probe=self._is_ready, prepare=prepare)
        await self._process.start()

    async def wait_ready(self) -> None:
        """Wait until the database can be used. Raises ServiceError."""
        assert self._process is not None, "call start() first"
        await self._process.wait_ready()

    async def stop(self) -> None:
        """Stop the server with a checkpoint. Idempotent."""
        if self._process:
            await self._process.stop()
            remove_socket_directory(self._socket_dir)

    def status(self) -> ServiceStatus:
        """What the server does now."""
        if self._process is None:
            return ServiceStatus(_NAME, ServiceState.STOPPED, None, 0, "")
        return self._process.status()

    def _dsn(self, database: str) -> str:
        host = quote(str(self._socket_dir), safe="")
        return f"postgresql:///{database}?host={host}&port={_PORT}&user={_ROLE}"

    async def _is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self._dsn("postgres"), timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _DATABASE):
                await connection.execute(f"CREATE DATABASE {_DATABASE}")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        finally:
            await connection.close(timeout=5)
        return True


async def _prepare(programs: PostgresPrograms, data: Path, socket_dir: Path, user: str | None) -> None:
    """Leave `data` a complete cluster that nothing uses, open to the user who runs the centre."""
    if not (data / "PG_VERSION").exists():
        await _create_cluster(programs, data, user)
    for stale in (data / "postmaster.pid", socket_dir / _SOCKET, socket_dir / f"{_SOCKET}.lock"):
        stale.unlink(missing_ok=True)
    (data / "pg_hba.conf").write_text(_ACCESS)
    (data / "pg_ident.conf").write_text(f'centre "{getpass.getuser()}" {_ROLE}\n')


async def _create_cluster(programs: PostgresPrograms, data: Path, user: str | None) -> None:
    """Made beside its place and renamed, so that an interrupted attempt is never taken for a cluster."""
    partial = data.with_name(f".{data.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    # libc's C.UTF-8: with any other collation pg_trgm finds no trigrams in Chinese text.
    options = ["-U", _ROLE, "-A", "peer", "--locale=C.UTF-8", "-E", "UTF8", "--no-instructions"]
    command = (str(programs.bin_dir / "initdb"), "-D", str(partial), *options)
    process = await asyncio.create_subprocess_exec(
        *exec_child.command_line(command, signal_number=signal.SIGTERM, user=user),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=data.parent,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        lines = output.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if "error" in line.lower() or "FATAL" in line), lines[-1])
        raise ServiceError(
            f"PostgreSQL cannot create its data in {data}: {reason}",
            "free at least 200 MB there, or set centre.data_dir to another directory",
        )
    partial.rename(data)


def _stored_major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
