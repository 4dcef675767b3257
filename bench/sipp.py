"""SIPp as the callers and as the phones, and what its logs say.

Each log line holds the microsecond at which something was received or is about to be sent, so that what one
SIPp did and what another saw can be put on one time line.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import signal
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.ports import Ports
from callcenter.embedded.asterisk_packages import provision_tools

SCENARIOS = Path(__file__).parent / "sipp"
TALK_MS = 1000
GIVE_UP_S = 30
"""Calls that are not over so long after the last one began have failed."""
COMMON = ("-nostdin", "-nd", "-timer_resol", "1", "-buff_size", "4194304", "-trace_err")
"""``-nd``: SIPp's own defaults (hang up on the unexpected, answer pings) would hide failures."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a scenario's log; ``at_us`` in microseconds since the Unix epoch."""

    what: str
    phone: str
    caller: str
    at_us: float


@dataclass(frozen=True, slots=True)
class CallersResult:
    """What one run of callers came to."""

    offered: int
    succeeded: int
    failed: int
    retransmissions: int
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Sipp:
    """A SIPp program and the directory for everything it writes."""

    command: tuple[str, ...]
    directory: Path
    ports: Ports

    async def register(self, secrets: Mapping[str, str], sip_port: int) -> None:
        """Register all phones (name: password), each with the contact of ``phones``."""
        users = self.directory / "phones.csv"
        rows = "".join(f"{name};{secret};\n" for name, secret in secrets.items())
        users.write_text("SEQUENTIAL\n" + rows, encoding="ascii")
        contact = f"{self.ports.address}:{self.ports.phones}"
        process = await self._start(
            "register",
            self.ports.address,
            self.ports.registrar,
            f"{self.ports.address}:{sip_port}",
            *("-inf", str(users), "-key", "phones", contact),
            *("-m", str(len(secrets)), "-r", "50", "-timeout", "60"),
        )
        if await process.wait() != 0:
            raise RuntimeError(f"not every phone could be registered; see {self.directory}/register_*")

    @asynccontextmanager
    async def phones(self, talk_ms: int = TALK_MS) -> AsyncIterator[Path]:
        """All phones, picked up as they ring; yields their log. Any number of Asterisks may ring them."""
        log = self.directory / "phones.log"
        log.unlink(missing_ok=True)
        process = await self._start(
            "phones",
            self.ports.address,
            self.ports.phones,
            *("-d", str(talk_ms), "-aa", "-trace_logs", "-log_file", str(log)),
        )
        try:
            yield log
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                await process.wait()

    async def call(
        self, sip_port: int, *, rate: float, calls: int, round_id: int, number: str = "7000"
    ) -> tuple[CallersResult, list[Moment]]:
        """Offer ``calls`` calls at ``rate`` per second and wait until the last one is over."""
        log, stat = self.directory / "callers.log", self.directory / "callers.csv"
        for old in (log, stat):
            old.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        began = loop.time()
        process = await self._start(
            "caller",
            self.ports.callers_address,
            self.ports.callers,
            f"{self.ports.address}:{sip_port}",
            *("-s", number, "-key", "round", f"{round_id:03d}"),
            *("-r", str(rate), "-m", str(calls), "-l", str(calls)),
            *("-timeout", f"{calls / rate + GIVE_UP_S:.0f}"),
            *("-trace_logs", "-log_file", str(log), "-trace_stat", "-stf", str(stat)),
        )
        await process.wait()
        return _result(stat, calls, loop.time() - began), moments(log)

    async def _start(
        self, scenario: str, address: str, port: int, *options: str
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.command,
            *COMMON,
            *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", address, "-p", str(port)),
            *("-mi", address, "-mp", str(self.ports.media)),
            *options,
            cwd=self.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )


async def provisioned_sipp(tools: Path, directory: Path, ports: Ports) -> Sipp:
    """The SIPp of the tool tree, which is provisioned when it is not there."""
    tree = await provision_tools(tools, ["sip-tester"], mirror=None, progress=lambda stage, fraction: None)
    directory.mkdir(parents=True, exist_ok=True)
    return Sipp(tree.command("sipp"), directory.resolve(), ports)


def moments(log: Path) -> list[Moment]:
    """What a scenario's log says, in the order in which it was written."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        with contextlib.suppress(ValueError):
            what, phone, caller, sec, usec = line.split()
            found.append(Moment(what, phone, caller, float(sec) * 1e6 + float(usec)))
    return found


def of_callers(found: Iterable[Moment], what: str) -> dict[str, Moment]:
    """The first such moment of each caller."""
    first: dict[str, Moment] = {}
    for moment in found:
        if moment.what == what:
            first.setdefault(moment.caller, moment)
    return first


def _result(stat: Path, offered: int, elapsed_s: float) -> CallersResult:
    rows = list(csv.DictReader(stat.open(encoding="ascii"), delimiter=";")) if stat.exists() else []
    last = rows[-1] if rows else {}
    succeeded = int(last.get("SuccessfulCall(C)", 0))
    return CallersResult(
        offered, succeeded, offered - succeeded, int(last.get("Retransmissions(C)", 0)), elapsed_s
    )
