"""Everything that runs: started in stages, watched, and stopped in reverse."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import ExitStack
from typing import Any, Protocol

from callcenter.embedded.process import ServiceState, ServiceStatus


class Service(Protocol):
    """One thing that runs while the centre is up; restarts itself when it fails later on."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    async def start(self) -> None:
        """Begin to start; raises ServiceError when that is impossible."""

    async def wait_ready(self) -> None:
        """Return once it does its work; raises ServiceError when it will not."""

    async def stop(self) -> None:
        """End it, whatever state it is in; afterwards nothing of it runs."""

    def status(self) -> ServiceStatus:
        """What it does now."""


class Supervisor:
    """Runs `stages` of services: those of a stage together, each stage once the one before it is ready.

    `on_progress` is told each service that changes on the way up or down, with what it does then. The
    processes of the services end with this one, however it ends.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[Service]],
        *,
        on_progress: Callable[[str, ServiceState], None] = lambda name, state: None,
    ) -> None:
        self._stages = stages
        self._on_progress = on_progress
        self._stop_requested = asyncio.Event()

    async def start(self) -> None:
        """Start everything. Raises ServiceError, with everything stopped again, for what failed first."""
        try:
            for stage in self._stages:
                await _together(self._start_one(service) for service in stage)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything, the last stage first. Idempotent."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(self._stop_one(service) for service in stage))

    async def run(self, *, on_ready: Callable[[], None] = lambda: None) -> None:
        """Start everything, call `on_ready`, and stop everything on SIGINT, SIGTERM or `request_stop`.

        A signal during the start ends the start. Raises ServiceError when something cannot be started.
        """
        loop = asyncio.get_running_loop()
        with ExitStack() as handlers:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.request_stop)
                handlers.callback(loop.remove_signal_handler, number)
            starting = asyncio.create_task(self.start())
            stop_wanted = asyncio.create_task(self._stop_requested.wait())
            try:
                await asyncio.wait({starting, stop_wanted}, return_when=asyncio.FIRST_COMPLETED)
                if starting.done():
                    starting.result()
                    on_ready()
                    await stop_wanted
            finally:
                await _end(starting, stop_wanted)
                await self.stop()

    def request_stop(self) -> None:
        """Make `run` stop everything and return."""
        self._stop_requested.set()

    def status(self) -> list[ServiceStatus]:
        """What each service does now, in starting order."""
        return [service.status() for stage in self._stages for service in stage]

    async def _start_one(self, service: Service) -> None:
        self._on_progress(service.name, ServiceState.STARTING)
        await service.start()
        await service.wait_ready()
        self._on_progress(service.name, ServiceState.READY)

    async def _stop_one(self, service: Service) -> None:
        await service.stop()
        self._on_progress(service.name, ServiceState.STOPPED)


async def _together(starts: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all; the first failure ends the others and is raised alone."""
    tasks = [asyncio.ensure_future(start) for start in starts]
    try:
        await asyncio.gather(*tasks)
    finally:
        await _end(*tasks)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
