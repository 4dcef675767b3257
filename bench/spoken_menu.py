"""Callers at real phones who say at the menu what they want: from their last sound to where it leads."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import orjson

from bench.figures import percentile, shown
from bench.ports import Ports
from bench.report import Report
from bench.sayings import Saying, sayings, write_wav
from callcenter.adapters.journal_segments import events_since
from callcenter.domain import events as e
from callcenter.phones import Phone

ROOT: Final = Path(__file__).parents[1]
NUMBER: Final = "12345082"
WIDEBAND: Final = "127.0.0.3"
AT_ONCE: Final = 3
UP_WITHIN_SEC: Final = 90.0


async def branch_times(directory: Path, installed: Path, *, calls: int) -> Report:
    """Calls of the shipped Korean line, three at once, over G.722."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    chosen = [saying for saying in sayings() if saying.choice]
    spoken = [chosen[number % len(chosen)] for number in range(calls)]
    turn = asyncio.Semaphore(AT_ONCE)
    async with _centre(directory, installed) as (journal, uri):
        after = await asyncio.gather(
            *(_call(turn, journal, uri, directory, number, one) for number, one in enumerate(spoken))
        )
    branched = [ms for ms in after if ms is not None]
    return Report(
        "speech: callers of the Korean line who say what they want, through Asterisk (G.722)",
        ("calls", "branched at the first saying", "after p50 ms", "p95 ms"),
        [
            (
                str(calls),
                str(len(branched)),
                *(shown(percentile(branched, percent)) if branched else "-" for percent in (50, 95)),
            )
        ],
        notes=[
            "After: from the last sound that the phone was given to the journaled choice, which includes the",
            "phone's and the switch's buffers, and the 600 ms of silence that end a saying.",
        ],
        data={"after_ms": sorted(branched)},
    )


async def _call(
    turn: asyncio.Semaphore, journal: Path, uri: str, directory: Path, number: int, saying: Saying
) -> float | None:
    caller = f"1385{number:04}"
    async with turn, Phone.start(bind=WIDEBAND, codecs=("G722",)) as phone:
        call = await phone.call(uri, caller=caller)
        await call.confirmed()
        call_id = await _until(journal, lambda life: _arrived(life, caller), 20.0)
        await _until(journal, lambda life: _at_menu(life, call_id or ""), 20.0)
        await asyncio.sleep(0.7)
        began_ms = time.time() * 1000
        await call.play(write_wav(saying, directory))
        at = await _until(journal, lambda life: _branched(life, call_id or ""), 4.0)
        with contextlib.suppress(Exception):  # the flow may have ended the call itself
            await call.hang_up()
    return None if at is None else int(at) - began_ms - saying.speech_ms


def _arrived(life: list[e.DomainEvent], caller: str) -> str | None:
    found = (one.call_id for one in life if isinstance(one, e.CallArrived) and one.caller == caller)
    return next(found, None)


def _at_menu(life: list[e.DomainEvent], call_id: str) -> str | None:
    nodes = [one.node for one in life if isinstance(one, e.NodeEntered) and one.call_id == call_id]
    return "main_menu" if "main_menu" in nodes else None


def _branched(life: list[e.DomainEvent], call_id: str) -> str | None:
    found = (str(one.at) for one in life if isinstance(one, e.ChoiceSpoken) and one.call_id == call_id)
    return next(found, None)


async def _until(
    journal: Path, found: Callable[[list[e.DomainEvent]], str | None], within_sec: float
) -> str | None:
    give_up_at = time.monotonic() + within_sec
    while time.monotonic() < give_up_at:
        read = events_since(journal, None)
        if read is not None and (answer := found([event for _, event in read[1]])):
            return str(answer)
        await asyncio.sleep(0.1)
    return None


@asynccontextmanager
async def _centre(directory: Path, installed: Path) -> AsyncIterator[tuple[Path, str]]:
    """The product as it is shipped, on the ports of the bench; its journal, and the number to call."""
    ports, data = Ports(), directory / "var"
    sip, http, ami = ports.centre
    overlay = {
        "centre": {"data_dir": str(data.resolve()), "installed_dir": str(installed.resolve())},
        "sip": {"port": sip, "rtp_first": ports.rtp[0], "rtp_last": ports.rtp[0] + 999},
        "ports": {"asterisk_http": http, "asterisk_ami": ami, "ari": ports.ari},
        "web": {"port": ports.web},
        "calendars": {
            "hotline": {"weekly": {days: ["00:00-24:00"] for days in ("mon-fri", "sat-sun")}, "holidays": []}
        },
        "speech": {"engines": {"zh": "none", "en": "none"}},
    }
    (directory / "overlay.yaml").write_bytes(orjson.dumps(overlay))  # JSON is YAML
    command = ["-m", "callcenter", "--config", "config", "--overlay", str(directory / "overlay.yaml"), "run"]
    with (directory / "run.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(UP_WITHIN_SEC):
            while b"The centre is up" not in (directory / "run.log").read_bytes():
                if process.returncode is not None:
                    raise RuntimeError((directory / "run.log").read_text(encoding="utf-8"))
                await asyncio.sleep(0.2)
        await asyncio.sleep(5.0)  # the recogniser loads its model
        yield data / "journal", f"sip:{NUMBER}@127.0.0.1:{sip}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
