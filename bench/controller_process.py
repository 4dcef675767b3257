"""The product's controller on the bench's flows: ``python -m bench.controller_process DIRECTORY [record]``.

Everything is the product's own but for two things that no setting chooses: which flows there are, and whether
calls are recorded.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import uvloop

from callcenter import assembly
from callcenter.cli.running import run_controller_process
from callcenter.controller.after_work import AfterWorkDriver
from callcenter.places import Places
from callcenter.settings import load_settings
from ivr_flows.files import read_flows

FLOWS = Path(__file__).parent / "flows"


def use_bench_flows() -> None:
    """From now on the flows of this process are the bench's."""
    vars(assembly)["read_flows"] = lambda: read_flows(FLOWS)


def main(directory: Path, *, recording: bool) -> None:
    """Run until SIGTERM."""
    use_bench_flows()
    if not recording:
        setattr(AfterWorkDriver, "begin_recording", lambda driver, call: None)  # noqa: B010
    settings = load_settings(directory, (), os.environ)
    places = Places(settings.centre.data_dir, settings.centre.installed_dir)
    uvloop.run(run_controller_process(settings, places))


if __name__ == "__main__":
    main(Path(sys.argv[1]), recording="record" in sys.argv[2:])
