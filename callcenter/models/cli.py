"""`callcenter models`: list, install and verify speech models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from callcenter.models.install import install
from callcenter.models.installed import list_models, verify
from callcenter.models.model import ModelError, ModelState


@dataclass(frozen=True, slots=True)
class ModelPlaces:
    """Where models are installed, and a directory that is looked into before anything is fetched."""

    root: Path = Path("var/models")
    source: Path | None = None


app = typer.Typer(help="Speech models: what there is, what is installed, install more.", no_args_is_help=True)

Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        envvar="CALLCENTER_MODELS_DIR",
        help="Directory the models are installed in, if not that of the settings.",
    ),
]


def _places(context: typer.Context, root: Path | None) -> ModelPlaces:
    """``context.obj``, when given, reads the settings."""
    read: Callable[[], ModelPlaces] | None = context.obj
    told = read() if read is not None else ModelPlaces()
    return ModelPlaces(root or told.root, told.source)


@app.command("list")
def list_command(context: typer.Context, root: Root = None) -> None:
    """Show every model of the catalogue and whether it is installed."""
    for found in list_models(_places(context, root).root):
        model = found.model
        typer.echo(
            f"{model.model_id:<14} {found.state:<10} {model.engine:<8} {','.join(model.languages):<6} "
            f"{model.sample_rate // 1000} kHz {model.size_bytes // 1_000_000:>4} MB  {model.licence}"
        )
        for problem in found.problems:
            typer.echo(f"    {problem}")


@app.command("install")
def install_command(
    context: typer.Context,
    model_ids: Annotated[list[str], typer.Argument(help="Ids from `callcenter models list`.")],
    root: Root = None,
    directory: Annotated[
        list[Path] | None,
        typer.Option("--directory", help="Look here first: an unpacked model, or a directory of them."),
    ] = None,
) -> None:
    """Install models; those that are there and whole are kept."""
    failed = False
    places = _places(context, root)
    given = (*(directory or ()), *((places.source,) if places.source else ()))
    for model_id in model_ids:
        try:
            asyncio.run(install(model_id, places.root, typer.echo, given))
        except ModelError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)


@app.command("verify")
def verify_command(
    context: typer.Context,
    model_ids: Annotated[
        list[str] | None, typer.Argument(help="All that are installed, if none is named.")
    ] = None,
    root: Root = None,
) -> None:
    """Read every file of installed models and compare its checksum."""
    place = _places(context, root).root
    installed = [
        found.model.model_id for found in list_models(place) if found.state is not ModelState.MISSING
    ]
    failed = False
    for model_id in model_ids or installed:
        try:
            problems = verify(model_id, place)
        except ModelError as error:
            problems = [str(error)]
        for problem in problems:
            typer.echo(f"{problem}; run: callcenter models install {model_id}", err=True)
        failed = failed or bool(problems)
        if not problems:
            typer.echo(f"{model_id} is whole")
    raise typer.Exit(1 if failed else 0)
