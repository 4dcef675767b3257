"""The thinking is pure: no clock, no dice, no log, no IO and no waiting in it, by looking at every line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = sorted(
    {
        *(ROOT / "acd").glob("*.py"),
        *(ROOT / "acd_settings").glob("*.py"),
        *(ROOT / "ivr_flows").rglob("*.py"),
        *(ROOT / "simulation").glob("*.py"),
        ROOT / "recorder" / "policy.py",
        ROOT / "recorder" / "session.py",
        *(ROOT / "callcenter" / "domain").glob("*.py"),
        *(ROOT / "callcenter" / "replay").glob("*.py"),
        ROOT / "callcenter" / "flow_versions" / "model.py",
    }
    - {ROOT / "ivr_flows" / "files.py"}
)
FORBIDDEN_MODULES = frozenset(
    {"asyncio", "concurrent", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets"}
    | {"selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "structlog", "subprocess", "sys"}
    | {"tempfile", "threading", "time", "urllib", "uuid", "aiohttp", "asyncpg", "redis"}
)
FORBIDDEN_CALLS = frozenset({"open", "print", "input", "exec", "eval", "breakpoint", "__import__"})
CLOCKS = frozenset({"now", "utcnow", "today"})


def impurities(source: str) -> Iterator[str]:
    """What in this source reaches out of itself, each with its line."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Import(names=names):
                roots = {name.name.partition(".")[0] for name in names}
                yield from (f"{line}: imports {root}" for root in sorted(roots & FORBIDDEN_MODULES))
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in FORBIDDEN_MODULES:
                yield f"{line}: imports from {module}"
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"{line}: waits"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"{line}: calls {name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)) if (
                name in CLOCKS
            ):
                yield f"{line}: asks the clock"
            case ast.Global():
                yield f"{line}: changes a global"
            case _:
                pass


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_thinking_is_pure(path: Path) -> None:
    """Nothing in it reaches out of itself."""
    assert list(impurities(path.read_text(encoding="utf-8"))) == []


def test_it_looks_at_all_of_it() -> None:
    """The packages are where they are looked for."""
    names = {str(path.relative_to(ROOT)) for path in PURE}
    assert {"acd/router.py", "ivr_flows/interpreter/session.py", "recorder/session.py"} <= names
    assert {"ivr_flows/testing/run.py"} <= names
    assert {"callcenter/domain/call.py", "callcenter/domain/kpi.py"} <= names
    assert {"simulation/run.py", "simulation/scenario_file.py"} <= names
    assert len(names) > 30


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import random",
        "async def f(): ...",
        "def f():\n    return open('x')",
        "print(1)",
        "from datetime import datetime\ndatetime.now()",
        "import structlog",
    ],
)
def test_it_would_find_an_impurity(source: str) -> None:
    """Each kind is seen."""
    assert list(impurities(source))
