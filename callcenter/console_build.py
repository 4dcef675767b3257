"""Where the build of the console lies, and what to do when there is none."""

from __future__ import annotations

from pathlib import Path

BUILT_PAGE = Path(__file__).resolve().parents[1] / "agents_console/dist"
CURE = "run `sh scripts/console.sh build` in the project's folder (`make run` does it), then reload the page"


def is_built(console_dir: Path | None = None) -> bool:
    """Whether there is a page to serve, here or in another folder."""
    return ((console_dir or BUILT_PAGE) / "index.html").is_file()
