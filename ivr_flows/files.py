"""Flows and calendars on disk: the only IO of this package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from ivr_flows.loader import load_flows
from ivr_flows.model import Flow, FlowFile
from ivr_flows.testing.model import CasesFile

SHIPPED_FLOWS: Final = Path(__file__).parent / "flows"
SCHEMA_FILE: Final = Path(__file__).parent / "flow.schema.json"
CASES_SCHEMA_FILE: Final = Path(__file__).parent / "cases.schema.json"


def read_flows(directory: Path | None = None) -> dict[str, Flow]:
    """The flows of all ``*.yaml`` files of a directory, by name; None: those that come with the product.

    All or nothing: raises Mistakes of all the files together, or OSError when one cannot be read.
    """
    directory = directory or SHIPPED_FLOWS
    return load_flows({str(path): path.read_bytes() for path in sorted(directory.glob("*.yaml"))})


def read_tests(directory: Path | None = None) -> dict[str, bytes]:
    """The files of tests beside the flows of a directory (``tests/*.yaml`` there) by name; None: those that
    come with the product. Raises OSError when one cannot be read."""
    tests = (directory or SHIPPED_FLOWS) / "tests"
    return {str(path): path.read_bytes() for path in sorted(tests.glob("*.yaml"))}


def flow_schema() -> dict[str, Any]:
    """The JSON Schema of a flow's YAML, for editors."""
    return _schema(FlowFile, "Call flow")


def cases_schema() -> dict[str, Any]:
    """The JSON Schema of a file of tests, for editors."""
    return _schema(CasesFile, "Tests of a call flow")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = title
    return schema


def schema_text() -> str:
    """The content of ``flow.schema.json``."""
    return _text(flow_schema())


def cases_schema_text() -> str:
    """The content of ``cases.schema.json``."""
    return _text(cases_schema())


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":  # `python -m ivr_flows.files` publishes the schemas anew
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    CASES_SCHEMA_FILE.write_text(cases_schema_text(), encoding="utf-8")
