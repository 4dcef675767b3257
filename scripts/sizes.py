"""Watches sizes: 400 lines a file, also of the console, and 50 lines a function of Python."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
PACKAGES = (
    *("callcenter", "acd", "ivr_flows", "recorder", "asr", "simulation", "acd_settings"),
    *("heard_text", "located_yaml"),
)
CONSOLE = "agents_console/src"
GENERATED = "wire.d.ts"


def too_long(path: Path) -> list[str]:
    """What is too long in this file, each as file:line: message."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    found = [f"{path}:1: {lines} lines, at most {FILE_LINES}: split it"] if lines > FILE_LINES else []
    if path.suffix != ".py":
        return found
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                told = f"{node.name} has {length} lines, at most {FUNCTION_LINES}"
                found.append(f"{path}:{node.lineno}: {told}: split it")
    return found


def main() -> int:
    """0 when everything is short enough."""
    root = Path(__file__).parents[1]
    written = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    console = sorted(path for path in (root / CONSOLE).rglob("*") if path.suffix in {".ts", ".vue", ".css"})
    written += [path for path in console if path.name != GENERATED]
    found = [complaint for path in written for complaint in too_long(path.relative_to(root))]
    sys.stderr.write("".join(f"{complaint}\n" for complaint in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
