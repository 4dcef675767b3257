"""The `callcenter` command. Every failure is one clear line with its cure, and a status other than 0."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from callcenter.cli.callers import app as callers_app
from callcenter.cli.failure import Failure, clear_failures
from callcenter.cli.flows import app as flows_app
from callcenter.cli.publishing import Author, add_publishing, author_of
from callcenter.models.cli import ModelPlaces
from callcenter.models.cli import app as models_app
from callcenter.places import Places
from callcenter.settings import Settings, SettingsSource

app = typer.Typer(
    help="A telephony-centred call-centre engine: queueing, routing, IVR, recording, transcription, KPI.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
add_publishing(flows_app)
app.add_typer(
    flows_app, name="flows", help="Call flows: check, test, draw, learn from real calls, publish, go back."
)
app.add_typer(
    callers_app, name="callers", help="Lists of callers (black list, VIP ...): add, list, remove, import."
)
app.add_typer(models_app, name="models", help="Speech models: list, install, verify.")


class Chosen:
    """Where the settings are, as told on the command line."""

    config = Path("config")
    overlays: tuple[Path, ...] = ()

    @classmethod
    def settings(cls) -> Settings:
        """The settings; raises Mistakes."""
        return cls.source().load()

    @classmethod
    def source(cls) -> SettingsSource:
        """Where they come from."""
        return SettingsSource(cls.config, cls.overlays)

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
def reload(author: Author = None) -> None:
    """Check the settings and put their routing part in force, without losing a waiting call. The audit log
    says who did."""
    from callcenter.cli.running import reload_settings

    reload_settings(Places.of(Chosen.settings().centre), author_of(author))


@app.command()
def run() -> None:
    """Start the whole centre and keep it up; Ctrl-C stops everything cleanly."""
    from callcenter.cli.running import run_centre

    settings = Chosen.settings()
    run_async(run_centre(settings, Places.of(settings.centre), Chosen.argv()))


@app.command()
def demo(
    scenario: Annotated[
        str,
        typer.Option(help="usual, or of routing: skills, ring-all, overflow, preferred-agent, call-back."),
    ] = "usual",
    calls: Annotated[int | None, typer.Option(min=1, help="How many callers; usually 12.")] = None,
    agents: Annotated[int | None, typer.Option(min=1, help="How many agents answer; usually 4.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where the report goes (JSON).")] = None,
    kill_controller: Annotated[
        bool, typer.Option(help="Pull the plug: kill -9 the controller in the middle.")
    ] = False,
) -> None:
    """Send real SIP calls with real audio through a whole centre, and check every one of them."""
    from callcenter.cli.demonstrating import Order, run_demo

    order = Order(scenario, calls, agents, kill_controller)
    code = run_async(run_demo(Chosen.config, Chosen.overlays, order, report))
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
    agent: Annotated[str | None, typer.Option(help="Tell also why not this agent.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="The facts instead of the words.")] = False,
) -> None:
    """Tell why a call went to whom it went: every Offer, who else was there, and what ruled them out."""
    from callcenter.cli.explaining import About, explain_call

    settings = Chosen.settings()
    places = Places.of(settings.centre)
    run_async(explain_call(settings, places, call_id, About(agent, language), as_json=as_json))


@app.command()
def replay(
    begin: Annotated[
        str | None, typer.Option("--from", help="Since when (ISO 8601); by default all that is held.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until when (ISO 8601).")] = None,
    new: Annotated[
        Path | None, typer.Option("--config", help="Directory with other settings (*.yaml) to try.")
    ] = None,
) -> None:
    """Tell the Router again what the journal says it was told, and see that it decides the same.

    With --config the same callers and agents meet other settings: they come, hang up, talk and pause as
    recorded, and the two courses are shown side by side. That is one exact answer about what was: nothing is
    drawn by lot. Of days that have not been, with other callers or staff, `callcenter whatif` tells by
    simulation. Times without a zone are those of the settings' calendars.
    """
    from callcenter.cli.replaying import replay_journal

    settings = Chosen.settings()
    raise typer.Exit(run_async(replay_journal(settings, Places.of(settings.centre), begin, end, new)))


@app.command()
def simulate(
    scenario: Annotated[
        Path | None, typer.Argument(help="The day to simulate; config/scenarios/*.yaml are examples.")
    ] = None,
    erlang: Annotated[
        str | None,
        typer.Option(
            help="Instead: one queue, load in erlangs: load=10,agents=14,aht=180,target=20,patience=90"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures with 95 and 99 % intervals.")] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Other dice; the same seed, the same result.")
    ] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How many independent runs.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.01, help="How long callers come in each run.")] = None,
) -> None:
    """Run the production Router in virtual time with made-up callers, and see waits and service level."""
    from callcenter.cli.simulating import simulate_one_queue, simulate_scenario

    if erlang is not None and scenario is None:
        simulate_one_queue(erlang, seed, replications, hours, as_json=as_json)
    elif scenario is not None and erlang is None:
        settings = Chosen.settings()
        places = Places.of(settings.centre)
        run_async(simulate_scenario(settings, places, scenario, seed, replications, hours, as_json=as_json))
    else:
        raise Failure("what to simulate? -> give a scenario file, or --erlang load=10,agents=14,aht=180")


@app.command()
def staffing(
    begin: Annotated[str | None, typer.Option("--from", help="Forecast from calls recorded since.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until when; both ISO 8601.")] = None,
    forecast: Annotated[
        Path | None, typer.Option(help="A forecast instead: {interval_min: 60, calls: {mon: [0, ...]}}.")
    ] = None,
    calls: Annotated[float | None, typer.Option(help="Only one load instead: calls per hour.")] = None,
    queue: Annotated[str | None, typer.Option(help="Its calls, threshold and target.")] = None,
    aht: Annotated[float | None, typer.Option(help="Mean handle time, s; else of recorded calls.")] = None,
    target: Annotated[float | None, typer.Option(help="Service-level threshold, s.")] = None,
    level: Annotated[float | None, typer.Option(help="Share of all calls answered within it.")] = None,
    patience: Annotated[float | None, typer.Option(help="Mean patience, s: Erlang A.")] = None,
    max_occupancy: Annotated[float, typer.Option(help="How busy agents may be.")] = 1.0,
    shrinkage: Annotated[float, typer.Option(help="Share of paid time without calls.")] = 0.0,
    answered: Annotated[float, typer.Option(help="Share of all calls answered at all.")] = 0.0,
    interval: Annotated[int, typer.Option(min=5, max=1440, help="Minutes.")] = 30,
    plot: Annotated[Path | None, typer.Option(help="A picture, too: *.svg or *.png.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tell how many agents are needed, by weekday and interval (Erlang C; with patience Erlang A)."""
    from callcenter.cli.staffing import Asked, plan_staff

    load = (begin, end, forecast, calls)
    bounds = (max_occupancy, shrinkage, answered)
    asked = Asked(*load, queue, aht, target, level, patience, *bounds, interval, plot)
    settings = Chosen.settings()
    run_async(plan_staff(settings, Places.of(settings.centre), asked, as_json=as_json))


