"""The generated files are in step, and what is generated is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from acd.commands import OfferEnd
from acd.model import Presence
from callcenter.call_search import NEVER_QUEUED
from callcenter.domain.call import CallPhase
from callcenter.domain.call_life import Lane, MarkKind
from callcenter.domain.events import EndedBy, QueueOutcome
from callcenter.domain.kpi import KpiBoard, KpiPolicy
from callcenter.domain.kpi_catalogue import agent_figures, queue_figures, total_figures
from callcenter.domain.kpi_tally import Tally
from callcenter.web import typescript, wire, wire_problems
from callcenter.web.ports import Component, Role

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "agents_console/src/words"


def test_generated_files_are_in_step() -> None:
    """wire.schema.json and wire.d.ts are what wire.py says."""
    assert typescript.stale_files() == [], "run python -m callcenter.web.typescript"


def test_check_says_so_when_a_file_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed file is found and named."""
    stale = tmp_path / "wire.d.ts"
    stale.write_text("export interface Old {}\n")
    monkeypatch.setattr(typescript, "TYPES_FILE", stale)
    assert typescript.stale_files() == [stale]


def test_schema_is_a_valid_schema_that_tells_right_from_wrong() -> None:
    """The schema is JSON Schema 2020-12 and refuses what the wire refuses."""
    schema = json.loads(typescript.SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    problem = Draft202012Validator({"$ref": "#/$defs/Problem", "$defs": schema["$defs"]})
    told = wire_problems.Problem(status=409, code="refused", what="w", where="x", cure="c")
    good = told.model_dump(mode="json")
    assert problem.is_valid(good)
    assert not problem.is_valid(good | {"more": 1})
    assert not problem.is_valid({key: value for key, value in good.items() if key != "cure"})


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "(string | null)[]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
        ({"$ref": "#/$defs/Agent"}, "Agent"),
        ({"const": "ping", "type": "string"}, '"ping"'),
        ({"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]}, "[number, number]"),
    ],
)
def test_types(shape: typescript.Schema, expected: str) -> None:
    """Each construct of JSON Schema that pydantic writes has its TypeScript type."""
    assert typescript._type(shape) == expected


def test_an_unknown_construct_is_an_error() -> None:
    """Nothing becomes ``any`` by accident."""
    with pytest.raises(ValueError, match="no TypeScript is known"):
        typescript._type({"not": {"type": "string"}})


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_figure_has_its_words(language: str) -> None:
    """The page names each figure of the catalogue in both languages."""
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    assert {key for key in _figures() if f"kpi.{key}" not in words} == set()


def test_every_figure_has_its_formula_in_chinese() -> None:
    """The English ones come from the server; the page has none for a figure that there is not."""
    formulas = json.loads((WORDS / "formulas.zh-CN.json").read_text(encoding="utf-8"))
    assert set(formulas) == _figures()


def test_every_value_has_its_words() -> None:
    """The page names whatever an enumeration of the wire may hold, as far as it is shown."""
    words = json.loads((WORDS / "zh-CN.json").read_text(encoding="utf-8"))
    shown = {
        *(f"action.{action}" for action in wire.AgentAction),
        *(f"presence.{presence}" for presence in Presence),
        *(f"role.{role}" for role in Role),
        *(f"alarm.{component}" for component in Component),
        *(f"outcome.{outcome}" for outcome in (*QueueOutcome, NEVER_QUEUED)),
        *(f"offer.{end}" for end in OfferEnd),
        *(f"lane.{lane}" for lane in Lane),
        *(f"mark.{kind}" for kind in MarkKind),
        *(f"by.{who}" for who in EndedBy),
        *(f"phase.{phase}" for phase in CallPhase if phase not in {CallPhase.ENDED, CallPhase.SETTLED}),
    }
    assert shown - set(words) == set()
    page = (WORDS.parent / "pages/HistoryPage.vue").read_text(encoding="utf-8")
    assert [outcome for outcome in (*QueueOutcome, NEVER_QUEUED) if f'"{outcome}"' not in page] == []


def _figures() -> set[str]:
    board = KpiBoard(KpiPolicy({}))
    of_all = (*total_figures(board, 0), *queue_figures(Tally(), 0), *agent_figures(Tally(), {}))
    return {figure.key for figure in of_all}


def test_command_line_check() -> None:
    """``--check`` ends with status 0 when all is in step."""
    command = [sys.executable, "-m", "callcenter.web.typescript", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
