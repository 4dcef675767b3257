"""Tells, beside a running centre, what it has lost and what has come back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
from rich.console import Console

from callcenter.places import Places
from callcenter.settings import Settings

LOOK_EVERY_S = 2.0
PATIENCE_LOOKS = 2
"""What is away at so many looks in a row is told of; a connection that is only just made is not."""
CONSEQUENCE = {
    "switch": ("Asterisk", "calls in it go on; the controller connects again by itself"),
    "store": (
        "PostgreSQL",
        "calls go on; the journal waits here and catches up; no tickets or search until then",
    ),
    "bus": ("Valkey", "calls go on; nobody can log in to the page until then"),
}


class HealthTold:
    """What has been told of each component, and what is to be told next."""

    def __init__(self) -> None:
        self._looks_away: dict[str, int] = {}

    def news(self, up: Mapping[str, bool]) -> list[tuple[str, bool]]:
        """The components that are newly to be called away (False) or back (True)."""
        found: list[tuple[str, bool]] = []
        for component, is_up in up.items():
            away = self._looks_away.get(component, 0)
            if is_up and away >= PATIENCE_LOOKS:
                found.append((component, True))
            elif not is_up and away + 1 == PATIENCE_LOOKS:
                found.append((component, False))
            self._looks_away[component] = 0 if is_up else away + 1
        return found


async def watch_health(settings: Settings, places: Places, console: Console) -> None:
    """Look for ever; a controller that does not answer is the supervisor's affair."""
    url = f"http://{settings.web.host}:{settings.web.port}/healthz"
    told = HealthTold()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2.0)) as session:
        while True:
            try:
                async with session.get(url) as answer:
                    components = (await answer.json())["components"]
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
                components = []
            for component, is_up in told.news({part["component"]: part["up"] for part in components}):
                name, consequence = CONSEQUENCE[component]
                if is_up:
                    console.print(f"[green]{name} is back.[/]")
                else:
                    log = places.log / "controller.log"
                    console.print(f"[yellow]{name} is away[/]: {consequence} -> the reason is in {log}")
            await asyncio.sleep(LOOK_EVERY_S)
