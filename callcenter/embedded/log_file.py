"""The output of a service, in files whose total size is bounded."""

import os
import shutil
from pathlib import Path


class LogFile:
    """Where a service writes to: `path`, with up to `keep` older parts beside it as `path.1`, `path.2` ...

    The service holds the file itself, so that nothing stands between it and the disk: a part is copied away
    and the file emptied, which appending writers bear. Lines written in that instant can be lost.
    """

    def __init__(self, path: Path, *, limit_bytes: int = 8 << 20, keep: int = 2) -> None:
        self.path = path
        self._limit_bytes = limit_bytes
        self._keep = keep

    def open(self) -> int:
        """A descriptor for a service to append to; the caller closes its own copy."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.rotate_when_full()
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def rotate_when_full(self) -> None:
        """Move the content on when it has passed the limit."""
        if not self.path.exists() or self.path.stat().st_size < self._limit_bytes:
            return
        parts = [self.path.with_name(f"{self.path.name}.{number}") for number in range(1, self._keep + 1)]
        for older, newer in zip(reversed(parts), [*reversed(parts[:-1]), self.path], strict=True):
            if newer is self.path:
                shutil.copyfile(newer, older)
                older.chmod(0o600)
            elif newer.exists():
                newer.replace(older)
        os.truncate(self.path, 0)

    def last_line(self) -> str:
        """The last words of the service, for a message to a person; empty when it said nothing."""
        try:
            with self.path.open("rb") as log:
                log.seek(max(0, self.path.stat().st_size - 4096))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
