"""An Asterisk of the tests' own: its directory, its ports, its trunks and phones."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from callcenter.adapters.asterisk.config import Phone as PhoneConfig
from callcenter.adapters.asterisk.config import (
    Registration,
    SwitchConfig,
    SwitchDirectories,
    SwitchPorts,
    Trunk,
)
from callcenter.adapters.asterisk.switch_files import write_switch_files
from callcenter.embedded.asterisk_packages import AsteriskInstallation, find_asterisk, provision_asterisk
from callcenter.embedded.exec_child import command_line
from callcenter.embedded.process import TELEPHONY_FIRST
from callcenter.phones.audio import Tone, write_tones

ROOT = Path(__file__).resolve().parents[2]

ANSWERS, DECLINES, IGNORES, AWAY, WIDEBAND, LOOPED = "1001", "1002", "1003", "1004", "1005", "1006"
"""The phones: what each does when it is rung; AWAY never registers; WIDEBAND answers and speaks G.722; LOOPED
is the account of the trunk that registers."""


class AsteriskProcess:
    """An Asterisk of our own in a directory of its own."""

    def __init__(self, directory: Path, installation: AsteriskInstallation, ports: SwitchPorts) -> None:
        self.directory = directory
        self._installation = installation
        media = directory / "media"
        music = directory / "music"
        recordings = directory / "recordings"
        for made in (media, music, recordings):
            made.mkdir()
        self.short, self.long = str(media / "short.wav"), str(media / "long.wav")
        self.missing, self.recordings = str(media / "missing.wav"), str(recordings)
        write_tones(self.short, 8000, [Tone(700, 1000)])
        write_tones(self.long, 8000, [Tone(900, 5000)])
        write_tones(str(music / "music.wav"), 8000, [Tone(440, 10_000)])
        self.config = SwitchConfig(
            ports=ports,
            directories=SwitchDirectories(
                configuration=directory / "etc",
                modules=installation.modules_dir,
                data=installation.data_dir,
                state=directory / "lib",
                run=directory / "run",
                log=directory / "log",
                spool=directory / "spool",
                music=music,
            ),
            ari_password=f"ari;\\{secrets.token_hex(8)}",
            ami_password=f"ami {secrets.token_hex(8)}",
            trunks=(
                Trunk("city", match=("127.0.0.2",), channel_limit=30),
                Trunk("wide", match=("127.0.0.3",), codecs=("g722",)),
                Trunk("narrow", match=("127.0.0.4",), channel_limit=1),
                Trunk("out", match=("127.0.0.5",), peer=f"127.0.0.5:{ports.sip}"),
                # Registers at this very Asterisk, as the phone LOOPED; no address identifies it.
                Trunk(
                    "registered",
                    match=("127.0.0.9",),
                    registration=Registration(f"127.0.0.1:{ports.sip}", LOOPED, f"secret-{LOOPED}"),
                ),
            ),
            phones=(
                *(PhoneConfig(name, f"secret-{name}") for name in (ANSWERS, DECLINES, IGNORES, AWAY, LOOPED)),
                PhoneConfig(WIDEBAND, f"secret-{WIDEBAND}", codecs=("g722",)),
            ),
            qualify_sec=5,
            rtp_timeout_sec=3,
        )
        self._conf = str(write_switch_files(self.config))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sip(self) -> str:
        """Where it is called."""
        return f"127.0.0.1:{self.config.ports.sip}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, as the product does, and return when it is fully booted. It dies with us: it would dial the
        port of the next test run."""
        command = command_line(
            (*self._installation.command, "-C", self._conf, "-f"),
            signal_number=signal.SIGKILL,
            niceness=TELEPHONY_FIRST,
        )
        with (self.directory / "console.txt").open("ab") as console:
            self._process = subprocess.Popen(
                command,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        give_up_at = time.monotonic() + 20
        while "fully booted" not in self.cli("core waitfullybooted").lower():
            if time.monotonic() > give_up_at or self._process.poll() is not None:
                raise RuntimeError((self.directory / "console.txt").read_text())
            time.sleep(0.05)

    def cli(self, text: str) -> str:
        """What the console answers."""
        command = [*self._installation.command, "-C", self._conf, "-rx", text]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def errors(self) -> list[str]:
        """What it complained about."""
        lines = (self.directory / "log" / "messages.log").read_text().splitlines()
        return [line for line in lines if "ERROR" in line]


@contextlib.contextmanager
def running_asterisk() -> Iterator[AsteriskProcess]:
    """A started Asterisk, gone with its directory afterwards."""
    provisioned = ROOT / "var/asterisk"
    installation = find_asterisk(provisioned=provisioned) or asyncio.run(
        provision_asterisk(provisioned, mirror=None, progress=lambda stage, fraction: None)
    )
    directory = Path(tempfile.mkdtemp(prefix="cc-switch-"))
    with _ports_of_our_own() as ports:
        process = AsteriskProcess(directory, installation, ports)
        try:
            process.start()
            yield process
        finally:
            process.kill()
            shutil.rmtree(directory)


@contextlib.contextmanager
def _ports_of_our_own() -> Iterator[SwitchPorts]:
    """One of ten sets of ports, taken as long as the block lasts: test runs may overlap."""
    for number in range(10):
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", 21490 + number))
            except OSError:
                continue
            first, rtp = 21400 + 4 * number, 21500 + 50 * number
            yield SwitchPorts(first, first + 1, first + 2, first + 3, rtp_first=rtp, rtp_last=rtp + 49)
            return
    raise RuntimeError("all ten sets of test ports are taken; another test run hangs")
