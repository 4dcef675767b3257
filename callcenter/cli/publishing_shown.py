"""What was published, as people read it."""

from __future__ import annotations

import time
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callcenter.adapters.journal_segments import events_since
from callcenter.cli.failure import Failure
from callcenter.domain import events as e
from callcenter.domain.flow_stage import StageTally, StageWatch
from callcenter.flow_versions import service
from callcenter.flow_versions.model import Action, Deed, State, difference, summary
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.settings import Settings

COLOURS = {"+": "green", "-": "red", "@": "cyan"}
DEEDS = {
    Deed.PUBLISHED: "published",
    Deed.ROLLED_BACK: "rolled back to",
    Deed.STAGED: "staged for {percent} %",
    Deed.SHARE_SET: "now for {percent} %",
    Deed.FINISHED: "staged, now for all",
    Deed.WITHDRAWN: "withdrawn",
    Deed.GUARD: "withdrawn by its guard",
}


def show_log(places: Places) -> None:
    """The publishing log, the newest entry first. Raises FlowStoreError."""
    entries = service.history(FlowStore(places.flow_versions))
    if not entries:
        Console().print("Nothing was published yet: the controller runs the files of centre.flows_dir.")
        return
    table = Table("version", "what", "when", "who", "note", "changed for callers", box=None, pad_edge=False)
    for entry in reversed(entries):
        action = entry.action
        told = (_what(action), _when(action.at), action.author, action.note, entry.changes)
        table.add_row(str(action.number), *(Text(part) for part in told))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)


def show_difference(settings: Settings, places: Places, old: str | None, new: str | None) -> None:
    """What differs from ``old`` (a version; None: the one in force) to ``new`` (None: flows_dir). Raises
    FlowStoreError, Failure and OSError."""
    store = FlowStore(places.flow_versions)
    number = store.state().number if old is None else _number(old)
    if not number:
        raise Failure("nothing was published yet -> `callcenter flows publish` puts the first one in force")
    after = service.written_files(settings.centre.flows_dir) if new is None else store.files(_number(new))
    label = "flows_dir" if new is None else f"version-{_number(new)}"
    console = Console(highlight=False, soft_wrap=True)
    for line in difference(store.files(number), after, (f"version-{number}", label)):
        bold = line.startswith(("--- ", "+++ "))
        console.print(Text(line, style="bold" if bold else COLOURS.get(line[:1], "")))


def show_status(settings: Settings, places: Places) -> None:
    """What is in force, staged, running, and not published yet. Raises FlowStoreError and OSError."""
    console = Console(highlight=False, soft_wrap=True)
    store = FlowStore(places.flow_versions)
    actions = store.actions()
    state = store.state()
    if not state.number:
        console.print("Nothing was published yet: the controller runs the files of centre.flows_dir.")
        return
    since = actions[state.since - 1]
    console.print(
        f"In force: version {state.number}, since {_when(since.at)}, by {since.author}", markup=False
    )
    if since.note:
        console.print(f"          {since.note}", markup=False)
    watch, withdrawn = _watched(places)
    _show_stage(console, state, watch, withdrawn)
    if watch.number not in (0, state.number):
        told = f"The controller runs version {watch.number} -> `callcenter reload`; see log/controller.log"
        console.print(Text(told, style="yellow"))
    written = service.written_files(settings.centre.flows_dir)
    if changed := summary(store.files(state.number), written):
        console.print(f"flows_dir differs: {changed} -> `callcenter flows diff` shows it", markup=False)
    else:
        console.print("flows_dir is the same.")


def _show_stage(
    console: Console, state: State, watch: StageWatch, withdrawn: e.FlowStageWithdrawn | None
) -> None:
    staged = state.staged
    if staged is None:
        return
    console.print(f"Staged:   version {staged.number}, for {staged.percent} % of new callers")
    if watch.withdrawn == staged.began:
        told = f" ({withdrawn.guard})" if withdrawn else ""
        console.print(f"          withdrawn by its guard{told}: no new caller takes it")
    elif watch.stage is not None and watch.stage.began == staged.began:
        guards = staged.guards
        console.print(f"          {_fares(f'version {staged.number}', watch.staged)}")
        console.print(f"          {_fares(f'version {state.number}', watch.in_force)}")
        console.print(
            f"          guards, from {guards.min_calls} callers of each on: "
            f"contained -{guards.containment_drop:.0%}, abandoned +{guards.abandonment_rise:.0%}, "
            f"errors +{guards.error_rise:.0%}"
        )


def _fares(name: str, tally: StageTally) -> str:
    return (
        f"{name}: {tally.calls} callers, contained {tally.share(tally.contained):.1%}, "
        f"abandoned {tally.share(tally.abandoned):.1%}, errors {tally.share(tally.errors):.1%}"
    )


def _watched(places: Places) -> tuple[StageWatch, e.FlowStageWithdrawn | None]:
    """The figures of the stage, out of the newest segment of the local journal; none when there is no
    journal."""
    watch, last = StageWatch(), None
    read = events_since(places.journal, time.time_ns() // 1_000_000)
    if read is None:
        return watch, None
    snapshot, events = read
    if snapshot and snapshot.get("stage"):
        watch = StageWatch.from_dict(snapshot["stage"])
    for _, event in events:
        watch.apply(event)
        if isinstance(event, e.FlowStageWithdrawn):
            last = event
    return watch, last


def _what(action: Action) -> str:
    return DEEDS[action.deed].format(percent=action.percent)


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).astimezone().isoformat(sep=" ", timespec="seconds")


def _number(written: str) -> int:
    try:
        return int(written.removeprefix("version-").removeprefix("v"))
    except ValueError:
        raise Failure(f"'{written}' is no version -> give a number of `callcenter flows log`") from None
