"""The commands of `callcenter flows`, each told in its own module."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli.flows.prompts_app import app as prompts_app
from callcenter.settings import Settings

app = typer.Typer(help="Call flows: check, test, draw, list; learn from real calls.", no_args_is_help=True)
app.add_typer(prompts_app, name="prompts")

Flow = Annotated[str, typer.Argument(help="The flow's name, or a file (*.yaml).")]


class Format(StrEnum):
    """How a flow is drawn."""

    MERMAID = "mermaid"
    SVG = "svg"
    DOT = "dot"


def _settings() -> Settings:
    from callcenter.cli import Chosen  # it holds this app

    return Chosen.settings()


@app.command("check")
def check_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Flows (*.yaml); the centre's own when none is given.")
    ] = None,
) -> None:
    """Tell every mistake of every flow, in itself and against the settings; status 1 when there is one."""
    from callcenter.cli.flows.checking import check_flows

    raise typer.Exit(check_flows(_settings(), files or []))


@app.command("test")
def run_tests_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Tests (*.yaml); those beside the flows when none is given.")
    ] = None,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=100, help="Fail when fewer percent of a flow's ways are gone.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Results and coverage as JSON.")] = False,
) -> None:
    """Run the flows' tests in virtual time; status 1 when one fails or too few ways are gone."""
    from callcenter.cli.flows.testing import run_tests

    raise typer.Exit(run_tests(_settings(), files or [], min_coverage, as_json=as_json))


@app.command("graph")
def graph_command(
    flow: Flow,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.MERMAID,
    out: Annotated[Path | None, typer.Option(help="A file; else it is printed.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Whose texts; the flow's first when not given.")
    ] = None,
) -> None:
    """Draw a flow: its nodes by kind, its ways with their keys, the human key once."""
    from callcenter.cli.flows.drawing import draw_flow

    draw_flow(_settings(), flow, form.value, out, language)


@app.command("list")
def list_command() -> None:
    """Show the flows with their version, languages, size, and the numbers that lead to them."""
    from callcenter.cli.flows.listing import list_flows

    list_flows(_settings())


@app.command("set")
def set_command(
    flow: Flow,
    words: Annotated[
        list[str],
        typer.Argument(metavar="PATH VALUE ...", help="nodes.menu.timeout_sec 8, or a whole node as YAML."),
    ],
) -> None:
    """Give fields new values; all else in the file stays as it is written, comments and layout too.

    A node that is not there yet is added. Nothing is written when the flow would not be sound.
    """
    from callcenter.cli.flows.editing import set_fields

    set_fields(_settings(), flow, words)


@app.command("rename")
def rename_command(flow: Flow, node: str, new: str) -> None:
    """Call a node otherwise, with every way to it and in the flow's tests."""
    from callcenter.cli.flows.editing import rename_node

    rename_node(_settings(), flow, node, new)


@app.command("remove")
def remove_command(
    flow: Flow,
    parts: Annotated[list[str], typer.Argument(metavar="NODE|PATH ...", help="Nodes, or fields by path.")],
    instead: Annotated[str | None, typer.Option(help="Where the ways to the nodes lead then.")] = None,
) -> None:
    """Take nodes or fields away. Nothing is written when the flow would not be sound."""
    from callcenter.cli.flows.editing import remove_parts

    remove_parts(_settings(), flow, parts, instead)


@app.command("capture")
def capture_command(
    call_id: Annotated[str, typer.Argument(help="The call, as lists and reports name it.")],
    out: Annotated[Path | None, typer.Option(help="A new file; else it is printed.")] = None,
) -> None:
    """Make a test of a real call: what was pressed and when, and where it led; without personal data."""
    from callcenter.cli.flows.capturing import capture_call

    asyncio.run(capture_call(_settings(), call_id, out))


@app.command("replay")
def replay_command(
    begin: Annotated[
        str | None, typer.Option("--from", help="Since when (ISO 8601); by default since yesterday.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until when (ISO 8601).")] = None,
    flow: Annotated[
        Path | None, typer.Option(help="A flow (*.yaml) to try; else those in force now.")
    ] = None,
) -> None:
    """Let past callers press the same keys again, and tell who would have gone another way now."""
    from callcenter.cli.flows.replaying import replay_callers

    asyncio.run(replay_callers(_settings(), begin, end, flow))
