"""What is asked of texts that a person has only just typed, for the process beside the calls (``bench``)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callcenter import assembly
from callcenter.flow_editing.checking import Remark, checked, node_of, poorly_spoken, remarks
from callcenter.flow_editing.graph import graph_of
from callcenter.flow_editing.rehearsing import Rehearsed, rehearsed
from callcenter.flow_editing.working_set import TESTS
from callcenter.settings import Settings
from callcenter.web import wire_flows as wire
from ivr_flows.loader import draft, load_flows
from ivr_flows.testing.coverage import Coverage
from ivr_flows.testing.run import CaseResult
from ivr_flows.testing.words import trace_lines
from located_yaml import Mistake, Mistakes, load

Sources = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Texts:
    """Flows and their tests by file name, as somebody has them before them."""

    flows: Sources
    tests: Sources

    def with_typed(self, files: Mapping[str, str]) -> Texts:
        """The same, with these texts instead of those of the same name."""
        tests = {name: text for name, text in files.items() if name.startswith(TESTS)}
        flows = {name: text for name, text in files.items() if name not in tests}
        return Texts({**self.flows, **flows}, {**self.tests, **tests})


def check(settings: Settings, texts: Texts, shown: str | None) -> wire.FlowCheckAnswer:
    """All mistakes and warnings, and the graph of one file."""
    known = checked(settings, texts.flows, {}, numbers=False)
    found = list(known.mistakes)
    if len(known.flows) == len(texts.flows):  # else nobody knows yet what flows there will be
        found += assembly.numbers_without_flow(settings, [flow.name for flow in known.flows])
    warnings: list[Remark] = []
    if not found:
        said = (*remarks(settings, known.flows), *poorly_spoken(settings, known.flows))
        warnings = [remark for remark in said if remark.warns]
    flow = draft(texts.flows[shown], shown)[0] if shown and shown in texts.flows else None
    return wire.FlowCheckAnswer(
        mistakes=_mistakes(found),
        warnings=[
            wire.FlowMistake(file=remark.flow.source.file, line=1, column=1, node="", message=remark.message)
            for remark in warnings
        ],
        graph=graph_of(flow) if flow is not None else None,
    )


def run_tests(settings: Settings, texts: Texts) -> wire.FlowTestAnswer:
    """Every test, if flows and tests are sound."""
    began = time.perf_counter()
    try:
        done = rehearsed(settings, load_flows(texts.flows), texts.tests, untested=True)
    except Mistakes as wrong:
        return _tested(_mistakes(wrong.found), Rehearsed([], []), began)
    return _tested([], done, began)


def names(sources: Sources) -> dict[str, str]:
    """The name of the flow that each file is of; empty where none is written."""
    return {file: _name(source, file) for file, source in sources.items()}


def _name(source: str | bytes, file: str) -> str:
    try:
        data: Any = load(source, file).data
    except Mistakes:
        return ""
    name = data.get("flow") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _mistakes(found: Iterable[Mistake]) -> list[wire.FlowMistake]:
    return [
        wire.FlowMistake(
            file=mistake.file,
            line=mistake.line,
            column=mistake.column,
            node=node_of(mistake),
            message=mistake.message,
        )
        for mistake in found
    ]


def _tested(mistakes: list[wire.FlowMistake], done: Rehearsed, began: float) -> wire.FlowTestAnswer:
    return wire.FlowTestAnswer(
        mistakes=mistakes,
        cases=[_case(result) for result in done.results],
        coverage=[_covered(coverage) for coverage in done.coverages],
        took_ms=round(1000 * (time.perf_counter() - began)),
    )


def _case(result: CaseResult) -> wire.FlowCase:
    failed, call = bool(result.failures), result.rehearsal
    return wire.FlowCase(
        flow=result.flow.name,
        name=result.name,
        file=result.file,
        line=result.line,
        outcome="failed" if failed else "passed" if call else "skipped",
        failures=_mistakes(result.failures),
        trace=list(trace_lines(call)) if failed and call else [],
    )


def _covered(found: Coverage) -> wire.FlowCoverage:
    missed = {node.node for node in found.missed_nodes}
    return wire.FlowCoverage(
        flow=found.flow.name,
        file=found.flow.source.file,
        nodes=found.nodes,
        ways=found.ways,
        node_percent=round(found.node_percent, 2),
        way_percent=round(found.way_percent, 2),
        covered=[name for name in found.flow.nodes if name not in missed],
        missed_ways=[
            wire.FlowMissedWay(node=way.node, word=way.word, target=way.target, line=way.line)
            for way in found.missed_ways
        ],
    )
