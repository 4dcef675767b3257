"""Watches the sizes of files and functions: 400 lines a file, 50 lines a function."""

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


def too_long(path: Path) -> list[str]:
    """What is too long in this file, each as file:line: message."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    found = [f"{path}:1: {lines} lines, at most {FILE_LINES}: split it"] if lines > FILE_LINES else []
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
    found = [
        complaint
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        for complaint in too_long(path.relative_to(root))
    ]
    sys.stderr.write("".join(f"{complaint}\n" for complaint in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
