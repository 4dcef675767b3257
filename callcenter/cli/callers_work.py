"""What `callcenter callers` does: it asks the running centre, which is in step with the lists at once."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from rich.console import Console
from rich.table import Table

from callcenter import assembly
from callcenter.caller_lists.model import COLUMNS, Deed, Refused, plain_number, rows_of
from callcenter.cli.controller_process import controller_of
from callcenter.cli.failure import Failure
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.places import Places
from callcenter.secrets import ADMIN, load_secrets
from callcenter.settings import Settings

AT_ONCE: Final = 50
"""Entries of one request."""
T = TypeVar("T")


def add_one(settings: Settings, entry: Mapping[str, str]) -> Deed:
    """What became of it. Raises Failure when it was refused."""
    (result,) = _ask(settings, lambda api: _added(api, [entry]))
    if result["deed"] == Deed.REFUSED:
        raise Failure(f"not added: {result['told']}")
    return Deed(result["deed"])


def show(settings: Settings, name: str | None) -> None:
    """Print the entries."""
    answer = _ask(settings, lambda api: api.caller_lists(name))
    table = Table("list", "number", "reason", "by", "until", "hits")
    for entry in answer["entries"]:
        until = (entry["expires_at"] or "")[:16]
        words = [entry[field] for field in ("list", "number", "reason", "author")]
        table.add_row(*words, until, str(entry["hits"]))
    Console(highlight=False, markup=False).print(table)


def remove_one(settings: Settings, number: str, name: str) -> None:
    """However the number is written. Raises Failure when it is not there."""
    plan = assembly.numbering(settings).plan
    try:
        wanted = plain_number(number, plan)
    except Refused as refused:
        raise Failure(f"not removed: {refused}") from refused

    async def removed(api: CentreApi) -> None:
        entries = (await api.caller_lists(name))["entries"]
        same = (one["entry_id"] for one in entries if plain_number(one["number"], plan) == wanted)
        entry_id = next(same, None)
        if entry_id is None:
            raise Failure(f"this number is not on the list {name} -> `callcenter callers list` shows them")
        await api.remove_caller(entry_id)

    _ask(settings, removed)


def import_file(settings: Settings, file: Path) -> int:
    """Print what became of the rows; the exit status."""
    rows = _read(file)
    results = _ask(settings, lambda api: _added(api, [row for _, row in rows]))
    counts = dict.fromkeys((deed.value for deed in Deed), 0)
    for (line, _), result in zip(rows, results, strict=True):
        counts[result["deed"]] += 1
        if result["deed"] == Deed.REFUSED:
            print(f"{file}:{line}: {result['told']}")
    print(", ".join(f"{count} {deed}" for deed, count in counts.items()))
    return 1 if counts[Deed.REFUSED] else 0


def _read(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [column for column in COLUMNS[:2] if column not in (reader.fieldnames or ())]
            if missing:
                told = f"{file}:1: no column {', '.join(missing)}"
                raise Failure(f"{told} -> its first line names the columns: {','.join(COLUMNS)}")
            return list(rows_of(reader))
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8 -> save it as CSV UTF-8") from error
    except csv.Error as error:
        raise Failure(f"{file}: {error} -> save it as CSV") from error


async def _added(api: CentreApi, rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for at in range(0, len(rows), AT_ONCE):
        results += await api.add_callers(rows[at : at + AT_ONCE])
    return results


def _ask(settings: Settings, deed: Callable[[CentreApi], Awaitable[T]]) -> T:
    """What the running centre answers. Raises Failure."""
    places = Places.of(settings.centre)
    if controller_of(places) is None:
        raise Failure(f"no centre runs in {places.data_dir} -> start it by `callcenter run`")

    async def asked() -> T:
        async with CentreApi(f"http://{settings.web.host}:{settings.web.port}") as api:
            await api.log_in(ADMIN, load_secrets(places.secrets, settings.phones).admin)
            return await deed(api)

    try:
        return asyncio.run(asked())
    except ApiRefused as refused:
        raise Failure(str(refused)) from refused
    except TimeoutError as error:
        raise Failure("the centre does not answer -> see log/controller.log") from error
