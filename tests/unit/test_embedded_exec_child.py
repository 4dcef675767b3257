"""What becomes of a child between fork and exec."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

from callcenter.embedded.exec_child import command_line

TELLS = ("sh", "-c", "cut -d' ' -f19 /proc/self/stat; cat /proc/self/autogroup 2>/dev/null || true")
"""Its niceness; and how Linux weighs its session, where it does: not on every machine, and never the session
that a machine or container began with."""


@pytest.mark.parametrize("in_a_session", [True, False], ids=["own session", "our session"])
@pytest.mark.parametrize("niceness", [-3, 3])
def test_its_place_on_a_busy_machine(niceness: int, in_a_session: bool) -> None:
    """It stands back, or ahead where we may; so does its session, and never ours."""
    ours = _lines(TELLS)
    command = command_line(TELLS, signal_number=signal.SIGKILL, niceness=niceness)
    told = _lines(command, in_a_session=in_a_session)
    base = int(ours[0])
    assert int(told[0]) == min(19, base + niceness) or (niceness < 0 and int(told[0]) == base)
    if in_a_session:
        assert all(weighed.endswith(f" nice {told[0]}") for weighed in told[1:])
    else:
        assert told[1:] == ours[1:]
    assert os.nice(0) == base


def test_whoever_stands_back_does_so_in_a_session_of_its_own() -> None:
    """Not with the one that started it, and never ahead of it."""
    told = "import os; from callcenter.standing_back import stand_back as back; back(7); back(2); "
    told += "print(os.nice(0), os.getsid(0) == os.getpid())"
    command = [sys.executable, "-c", told]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert answer.split() == [str(max(7, os.nice(0))), "True"]


def _lines(command: Sequence[str], *, in_a_session: bool = False) -> list[str]:
    return subprocess.run(
        command, start_new_session=in_a_session, capture_output=True, text=True, check=True
    ).stdout.splitlines()
