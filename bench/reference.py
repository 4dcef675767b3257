"""The reference: an Asterisk of its own whose Queue() serves the same phones. No part of the product.

Transport, trunk and phones are configured as for the centre; nothing of the centre's control (ARI) is loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.centre import SCARCE_AGENTS, phone_names
from bench.ports import Ports
from bench.sipp import Sipp
from callcenter.adapters.asterisk.config import Phone, SwitchConfig, SwitchDirectories, SwitchPorts, Trunk
from callcenter.adapters.asterisk.modules import MODULES
from callcenter.adapters.asterisk.switch_files import write_switch_files
from callcenter.embedded.asterisk import EmbeddedAsterisk
from callcenter.embedded.asterisk_packages import AsteriskInstallation

CONFIGURATION = Path(__file__).parent / "app_queue"
SECRET = "bench-reference"
CONTROL = ("res_ari", "app_stasis", "res_stasis", "res_websocket_client", "chan_websocket", "app_mixmonitor")


@dataclass(frozen=True, slots=True)
class RunningReference:
    """The reference at work."""

    sip_port: int
    asterisk: EmbeddedAsterisk

    @property
    def asterisk_pid(self) -> int:
        """Its process."""
        pid = self.asterisk.status().pid
        if pid is None:
            raise RuntimeError("the reference Asterisk does not run")
        return pid


@asynccontextmanager
async def running_reference(
    directory: Path,
    installation: AsteriskInstallation,
    music: Path,
    sounds: Mapping[str, Path],
    ports: Ports,
    sipp: Sipp,
    agents: int,
) -> AsyncIterator[RunningReference]:
    """A fresh Asterisk with Queue() and the phones registered; ``sipp.phones`` must run. ``sounds`` are the
    dialplan's prompts by name, each a file without its suffix."""
    shutil.rmtree(directory, ignore_errors=True)
    config = _config(directory.resolve(), installation, music, ports, agents)
    write_switch_files(config)
    etc = config.directories.configuration
    queues = (CONFIGURATION / "queues.conf").read_text(encoding="utf-8")
    names = phone_names(agents)
    for queue, members in (("scarce", names[:SCARCE_AGENTS]), ("bench", names[SCARCE_AGENTS:])):
        queues += f"\n[{queue}](common)\n" + "".join(f"member = PJSIP/{name}\n" for name in members)
    (etc / "queues.conf").write_text(queues, encoding="utf-8")
    (etc / "queuerules.conf").write_text("", encoding="utf-8")
    dialplan = (CONFIGURATION / "extensions.conf").read_text(encoding="utf-8")
    menu = "".join(f"{name} = {sound}\n" for name, sound in sounds.items())
    (etc / "extensions.conf").write_text(f"{dialplan}\n[globals]\n{menu}", encoding="utf-8")
    modules = [name for name in MODULES if not name.startswith(CONTROL)]
    loads = "".join(f"load = {name}\n" for name in [*modules, "app_queue.so", "app_playback.so"])
    (etc / "modules.conf").write_text(f"[modules]\nautoload = no\n{loads}", encoding="utf-8")
    asterisk = EmbeddedAsterisk(
        installation, etc, config.directories.run, config.directories.log,
    )  # fmt: skip
    await asterisk.start()
    try:
        await asterisk.wait_ready()
        await sipp.register(dict.fromkeys(phone_names(agents), SECRET), config.ports.sip)
        yield RunningReference(config.ports.sip, asterisk)
    finally:
        await asterisk.stop()


def _config(
    directory: Path, installation: AsteriskInstallation, music: Path, ports: Ports, agents: int
) -> SwitchConfig:
    sip, http, ami = ports.reference
    return SwitchConfig(
        ports=SwitchPorts(sip, http, ami, ports.ari, *ports.rtp),
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
        ari_password=SECRET,
        ami_password=SECRET,
        trunks=(Trunk("bench", match=(ports.callers_address,), codecs=("ulaw",)),),
        phones=tuple(Phone(name, SECRET, ("ulaw",)) for name in phone_names(agents)),
    )
