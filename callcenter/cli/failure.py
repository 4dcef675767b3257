"""How a failure is told: one clear line (or one per mistake) with its cure."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from callcenter.adapters.asterisk.config import SwitchConfigError
from callcenter.adapters.local_journal import JournalDamaged, JournalInUse
from callcenter.adapters.postgres.migrate import MigrationRefused
from callcenter.embedded.errors import ServiceError
from callcenter.flow_versions.model import NotNow
from callcenter.flow_versions.store import FlowStoreError
from callcenter.ports import StoreAway
from located_yaml import Mistakes

CURES = {
    errno.ENOSPC: "free some disk space, or set centre.data_dir to another disk",
    errno.EDQUOT: "free some disk space, or set centre.data_dir to another disk",
    errno.EACCES: "give this user access to it, or set another centre.data_dir",
    errno.EPERM: "give this user access to it, or set another centre.data_dir",
    errno.EROFS: "set centre.data_dir to a directory that can be written",
    errno.ENOTDIR: "set centre.data_dir to a directory",
    errno.EADDRINUSE: "stop what uses the port, or choose another in the settings",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
}


class Failure(Exception):
    """What a command could not do, for people: the text is a whole message with its cure."""


EXPECTED = (
    Failure,
    ServiceError,
    Mistakes,
    SwitchConfigError,
    MigrationRefused,
    StoreAway,
    JournalInUse,
    JournalDamaged,
    FlowStoreError,
    NotNow,
)
"""Errors whose text is a whole message with its cure."""


@contextmanager
def clear_failures() -> Iterator[None]:
    """Turn every expected failure into clear lines on stderr and status 1. CALLCENTER_DEBUG=1 shows all."""
    try:
        yield
    except EXPECTED as error:
        _tell(str(error), error)
    except OSError as error:
        cure = CURES.get(error.errno or 0, "see the log directory for what went before")
        what = f"{error.filename}: " if error.filename else ""
        _tell(f"{what}{error.strerror or error} -> {cure}", error)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell(message: str, error: Exception) -> None:
    if os.environ.get("CALLCENTER_DEBUG"):
        raise error
    sys.stderr.write(message.rstrip() + "\n")
    sys.exit(1)
