"""Tells where numbers belong, once the table is there; it is written at the first start."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Final

import phonenumbers
import structlog

from callcenter.regions.table import RegionTable

log = structlog.get_logger(__name__)
ROOT: Final = Path(__file__).parents[2]


class Regions:
    """The regions of the ``country`` (ISO 3166; empty: nothing is known) in which the centre is. The table
    lies in ``directory``; that of another release of the data is another file."""

    def __init__(self, directory: Path, country: str) -> None:
        self._path = directory / f"{country}-{phonenumbers.__version__}.sqlite"
        self._country = country
        self._table: RegionTable | None = None

    def of(self, canonical: str, language: str) -> str:
        """See RegionTable.of; empty as long as there is no table."""
        return self._table.of(canonical, language) if self._table else ""

    async def prepare(self) -> None:
        """Write the table where there is none yet, and open it. A failure is logged: calls go on without."""
        if not self._country:
            return
        if not self._path.is_file() and not await self._written():
            return
        try:
            self._table = RegionTable(self._path)
        except sqlite3.Error as error:
            log.error("regions_unreadable", file=self._path.name, reason=str(error), cure="remove the file")

    def close(self) -> None:
        """Close the table."""
        if self._table:
            self._table.close()

    async def _written(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter.regions.table", self._country, str(self._path.absolute())),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, told = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            log.error("regions_not_written", reason=told.decode(errors="replace")[-400:])
        return process.returncode == 0
