"""`callcenter flows publish|stage|rollback|log|diff|status`: versions of the flows, which one is in force."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from typing import Annotated

import typer

from callcenter.cli.failure import Failure
from callcenter.flow_versions.model import Action, Doing, State
from callcenter.places import Places
from callcenter.settings import Settings

Note = Annotated[str, typer.Option(help="Why, for the log.")]
Author = Annotated[str | None, typer.Option(help="Who; by default this machine's user.")]
Percent = Annotated[int | None, typer.Option(min=1, max=99, help="Only for this share of new callers.")]
FLOWS_DIR = "flows_dir"


def add_publishing(app: typer.Typer) -> None:
    """Give a sub-app (`callcenter flows`) the commands of publishing."""
    for command in (publish, stage, rollback, log, diff, status):
        app.command()(command)


def publish(note: Note = "", author: Author = None, percent: Percent = None) -> None:
    """Keep the flows of centre.flows_dir as a new version, and let new callers take it.

    Refused with every mistake when they are not sound. New texts are spoken first. Calls in progress finish
    on the version they began with. With --percent a share of new callers tries it, until `callcenter flows
    stage` ends that, or a guard of the settings (publishing) does.
    """
    from callcenter.cli.publishing_work import publish_written

    publish_written(*_chosen(), _doing(author, note), percent)


def stage(
    percent: Percent = None,
    finish: Annotated[bool, typer.Option("--finish", help="In force for all new callers.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="For no new caller any more.")] = False,
    note: Note = "",
    author: Author = None,
) -> None:
    """Say how it goes on with the staged version: another share of new callers, all of them, or none."""
    from callcenter.cli.publishing_work import change
    from callcenter.flow_versions import model

    doing = _doing(author, note)
    decisions: list[Callable[[State], Action]] = []
    if percent is not None:
        decisions.append(lambda state: model.share_set(state, percent, doing))
    if finish:
        decisions.append(lambda state: model.finished(state, doing))
    if withdraw:
        decisions.append(lambda state: model.withdrawn(state, doing))
    if len(decisions) != 1:
        raise Failure("how does it go on? -> give one of --percent N, --finish and --withdraw")
    change(*_chosen(), decisions[0])


def rollback(
    number: Annotated[int | None, typer.Argument(help="The version; by default the one before.")] = None,
    note: Note = "",
    author: Author = None,
) -> None:
    """Put an older version in force again; a stage ends by it. flows_dir stays as it is."""
    from callcenter.cli.publishing_work import change
    from callcenter.flow_versions import model

    doing = _doing(author, note)
    change(*_chosen(), lambda state: model.rolled_back(state, number, doing))


def log() -> None:
    """List what was published, staged and gone back to: the newest first, with what it changed."""
    from callcenter.cli.publishing_shown import show_log

    show_log(_chosen()[1])


def diff(
    old: Annotated[str | None, typer.Argument(metavar="[A]", help="A version; by default in force.")] = None,
    new: Annotated[str, typer.Argument(metavar="[B]", help="A version, or flows_dir.")] = FLOWS_DIR,
) -> None:
    """Show what differs, line by line: what is in force and flows_dir, or two versions."""
    from callcenter.cli.publishing_shown import show_difference

    show_difference(*_chosen(), old, None if new == FLOWS_DIR else new)


def status() -> None:
    """Tell which version is in force and which is staged, how its callers fare, and what is not published."""
    from callcenter.cli.publishing_shown import show_status

    show_status(*_chosen())


def _chosen() -> tuple[Settings, Places]:
    from callcenter.cli import Chosen  # it is complete by now; it knows this module

    settings = Chosen.settings()
    return settings, Places.of(settings.centre)


def author_of(given: str | None) -> str:
    """Who gave the command."""
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"


def _doing(author: str | None, note: str) -> Doing:
    return Doing(time.time_ns() // 1_000_000, author_of(author), note, command=True)
