"""One centre per data directory: the claim on it, and who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.cli.failure import CURES, Failure
from callcenter.places import Places

FILE = "centre.pid"


@contextmanager
def claimed(places: Places) -> Iterator[None]:
    """Make the data directory and hold it for the length of the block; the kernel ends the claim with us.

    Raises Failure when another centre holds it, or when this user cannot write there.
    """
    try:
        places.run.mkdir(parents=True, exist_ok=True)
        handle = os.open(places.run / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as refused:
        raise _unwritable(places, refused) from refused
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = _pid_in(places.run / FILE)
            raise Failure(
                f"a centre runs in {places.data_dir.absolute()} already"
                + (f" (process {holder})" if holder else "")
                + " -> stop it first, or give this one another centre.data_dir and other ports"
            ) from None
        except OSError as refused:
            raise _unwritable(places, refused) from refused
        yield
    finally:
        os.close(handle)


def claim_holder(places: Places) -> int | None:
    """The process of the centre that runs in this data directory now; None when there is none."""
    try:
        handle = os.open(places.run / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid_in(places.run / FILE)
    finally:
        os.close(handle)
    return None


def _unwritable(places: Places, refused: OSError) -> Failure:
    cure = CURES.get(refused.errno or 0, "give this user write access there, or set another centre.data_dir")
    return Failure(f"cannot write in {places.data_dir.absolute()}: {refused.strerror} -> {cure}")


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
