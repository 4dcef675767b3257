"""What a process holds goes into huge pages where the kernel gives them, and is the same afterwards."""

import contextlib
import mmap
import re
import subprocess
import sys
from pathlib import Path

import pytest

from callcenter import huge_pages

HELD = 64 << 20
"""Bytes that the process under test holds in one piece."""
HOLDS = f"""
import structlog
from callcenter import huge_pages
structlog.configure(processors=[structlog.processors.JSONRenderer()])
held = bytearray(range(256)) * ({HELD} // 256)
before = hash(bytes(held))
huge_pages.gather()
assert hash(bytes(held)) == before
print(open("/proc/self/smaps_rollup").read())
"""


def found(pattern: str, text: str) -> int:
    """The number that this finds."""
    match = re.search(pattern, text)
    assert match is not None, text
    return int(match[1])


def given_here() -> bool:
    """Whether this kernel knows the request (6.1 and later) and has one huge page to give at least, of as
    many as the process under test asks for."""
    wide = 2 * huge_pages.HUGE  # holds one whole huge page, wherever it begins
    with mmap.mmap(-1, HELD, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
        area.write(b"x" * len(area))
        for start in range(0, len(area), wide):
            with contextlib.suppress(OSError):
                area.madvise(25, start, wide)
                return True
    return False


def test_what_is_held_lies_in_huge_pages_afterwards() -> None:
    """As much as is told of what was asked for, at least; nothing where the kernel has none to give, and then
    nothing breaks."""
    ran = subprocess.run([sys.executable, "-c", HOLDS], capture_output=True, text=True, check=True)
    given, asked = found(r'"mib": (\d+)', ran.stdout), found(r'"of_mib": (\d+)', ran.stdout)
    # One piece, for small objects lie in arenas of 1 MiB, which the kernel may strew over gaps that hold no
    # whole huge page. It may begin and end within one.
    assert asked >= (HELD - huge_pages.HUGE) >> 20
    assert (given > 0) is given_here()
    assert found(r"AnonHugePages: +(\d+) kB", ran.stdout) >= given << 10
    assert given <= asked


def test_empty_memory_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of which little is in use, a file, what may not be written: all stay as they are."""
    area = "{:x}-{:x} {} 00000000 {} {}\nSize: 9 kB\nRss:    {} kB\nVmFlags: rd wr\n"
    mib = 1 << 20
    (tmp_path / "smaps").write_text(
        area.format(mib, 9 * mib, "rw-p", "00:00 0", "", 5000)
        + area.format(10 * mib, 18 * mib, "rw-p", "00:00 0", "", 400)
        + area.format(20 * mib, 28 * mib, "rw-p", "fe:00 77", "/some/file", 8192)
        + area.format(30 * mib, 38 * mib, "r--p", "00:00 0", "", 8192)
        + area.format(40 * mib, 41 * mib, "rw-p", "00:00 0", "", 1024)
        + area.format(50 * mib, 58 * mib, "rw-p", "00:00 0", "[stack]", 8192)
        + area.format(60 * mib, 64 * mib, "rw-p", "00:00 0", "      [heap]", 4096)
        + area.format(70 * mib, 72 * mib, "rw-p", "00:00 0", "[anon: glibc: malloc]", 2048)
    )
    monkeypatch.setattr(huge_pages, "_SMAPS", tmp_path / "smaps")
    assert list(huge_pages._well_filled()) == [(2 * mib, 6 * mib), (60 * mib, 4 * mib), (70 * mib, 2 * mib)]


def test_without_a_kernel_that_tells_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another system, or one without /proc."""
    monkeypatch.setattr(huge_pages, "_SMAPS", tmp_path / "none")
    huge_pages.gather()
