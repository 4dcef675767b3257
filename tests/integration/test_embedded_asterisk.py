"""The embedded Asterisk as a supervised service."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.embedded.asterisk import EmbeddedAsterisk
from callcenter.embedded.asterisk_packages import AsteriskInstallation, find_asterisk, provision_asterisk
from callcenter.embedded.process import ServiceState

pytestmark = pytest.mark.integration
_PROJECT = Path(__file__).parents[2]


def _configure(directory: Path, installation: AsteriskInstallation) -> None:
    """The least that Asterisk starts with: its directories, and no modules."""
    own = {name: directory / name for name in ("etc", "lib", "spool", "run", "log")}
    for path in own.values():
        path.mkdir()
    directories = {
        "astetcdir": own["etc"],
        "astmoddir": installation.modules_dir,
        "astdatadir": installation.data_dir,
        "astvarlibdir": own["lib"],
        "astdbdir": own["lib"],
        "astkeydir": own["lib"],
        "astspooldir": own["spool"],
        "astrundir": own["run"],
        "astlogdir": own["log"],
    }
    lines = "".join(f"{name} => {path}\n" for name, path in directories.items())
    (own["etc"] / "asterisk.conf").write_text(f"[directories]\n{lines}[options]\n")
    (own["etc"] / "modules.conf").write_text("[modules]\nautoload=no\n")


@pytest.fixture
async def asterisk() -> AsyncIterator[EmbeddedAsterisk]:
    """A ready Asterisk without modules."""
    provisioned = _PROJECT / "var/asterisk"
    installation = find_asterisk(provisioned=provisioned) or await provision_asterisk(
        provisioned, mirror=None, progress=lambda stage, fraction: None
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        _configure(directory, installation)
        service = EmbeddedAsterisk(installation, directory / "etc", directory / "run", directory / "log")
        await service.start()
        await service.wait_ready()
        yield service
        await service.stop()


async def test_asterisk_answers_once_it_is_ready(asterisk: EmbeddedAsterisk) -> None:
    """The console of the right version answers."""
    answer = await asterisk.ask("core show version")
    assert answer is not None
    assert answer.startswith("Asterisk 22.")


async def test_a_killed_asterisk_is_ready_again(asterisk: EmbeddedAsterisk) -> None:
    """After SIGKILL a new Asterisk takes over the control socket by itself."""
    pid = asterisk.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(30):
        while asterisk.status().restarts == 0 or asterisk.status().state is not ServiceState.READY:
            await asyncio.sleep(0.02)
    assert asterisk.status().pid != pid
    assert await asterisk.ask("core show uptime") is not None


async def test_a_stopped_asterisk_does_not_answer(asterisk: EmbeddedAsterisk) -> None:
    """After stop its console is gone, which is an answer and not an error."""
    await asterisk.stop()
    assert await asterisk.ask("core show version") is None
