"""Migrations: numbered SQL files, each applied once, in order, checksummed, safe with several starters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

DIRECTORY = Path(__file__).parent / "migrations"
LONGEST_S = 3600.0
"""A migration may build an index over years of calls, which the connection's own limit would never let
end."""
LOCK_KEY = 0x43414C4C
"""The advisory lock that lets one starter migrate at a time ("CALL")."""


class MigrationRefused(Exception):
    """The database and the files disagree; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file ``NNNN_name.sql``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The checksum under which the database remembers it."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load(directory: Path = DIRECTORY) -> list[Migration]:
    """All migrations in order. Raises MigrationRefused when a number is missing or taken twice."""
    migrations = [
        Migration(int(path.name[:4]), path.name, path.read_text(encoding="utf-8"))
        for path in sorted(directory.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]
    for expected, migration in enumerate(migrations, start=1):
        if migration.number != expected:
            raise MigrationRefused(f"{migration.name}: number {expected:04d} was expected here; renumber it")
    return migrations


async def migrate(connection: asyncpg.Connection, migrations: Sequence[Migration] | None = None) -> int:
    """Bring the database up to date; returns how many migrations were applied.

    Each is one transaction. Raises MigrationRefused for a file changed after it was applied, or for a
    database that is newer than this program.
    """
    todo = load() if migrations is None else list(migrations)
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY, name text NOT NULL,"
            " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await connection.fetch("SELECT number, name, sha256 FROM schema_migrations ORDER BY number")
        known = {migration.number: migration for migration in todo}
        for row in rows:
            _check(row, known.get(row["number"]))
        fresh = todo[len(rows) :]
        for migration in fresh:
            async with connection.transaction():
                await connection.execute(migration.sql, timeout=LONGEST_S)
                await connection.execute(
                    "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)",
                    migration.number,
                    migration.name,
                    migration.sha256,
                )
        return len(fresh)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)


def _check(row: asyncpg.Record, migration: Migration | None) -> None:
    if migration is None:
        raise MigrationRefused(
            f"the database has migration {row['name']}, this program does not: start a newer program"
        )
    if migration.sha256 != row["sha256"]:
        raise MigrationRefused(
            f"{migration.name} was changed after it was applied: restore it and add a new migration instead"
        )
