"""What becomes of a child between fork and exec."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from callcenter.embedded.exec_child import command_line

GROUPS = Path("/proc/self/autogroup")
"""How Linux weighs sessions against each other; not on every machine."""
TELLS = ("sh", "-c", f"cut -d' ' -f19 /proc/self/stat; cat {GROUPS} 2>/dev/null")


@pytest.mark.parametrize("in_a_session", [True, False], ids=["own session", "our session"])
@pytest.mark.parametrize("niceness", [-3, 3])
def test_its_place_on_a_busy_machine(niceness: int, in_a_session: bool) -> None:
    """It stands back, or ahead where we may; so does its session, and never ours."""
    ours = _lines("cut -d' ' -f19 /proc/self/stat; cat /proc/self/autogroup 2>/dev/null")
    command = command_line(TELLS, signal_number=signal.SIGKILL, niceness=niceness)
    told = subprocess.run(
        command, start_new_session=in_a_session, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    base = int(ours[0])
    assert int(told[0]) == min(19, base + niceness) or (niceness < 0 and int(told[0]) == base)
    if GROUPS.exists():
        assert told[1].endswith(f" nice {told[0]}" if in_a_session else ours[1])
    assert os.nice(0) == base


def _lines(command: str) -> list[str]:
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=True
    ).stdout.splitlines()
