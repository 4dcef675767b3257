"""Servers shared by the integration tests: each is started once per run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from callcenter.adapters.journal_segments import events_since
from callcenter.domain.switch import SwitchConnected
from callcenter.replay.history import wrong_in
from ivr_flows.files import SHIPPED_FLOWS
from located_yaml import Put
from tests.contract.asterisk_process import AsteriskProcess, running_asterisk
from tests.contract.telephony_rigs import AsteriskRig
from tests.integration.centre_rig import ROOT, CentreRig, running_centre, with_own_prompts

LAST_WORDS = 6_000
"""Characters of a centre's log that are told when a test of it fails."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What failed is told with what the centre had to say."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for rig in item.funcargs.values():
            if isinstance(rig, CentreRig):
                for log in (rig.overlay.with_name("run.log"), rig.places.log / "controller.log"):
                    words = log.read_text(errors="replace") if log.is_file() else ""
                    report.sections.append((f"The end of {log.name}", words[-LAST_WORDS:]))
    return report


@pytest.fixture(scope="session")
def installed() -> Path:
    """Where what is installed once lies: the private Asterisk and the speech models."""
    return Path(os.environ.get("CALLCENTER_INSTALLED_DIR", ROOT / "var"))


@pytest.fixture(scope="session")
def centre(installed: Path) -> Iterator[CentreRig]:
    """A whole centre, as `callcenter run` starts it. At the end its history must hold together, whatever the
    tests did to it."""
    directory = Path(tempfile.mkdtemp(prefix="cc-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
    try:
        with running_centre(directory, with_own_prompts(directory / "installed", installed)) as rig:
            yield rig
        read = events_since(rig.places.journal, None)
        assert read is not None
        assert wrong_in(event for _, event in read[1]) == []
    finally:
        if not os.environ.get("CALLCENTER_KEEP"):
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def own_flows_centre(installed: Path) -> Iterator[CentreRig]:
    """A centre with flows of its own, for tests that publish others: those of the shared one stay as they
    are. Each test publishes what it needs before it calls. Its prompt studio has a code."""
    directory = Path(tempfile.mkdtemp(prefix="cc-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
    settings = [
        Put(("centre", "flows_dir"), str(directory / "flows")),
        Put(("prompts",), {"wait_sec": 8}),
        Put(("publishing",), {"min_calls": 10}),
        Put(("queues", "korean", "overflow"), {"no_agent": {"to": "flow"}}),
    ]
    try:
        shutil.copytree(SHIPPED_FLOWS, directory / "flows")
        with running_centre(directory, installed, settings) as rig:
            yield rig
    finally:
        if not os.environ.get("CALLCENTER_KEEP"):
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def asterisk() -> Iterator[AsteriskProcess]:
    """One Asterisk for all tests of a file."""
    with running_asterisk() as process:
        yield process


@pytest.fixture
async def rig(asterisk: AsteriskProcess) -> AsyncIterator[AsteriskRig]:
    """A connected controller's end."""
    made = AsteriskRig(asterisk)
    await made.telephony.start()
    await made.until(SwitchConnected)
    yield made
    await made.close()
