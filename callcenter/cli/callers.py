"""`callcenter callers`: the lists of callers, by way of the running centre."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.settings import Settings

app = typer.Typer(no_args_is_help=True)
ListName = Annotated[str, typer.Option("--list", help="One of caller_lists in the settings.")]


def _settings() -> Settings:
    from callcenter.cli import Chosen  # it holds this app

    return Chosen.settings()


@app.command()
def add(
    number: Annotated[str, typer.Argument(help="As callers show it; 02155* is all that begin so.")],
    name: ListName,
    reason: Annotated[str, typer.Option(help="Why; for people.")] = "",
    until: Annotated[str, typer.Option(help="Its last day, 2026-12-31 (UTC); else for good.")] = "",
) -> None:
    """Put a number on a list, or give it another reason and end there."""
    from callcenter.cli.callers_work import add_one

    entry = {"list": name, "number": number, "reason": reason, "expires_on": until}
    print(add_one(_settings(), entry))


@app.command(name="list")
def list_callers(
    name: Annotated[str | None, typer.Option("--list", help="Only this list.")] = None,
) -> None:
    """Show who is on the lists, and how many of their calls went its way."""
    from callcenter.cli.callers_work import show

    show(_settings(), name)


@app.command()
def remove(
    number: Annotated[str, typer.Argument(help="As `callers list` shows it.")], name: ListName
) -> None:
    """Take a number off a list."""
    from callcenter.cli.callers_work import remove_one

    remove_one(_settings(), number, name)
    print("removed")


@app.command(name="import")
def import_callers(
    file: Annotated[Path, typer.Argument(help="CSV; its head: list,number,reason,expires_on.")],
) -> None:
    """Put the numbers of a file on lists; right rows are taken, the others told with their lines."""
    from callcenter.cli.callers_work import import_file

    raise typer.Exit(import_file(_settings(), file))
