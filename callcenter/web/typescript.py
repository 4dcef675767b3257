"""Writes what follows from the wire's modules (MODULES): the JSON Schema and the page's TypeScript types.

``python -m callcenter.web.typescript`` writes both files; with ``--check`` it only says whether they are in
step (exit status 1 when not).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from callcenter.web import wire

MODULES = tuple(
    import_module(f"callcenter.web.{path.stem}") for path in sorted(Path(__file__).parent.glob("wire*.py"))
)
"""``wire`` and all its neighbours, so that none is forgotten."""
ROOT = Path(__file__).resolve().parents[2]
SCHEMA_FILE = ROOT / "callcenter/web/wire.schema.json"
TYPES_FILE = ROOT / "agents_console/src/wire.d.ts"

_HEADER = "// Generated from callcenter/web/wire.py by `python -m callcenter.web.typescript`. Do not edit.\n"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def json_schema() -> dict[str, Any]:
    """Every shape of the wire under ``$defs``."""
    models = [
        model
        for module in MODULES
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, wire.Wire) and model.__module__ == module.__name__
    ]
    models.remove(wire.Wire)
    _, schema = models_json_schema([(model, "serialization") for model in models], title="wire")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def typescript(schema: Schema) -> str:
    """The same shapes as TypeScript types. Raises ValueError for a construct that it does not know."""
    declarations = [_declaration(name, shape) for name, shape in sorted(schema["$defs"].items())]
    return _HEADER + "\n" + "\n\n".join(declarations) + "\n"


def _declaration(name: str, shape: Schema) -> str:
    comment = _comment(shape.get("description"), "")
    if shape.get("type") != "object":
        return f"{comment}export type {name} = {_type(shape)};"
    fields = [
        f"{_comment(field.get('description'), '  ')}  {key}: {_type(field)};"
        for key, field in shape.get("properties", {}).items()
    ]
    return f"{comment}export interface {name} " + ("{\n" + "\n".join(fields) + "\n}" if fields else "{}")


def _comment(text: str | None, indent: str) -> str:
    if not text:
        return ""
    first, *others = (line.strip() for line in text.strip().splitlines())
    lines = [f"{indent}/** {first}", *(f"{indent} *  {line}".rstrip() for line in others)]
    return "\n".join(lines) + " */\n"


def _type(shape: Schema) -> str:
    match shape:
        case {"$ref": ref}:
            return str(ref).rpartition("/")[2]
        case {"const": value}:
            return json.dumps(value)
        case {"enum": values}:
            return " | ".join(json.dumps(value) for value in values)
        case {"anyOf": members} | {"oneOf": members}:
            return " | ".join(_type(member) for member in members)
        case {"type": "array", "prefixItems": items}:
            return "[" + ", ".join(_type(item) for item in items) + "]"
        case {"type": "array", "items": item}:
            inner = _type(item)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case {"type": "object", "additionalProperties": bool()} | {"type": "object", "properties": _}:
            return "Record<string, unknown>"
        case {"type": "object", "additionalProperties": value}:
            return f"Record<string, {_type(value)}>"
        case {"type": str(plain)} if plain in _PLAIN:
            return _PLAIN[plain]
    if not {*shape} - {"title", "description", "default"}:
        return "unknown"  # any JSON
    raise ValueError(f"no TypeScript is known for {dict(shape)!r}; teach callcenter.web.typescript")


def generated() -> dict[Path, str]:
    """What both files must hold."""
    schema = json_schema()
    return {
        SCHEMA_FILE: json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        TYPES_FILE: typescript(schema),
    }


def stale_files() -> list[Path]:
    """The files that are not in step with the code."""
    return [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """The command; the exit status is its answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 when out of step")
    if parser.parse_args().check:
        stale = stale_files()
        for path in stale:
            sys.stderr.write(f"{path}: not in step with wire.py; run python -m callcenter.web.typescript\n")
        return 1 if stale else 0
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
