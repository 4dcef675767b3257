"""The commands of `callcenter flows prompts`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.settings import Settings

if TYPE_CHECKING:
    from callcenter.cli.flows.prompts import Chosen

app = typer.Typer(
    help="What callers hear: list, play, export to be recorded, import recordings.", no_args_is_help=True
)
Which = Annotated[str, typer.Argument(help="Its number, as `list` tells it, or its exact words.")]
State = Annotated[
    str | None, typer.Option("--only", help="recorded, shipped, rendered, poor (voice) or missing.")
]
FlowName = Annotated[str | None, typer.Option("--flow", help="Only what this flow says.")]
Language = Annotated[str | None, typer.Option(help="Only texts in this language.")]
Pieces = Annotated[bool, typer.Option("--pieces", help="The words of numbers and days, too.")]


def _settings() -> Settings:
    from callcenter.cli import Chosen  # it holds this app

    return Chosen.settings()


def _chosen(state: str | None, flow: str | None, language: str | None, *, pieces: bool) -> Chosen:
    from callcenter.cli.failure import Failure
    from callcenter.cli.flows.prompts import Chosen
    from callcenter.prompts.catalogue import PromptState as Known

    if state is not None and state not in set(Known) - {Known.STALE}:
        raise Failure(f"no texts are '{state}' -> recorded, shipped, rendered, poor or missing")
    return Chosen(Known(state) if state else None, flow, language, pieces)


@app.command("list")
def list_command(
    only: State = None, flow: FlowName = None, language: Language = None, pieces: Pieces = False
) -> None:
    """List every text with its number, what speaks it, seconds and level, and which flows say it."""
    from callcenter.cli.flows.prompts import list_prompts

    list_prompts(_settings(), _chosen(only, flow, language, pieces=pieces))


@app.command("play")
def play_command(prompt: Which) -> None:
    """Play a text here; where nothing can be played, tell where its audio lies."""
    from callcenter.cli.flows.prompts import play

    play(_settings(), prompt)


@app.command("stale")
def stale_command() -> None:
    """Show recordings whose text has changed since, or is said no more, and rendered audio nobody needs."""
    from callcenter.cli.flows.prompts import show_stale

    show_stale(_settings())


@app.command("export")
def export_command(
    directory: Path,
    only: State = None,
    flow: FlowName = None,
    language: Language = None,
    pieces: Pieces = False,
) -> None:
    """Write texts and their present audio into a new directory, with a sheet for the studio."""
    from callcenter.cli.flows.prompts import export

    export(_settings(), directory, _chosen(only, flow, language, pieces=pieces))


@app.command("import")
def import_command(
    source: Annotated[
        Path, typer.Argument(help="A recording (wav, mp3, ogg, flac), or an exported directory.")
    ],
    prompt: Annotated[
        str | None, typer.Argument(help="Of one recording: the text's number or exact words.")
    ] = None,
) -> None:
    """Let callers hear recordings instead of the synthetic voice: checked, trimmed and levelled."""
    from callcenter.cli.flows.prompts import import_recordings

    import_recordings(_settings(), source, prompt)


@app.command("remove")
def remove_command(prompt: Which) -> None:
    """Forget the recording of a text: the synthetic voice says it again."""
    from callcenter.cli.flows.prompts import remove

    remove(_settings(), prompt)
