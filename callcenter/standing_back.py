"""How what the controller starts stands back behind the calls."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def stand_back(niceness: int) -> None:
    """From now on this process has at least this niceness, whatever started it, in a session of its own: in
    that of the controller it would go before others together with it (see `embedded.exec_child`)."""
    with suppress(PermissionError):  # it leads a group, and so a session of its own, already
        os.setsid()
    os.nice(max(0, niceness - os.nice(0)))
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(os.nice(0)), encoding="ascii")
