"""The `callcenter` command. Every failure is one clear line with its cure, and a status other than 0."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from callcenter.cli.failure import Failure, clear_failures
from callcenter.models.cli import ModelPlaces
from callcenter.models.cli import app as models_app
from callcenter.places import Places
from callcenter.settings import Settings, load_settings

app = typer.Typer(
    help="A telephony-centred call-centre engine: queueing, routing, IVR, recording, transcription, KPI.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models", help="Speech models: list, install, verify.")


class Chosen:
    """Where the settings are, as told on the command line."""

    config = Path("config")
    overlays: tuple[Path, ...] = ()

    @classmethod
    def settings(cls) -> Settings:
        """The settings; raises Mistakes."""
        return load_settings(cls.config, cls.overlays, os.environ)

    @classmethod
    def argv(cls) -> tuple[str, ...]:
        """The same choice for another process of ours."""
        overlays = [part for path in cls.overlays for part in ("--overlay", str(path.resolve()))]
        return ("--config", str(cls.config.resolve()), *overlays)


def run_async(work: Coroutine[Any, Any, Any], *, fast: bool = False) -> Any:
    """Run to the end; ``fast`` with uvloop (the controller), else with the standard loop."""
    return uvloop.run(work) if fast else asyncio.run(work)


@app.callback()
def choose(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option(help="Directory with the settings (*.yaml).", envvar="CALLCENTER_CONFIG")
    ] = Path("config"),
    overlay: Annotated[
        list[Path] | None, typer.Option(help="A file laid over the settings; may be given several times.")
    ] = None,
) -> None:
    """Common options."""
    Chosen.config = config
    Chosen.overlays = tuple(overlay or ())
    context.obj = _model_places


def _model_places() -> ModelPlaces:
    settings = Chosen.settings()
    places = Places.of(settings.centre)
    return ModelPlaces(places.models, settings.speech.models_source)


@app.command()
def run() -> None:
    """Start the whole centre and keep it up; Ctrl-C stops everything cleanly."""
    from callcenter.cli.running import run_centre

    settings = Chosen.settings()
    run_async(run_centre(settings, Places.of(settings.centre), Chosen.argv()))


@app.command()
def demo(
    calls: Annotated[int, typer.Option(min=1, help="How many callers.")] = 12,
    agents: Annotated[int, typer.Option(min=1, help="How many agents answer.")] = 4,
    report: Annotated[Path | None, typer.Option(help="Where the report goes (JSON).")] = None,
    kill_controller: Annotated[
        bool, typer.Option(help="Pull the plug: kill -9 the controller in the middle.")
    ] = False,
) -> None:
    """Send real SIP calls with real audio through a whole centre, and check every one of them."""
    from callcenter.cli.demonstrating import run_demo

    code = run_async(run_demo(Chosen.config, Chosen.overlays, calls, agents, report, kill_controller))
    raise typer.Exit(code)


@app.command()
def provision() -> None:
    """Fetch what a first start would fetch: a private Asterisk, unless the machine has a suitable one."""
    from callcenter.cli.running import provision_for

    settings = Chosen.settings()
    run_async(provision_for(settings, Places.of(settings.centre)))


@app.command()
def doctor() -> None:
    """Check this machine and the settings; every finding comes with its cure."""
    from callcenter.cli.doctor import examine

    raise typer.Exit(examine(Chosen.settings()))


@app.command()
def explain(
    call_id: Annotated[str, typer.Argument(help="The call, as lists and reports name it.")],
    as_json: Annotated[bool, typer.Option("--json", help="The facts instead of the words.")] = False,
) -> None:
    """Tell why a call went to whom it went: every Offer, who else was there, and what ruled them out."""
    from callcenter.cli.explaining import explain_call

    settings = Chosen.settings()
    run_async(
        explain_call(
            settings,
            Places.of(settings.centre),
            call_id,
            as_json=as_json,
        )
    )


@app.command(name="controller", hidden=True)
def controller_process() -> None:
    """The controller's own process, started by `callcenter run`."""
    from callcenter.cli.running import run_controller_process

    settings = Chosen.settings()
    run_async(
        run_controller_process(settings, Places.of(settings.centre)),
        fast=True,
    )


def main() -> None:
    """The entry point."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with clear_failures():
        app(prog_name="callcenter")


__all__ = ["Failure", "app", "main"]
