"""Keeps what a long-lived process holds in huge pages.

A process that sleeps between calls finds the processor's table of page addresses (TLB) taken by others each
time it wakes, and a virtual machine looks each address up twice. In pages of 2 MiB instead of 4 KiB the whole
heap needs a few dozen of them: a controller took a tenth less CPU for a call.

Source: madvise(2), MADV_COLLAPSE, of Linux 6.1; proc(5), /proc/pid/smaps.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

HUGE = 2 << 20
"""Bytes in one, on the processors that we know."""
_MADV_COLLAPSE = 25
_SMAPS = Path("/proc/self/smaps")
_AREA = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw.p \S+ \S+ 0 *(?:\[heap\]|\[anon:.*\])?")
"""Writable memory of our own that is no file and no stack of the first thread."""
_HELD = re.compile(r"Rss: +(\d+) kB")


def gather() -> None:
    """Move what stands in memory now into huge pages. Takes 15 to 250 ms, as memory is whole or in pieces:
    for a start, not for between calls. What a processor, a kernel or its settings do not give stays as it
    is."""
    try:
        collapse = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return
    collapse.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    pages = [page for start, size in _well_filled() for page in range(start, start + size, HUGE)]
    # One by one: the answer for a whole area would not tell how many of its pages were given.
    given = sum(collapse(page, HUGE, _MADV_COLLAPSE) == 0 for page in pages)
    log.info("memory_in_huge_pages", mib=given * HUGE >> 20, of_mib=len(pages) * HUGE >> 20)


def _well_filled() -> Iterator[tuple[int, int]]:
    """Beginning and size of what whole huge pages can hold, where at least half of it is in use: a thread's
    stack, for one, would only become larger."""
    try:
        lines = _SMAPS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    start = end = 0
    for line in lines:
        if area := _AREA.fullmatch(line):
            start, end = (int(address, 16) for address in area.groups())
        elif held := _HELD.fullmatch(line):
            first, last = -(-start // HUGE) * HUGE, end // HUGE * HUGE
            if last > first and int(held[1]) * 2048 >= end - start:
                yield first, last - first
            start = end = 0
