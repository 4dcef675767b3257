"""What all tests share: quiet logs, no task left behind, and the real stores."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from types import ModuleType

import pytest
import structlog
from embedded_stores import EmbeddedStores
from hypothesis import HealthCheck, settings

# How quick examples are made is the machine's matter: a busy one must not fail a test.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

TURNS_TO_END = 5
"""Turns of the event loop that tasks told to end may take to do so."""


@pytest.hookimpl(tryfirst=True)  # before some are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every asynchronous test is watched for tasks that it leaves behind; those of a page without telephones
    are marked."""
    for item in items:
        if isinstance(item, pytest.Function):
            if inspect.iscoroutinefunction(item.obj):
                item.fixturenames.insert(0, "no_leaked_tasks")
            if _has_browsers(item.module) and "centre" not in item.fixturenames:
                item.add_marker(pytest.mark.page)


def _has_browsers(module: ModuleType) -> bool:
    return any(str(getattr(one, "__module__", "")).startswith("playwright.") for one in vars(module).values())


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fails the test when a task still runs after everything that it used was taken down."""
    before = asyncio.all_tasks()
    yield
    for _ in range(TURNS_TO_END):
        await asyncio.sleep(0)
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not leaked, f"tasks left running: {[task.get_name() for task in leaked]}"


@pytest.fixture(scope="session")
def stores() -> Iterator[EmbeddedStores]:
    """The real PostgreSQL and Valkey, started once for all tests that need them."""
    with EmbeddedStores() as running:
        yield running


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    """Log lines go nowhere; a test that reads them uses structlog.testing.capture_logs."""
    structlog.configure(processors=[_drop])


def _drop(*_: object) -> None:
    raise structlog.DropEvent
