"""What a process has cost so far, as the kernel counts it (proc(5))."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_TICKS_PER_SEC = os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> float:
    """CPU time of the process and its threads, user and system, in ms (10 ms steps)."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
    fields = after_name.split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS_PER_SEC


def rss_kb(pid: int) -> int:
    """Resident memory, in kB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def busy_share(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The share of the whole machine's CPU that was busy between two ``machine_ticks``."""
    total = after[1] - before[1]
    return (after[0] - before[0]) / total if total else 0.0


def machine_ticks() -> tuple[int, int]:
    """Busy and all ticks of the machine since its start."""
    fields = [
        int(field) for field in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]
    ]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def tree_cpu_ms(pid: int) -> float:
    """CPU time of the process and of all its living descendants, in ms."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            parent = int(stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    spent, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        with contextlib.suppress(OSError):
            spent += cpu_ms(one)
    return spent