@app.command()
def whatif(
    begin: Annotated[str, typer.Option("--from", help="Since when (ISO 8601).")],
    end: Annotated[str, typer.Option("--to", help="Until when (ISO 8601).")],
    new: Annotated[
        Path | None, typer.Option("--config", help="Directory with other settings (*.yaml) to try.")
    ] = None,
    agents: Annotated[
        int | None, typer.Option(min=1, help="So many agents instead, who can do everything.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="The queues and agents of this scenario instead.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Other dice.")] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How many runs of each.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Simulate a past period as it was staffed, and changed, with the callers of the journal in both."""
    from callcenter.cli.comparing import Changed, simulate_change

    settings = Chosen.settings()
    changed = Changed(new, agents, scenario)
    run_async(
        simulate_change(
            settings, Places.of(settings.centre), begin, end, changed, seed, replications, as_json=as_json
        )
    )


@app.command()
def bench(
    what: Annotated[
        str, typer.Argument(help="acd: decisions of the Router. All others: make bench.")
    ] = "acd",
    quick: Annotated[bool, typer.Option(help="The smallest size only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The figures instead of the table.")] = False,
) -> None:
    """Measure the Router on this machine, against a plain scan in the same run."""
    from callcenter.cli.benching import bench_acd

    if what != "acd":
        raise Failure(f"no bench {what} here -> acd, or `make bench` for all")
    bench_acd(quick=quick, as_json=as_json)


@app.command(name="controller", hidden=True)
def controller_process() -> None:
    """The controller's own process, started by `callcenter run`."""
    from callcenter.cli.running import run_controller_process

    settings = Chosen.settings()
    places = Places.of(settings.centre)
    run_async(run_controller_process(settings, Chosen.source(), places), fast=True)


def main() -> None:
    """The entry point."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with clear_failures():
        app(prog_name="callcenter")


__all__ = ["Failure", "app", "main"]
