"""The real PostgreSQL and Valkey of a test session, run and watched by a process of their own.

The embedded services live in the main thread of one event loop, while each test has a loop of its own;
hence this file is also a program, which answers each line of its input with what the services do now.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
import redis
import structlog

from callcenter.embedded.postgres import EmbeddedPostgres
from callcenter.embedded.process import ServiceState
from callcenter.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).parents[1]


class EmbeddedStores:
    """Started by ``with``; a service that is killed restarts by itself, as in the product."""

    def __enter__(self) -> EmbeddedStores:
        self._directory = tempfile.TemporaryDirectory()
        Path(self._directory.name).chmod(0o755)
        self._databases = itertools.count(1)
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._directory.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)
        self._directory.cleanup()

    def status(self) -> dict[str, Any]:
        """``{"postgres": {"url", "pid", "restarts", "state"}, "valkey": ...}``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("status\n")
        self._process.stdin.flush()
        status: dict[str, Any] = json.loads(self._process.stdout.readline())
        return status

    async def new_database(self) -> str:
        """The address of an empty database."""
        url: str = self.status()["postgres"]["url"]
        name = f"test_{next(self._databases)}"
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()
        return url.replace("/callcenter?", f"/{name}?")

    def empty_valkey(self) -> str:
        """The address of a Valkey that holds nothing."""
        url: str = self.status()["valkey"]["url"]
        with redis.Redis.from_url(url) as client:
            client.flushall()
        return url

    async def kill_all(self) -> None:
        """kill -9 of both; return once both are back. What other tests wrote is safe on the disk before, so
        that only what this one does is recovered: their databases are tens of thousands of files."""
        before = self.status()
        connection = await asyncpg.connect(before["postgres"]["url"])
        try:
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
        for service in before.values():
            os.kill(service["pid"], signal.SIGKILL)
        async with asyncio.timeout(60):
            while any(
                now["restarts"] <= before[name]["restarts"] or now["state"] != ServiceState.READY
                for name, now in self.status().items()
            ):
                await asyncio.sleep(0.02)


async def serve(directory: Path) -> None:
    """Run both until the input ends."""
    run, log = directory / "run", directory / "log"
    postgres = EmbeddedPostgres(directory / "postgres", run_dir=run, log_dir=log)
    valkey = EmbeddedValkey(directory / "valkey", run_dir=run, log_dir=log)
    services = {"postgres": postgres, "valkey": valkey}
    for service in services.values():
        await service.start()
    for service in services.values():
        await service.wait_ready()
    questions = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    while await questions.readline():
        answer = {}
        for name, service in services.items():
            status = service.status()
            url = postgres.dsn if name == "postgres" else valkey.url
            answer[name] = {
                "url": url,
                "pid": status.pid,
                "restarts": status.restarts,
                "state": status.state.value,
            }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for service in services.values():
        await service.stop()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(serve(Path(sys.argv[1])))
