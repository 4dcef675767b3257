"""`callcenter flows check`: every mistake of every flow at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callcenter.cli.flows.known import flows_directory, read, single_flows
from callcenter.flow_editing.checking import checked, poorly_spoken, remarks
from callcenter.settings import Settings


def check_flows(settings: Settings, files: Sequence[Path]) -> int:
    """Print all mistakes; the exit status. Without ``files`` the centre's flows are meant, and the numbers
    that lead to them are checked too."""
    paths = list(files) or sorted(flows_directory(settings).glob("*.yaml"))
    others = {file for one in paths for file in one.parent.glob("*.yaml")} - {*paths}
    sources = {str(path): read(path) for path in paths}
    known = checked(settings, sources, single_flows(sorted(others)), numbers=not files)
    found, flows = known.mistakes, known.flows
    for mistake in found:
        print(mistake)
    for remark in remarks(settings, flows) if not found else ():
        print(f"warning: {remark.message}" if remark.warns else remark.message)
    for remark in poorly_spoken(settings, flows):
        print(remark.message)
    sound = ", ".join(flow.name for flow in flows) if not found else ""
    print(f"{len(found)} mistakes in {len(paths)} files" if found else f"all is well: {sound or 'no flows'}")
    return 1 if found else 0
