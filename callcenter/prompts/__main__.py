"""`python -m callcenter.prompts`: make the audio that comes with the product. See `--help`."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from callcenter.domain.waiting_room import WaitingPolicy
from callcenter.prompts import audio, shipped
from callcenter.prompts.engines import SynthesisError
from callcenter.prompts.model import PromptText
from callcenter.prompts.music import HOLD_MUSIC
from callcenter.prompts.music.compose import compose
from callcenter.prompts.phrases import piece_prompts, standing_prompts
from callcenter.prompts.store import PromptStore
from callcenter.settings import load_settings
from ivr_flows.check import prompts_of
from ivr_flows.files import read_flows

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
_BELOW_THE_TELEPHONY = 10
_CONFIG = Annotated[Path, typer.Option(help="Directory with the settings.")]


def every_shipped_text(config: Path) -> list[PromptText]:
    """All that callers can hear: the standing texts, the waiting room of the settings, the flows."""
    said_in_flows = [prompt for flow in read_flows().values() for prompt in prompts_of(flow)]
    said = load_settings(config).waiting
    waiting = WaitingPolicy(comfort=dict(said.comfort), call_back=dict(said.call_back)).prompts()
    return list(dict.fromkeys([*standing_prompts(), *piece_prompts(), *waiting, *said_in_flows]))


@app.command("render-shipped")
def render_shipped(
    config: _CONFIG = Path("config"),
    prune: Annotated[bool, typer.Option(help="Remove audio that nothing says any more.")] = False,
) -> None:
    """Render what is missing of the shipped audio with the best voices (needs the extra `tts`)."""
    os.nice(_BELOW_THE_TELEPHONY)
    texts = every_shipped_text(config)
    try:
        for entry in shipped.render_shipped(texts):
            typer.echo(f"{entry.key}  {entry.duration_ms:6d} ms  {entry.language}  {entry.text}")
    except SynthesisError as error:
        raise typer.Exit(_complain(str(error))) from error
    if prune:
        for entry in shipped.prune_shipped(texts):
            typer.echo(f"removed {entry.key}  {entry.language}  {entry.text}")
    typer.echo(f"{len(texts)} texts, all with audio in {shipped.SHIPPED_DIRECTORY}")


@app.command()
def render(
    directory: Path,
    shipped_audio: Annotated[Path, typer.Option("--shipped")] = shipped.SHIPPED_DIRECTORY,
    recorded: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Render a JSON list of [text, language] from standard input into a cache directory."""
    os.nice(_BELOW_THE_TELEPHONY)
    texts = [PromptText(text, language) for text, language in json.load(sys.stdin)]
    report = PromptStore(directory, shipped_audio, recorded=recorded).ensure(texts)
    for problem in report.problems:
        typer.echo(str(problem), err=True)


@app.command("compose")
def compose_music(target: Path = HOLD_MUSIC) -> None:
    """Render the music on hold anew."""
    samples = compose()
    audio.write_music_ogg(target, samples)
    typer.echo(f"{target}: {len(samples) / audio.WIDEBAND_HZ:.0f} s, {target.stat().st_size // 1024} kB")


def _complain(message: str) -> int:
    typer.echo(message, err=True)
    return 1


if __name__ == "__main__":
    app()
