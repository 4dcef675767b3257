"""Where pages are served in tests: the addresses must be known before a browser starts."""

from __future__ import annotations

import os

_APART = 20


def of_worker(port: int) -> int:
    """This port, moved by the number of the worker that runs the test: several run at once."""
    return port + _APART * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
