"""Flows and calendars on disk: the only IO of this package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ivr_flows.loader import load_flows
from ivr_flows.model import Flow, FlowFile

SHIPPED_FLOWS: Final = Path(__file__).parent / "flows"
SCHEMA_FILE: Final = Path(__file__).parent / "flow.schema.json"


def read_flows(directory: Path | None = None) -> dict[str, Flow]:
    """The flows of all ``*.yaml`` files of a directory, by name; None: those that come with the product.

    All or nothing: raises Mistakes of all the files together, or OSError when one cannot be read.
    """
    directory = directory or SHIPPED_FLOWS
    return load_flows({str(path): path.read_bytes() for path in sorted(directory.glob("*.yaml"))})


def flow_schema() -> dict[str, Any]:
    """The JSON Schema of a flow's YAML, for editors."""
    schema = FlowFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Call flow"
    return schema


def schema_text() -> str:
    """The content of ``flow.schema.json``."""
    return json.dumps(flow_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":  # `python -m ivr_flows.files` publishes the schema anew
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
