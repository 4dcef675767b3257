"""Writes docs/openapi.json: `PYTHONPATH=.:tests .venv/bin/python tests/unit/api_document.py`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from web_twin import Twin

from callcenter.web.app import ROUTES
from callcenter.web.openapi import document

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/openapi.json"


def written() -> str:
    """What the file must hold: the document of the application with all its capabilities."""
    with tempfile.TemporaryDirectory() as directory:
        app = Twin(Path(directory)).made()
    return json.dumps(document(app[ROUTES]), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
