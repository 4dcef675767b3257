"""Asterisk as a service of the centre: a sibling of the controller, so that calls outlive the controller."""

import asyncio
import os
from pathlib import Path

from callcenter.embedded.asterisk_packages import AsteriskInstallation
from callcenter.embedded.process import TELEPHONY_FIRST, ProcessSpec, ServiceStatus, SupervisedProcess
from callcenter.embedded.taken_ports import Port

_NAME = "asterisk"
_IN_HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Its memory in pages of 2 MiB where the kernel gives them: 7 % less CPU for a call, and some 30 MB more of
memory. Another C library does not know the word. Source: the GNU C Library's manual, Memory Allocation
Tunables."""
CONTROL_SOCKET = "asterisk.ctl"
"""Made by Asterisk in its `astrundir`, which must leave room for it in a socket's path."""


class EmbeddedAsterisk:
    """The Asterisk of `installation`, run on the configuration in `config_dir`.

    `config_dir/asterisk.conf` must exist before `start`, name `run_dir` as `astrundir` and name directories
    that exist. `ports` are those that the configuration makes it listen on, `own_logs` the files that it
    makes it log to, which are kept from growing without bound.
    """

    name = _NAME

    def __init__(
        self,
        installation: AsteriskInstallation,
        config_dir: Path,
        run_dir: Path,
        log_dir: Path,
        *,
        ports: tuple[Port, ...] = (),
        own_logs: tuple[Path, ...] = (),
    ) -> None:
        self._command = (*installation.command, "-C", str(config_dir.resolve() / "asterisk.conf"))
        self._control = run_dir / CONTROL_SOCKET
        spec = ProcessSpec(
            name=_NAME,
            argv=(*self._command, "-f", "-n"),
            log_path=log_dir / f"{_NAME}.log",
            pid_path=run_dir / f"{_NAME}.supervised",
            own_logs=own_logs,
            env={**_IN_HUGE_PAGES, **os.environ},
            cwd=run_dir.resolve(),
            niceness=TELEPHONY_FIRST,
            ports=ports,
        )
        self._process = SupervisedProcess(spec, probe=self._is_ready, ready_within_sec=60.0)

    async def start(self) -> None:
        """Start Asterisk. Raises ServiceError, for example when a port is taken."""
        await self._process.start()

    async def wait_ready(self) -> None:
        """Wait until every module is up. Raises ServiceError."""
        await self._process.wait_ready()

    async def stop(self) -> None:
        """Stop Asterisk; calls still up are ended by it. Idempotent."""
        await self._process.stop()

    def status(self) -> ServiceStatus:
        """What Asterisk does now."""
        return self._process.status()

    async def ask(self, command: str, *, timeout_sec: float = 10.0) -> str | None:
        """The answer to a console command; None when Asterisk does not answer."""
        process = await asyncio.create_subprocess_exec(
            *(*self._command, "-n", "-r", "-x", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(timeout_sec):
                output, _ = await process.communicate()
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return output.decode(errors="replace") if process.returncode == 0 else None

    async def _is_ready(self) -> bool:
        if not self._control.exists():
            return False
        answer = await self.ask("core waitfullybooted", timeout_sec=30.0)
        return answer is not None and "fully booted" in answer
