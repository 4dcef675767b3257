"""`callcenter models`: list, install and verify speech models."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from callcenter.models.install import install
from callcenter.models.installed import list_models, verify
from callcenter.models.model import ModelError, ModelState

app = typer.Typer(help="Speech models: what there is, what is installed, install more.", no_args_is_help=True)

Root = Annotated[
    Path,
    typer.Option("--root", envvar="CALLCENTER_MODELS_DIR", help="Directory the models are installed in."),
]
_DEFAULT_ROOT = Path("var/models")


@app.command("list")
def list_command(root: Root = _DEFAULT_ROOT) -> None:
    """Show every model of the catalogue and whether it is installed."""
    for found in list_models(root):
        model = found.model
        typer.echo(
            f"{model.model_id:<14} {found.state:<10} {model.engine:<8} {','.join(model.languages):<6} "
            f"{model.sample_rate // 1000} kHz {model.size_bytes // 1_000_000:>4} MB  {model.licence}"
        )
        for problem in found.problems:
            typer.echo(f"    {problem}")


@app.command("install")
def install_command(
    model_ids: Annotated[list[str], typer.Argument(help="Ids from `callcenter models list`.")],
    root: Root = _DEFAULT_ROOT,
    directory: Annotated[
        list[Path] | None,
        typer.Option("--directory", help="Look here first: an unpacked model, or a directory of them."),
    ] = None,
) -> None:
    """Install models; those that are there and whole are kept."""
    failed = False
    for model_id in model_ids:
        try:
            asyncio.run(install(model_id, root, typer.echo, directory or ()))
        except ModelError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)


@app.command("verify")
def verify_command(
    model_ids: Annotated[
        list[str] | None, typer.Argument(help="All that are installed, if none is named.")
    ] = None,
    root: Root = _DEFAULT_ROOT,
) -> None:
    """Read every file of installed models and compare its checksum."""
    installed = [found.model.model_id for found in list_models(root) if found.state is not ModelState.MISSING]
    failed = False
    for model_id in model_ids or installed:
        try:
            problems = verify(model_id, root)
        except ModelError as error:
            problems = [str(error)]
        for problem in problems:
            typer.echo(f"{problem}; run: callcenter models install {model_id}", err=True)
        failed = failed or bool(problems)
        if not problems:
            typer.echo(f"{model_id} is whole")
    raise typer.Exit(1 if failed else 0)
