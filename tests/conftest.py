"""What all tests share: quiet logs and, in time, the real stores."""

from __future__ import annotations

import pytest
import structlog


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    """Log lines go nowhere; a test that reads them uses structlog.testing.capture_logs."""
    structlog.configure(processors=[_drop])


def _drop(*_: object) -> None:
    raise structlog.DropEvent
