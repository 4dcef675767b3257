"""What the demo prints: each change as a line while it plays, and the result as a table."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean

from rich.console import Console
from rich.table import Table

from callcenter.demo.report import CallReport, Problem, Report
from callcenter.demo.scene import Scene
from callcenter.domain.kpi import TOTAL

COLUMNS = (
    ("", False),
    ("#", True),
    ("the caller", False),
    ("queue", False),
    ("outcome", False),
    ("wait", True),
    ("talk", True),
    ("agent", False),
    ("misheard", False),
)
"""The columns of the result, and whether each is flushed right: they fit into 80 characters. Wait and talk
are in seconds; misheard is the character error rate of the caller's and of the agent's transcript."""


class Show:
    """Prints to ``console``; times count from its making."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    @property
    def elapsed_ms(self) -> int:
        """Since the demo began."""
        return round((time.monotonic() - self._began) * 1000)

    def tell(self, scene: Scene | None, told: str) -> None:
        """Something happened: to the call of this scene, or to the whole."""
        line = (
            f"[bold]{told}[/]"
            if scene is None
            else f"call {scene.story.number:>2} [dim]({scene.story.plot.value})[/] {told}"
        )
        self._console.print(f"[dim]{self.elapsed_ms / 1000:5.1f} s[/]  {line}", soft_wrap=True)

    def result(self, report: Report, calls: Sequence[tuple[Scene, CallReport | None]]) -> None:
        """The table of all calls (None for one that the centre does not know), what the scenario has shown,
        the figures, and what does not hold."""
        self._console.print()
        self._console.print(_table(report, calls))
        self._console.print()
        for line in (*_shown(report), *_heard(report), _figures(report)):
            self._console.print(line, soft_wrap=True)
        for problem in report.problems:
            self._console.print(f"[red]not ok[/]  {_problem(problem)}", soft_wrap=True)
        verdict = (
            f"[bold red]{len(report.problems)} checks do not hold.[/]"
            if report.problems
            else f"[bold green]All {len(report.calls)} calls are as they should be:[/] "
            "whoever was answered has a recording of both sides, transcripts and a ticket."
        )
        self._console.print(verdict, soft_wrap=True)


def _table(report: Report, calls: Sequence[tuple[Scene, CallReport | None]]) -> Table:
    wrong = {problem.call for problem in report.problems}
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for column, right in COLUMNS:
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    for scene, call in calls:
        story = scene.story
        mark = "[red]no[/]" if story.number in wrong else "[green]ok[/]"
        plot = "is called back" if call is not None and call.call_back_of else story.plot.value
        table.add_row(mark, str(story.number), plot, *_row(call))
    return table


def _row(call: CallReport | None) -> tuple[str, ...]:
    if call is None:
        return ("", "unknown", *[""] * 4)
    rates = " ".join("-" if said.cer is None else f"{said.cer:.2f}" for said in call.transcripts)
    return (
        call.queue or "",
        call.outcome,
        f"{call.wait_ms / 1000:.1f}" if call.queue else "",
        f"{call.talk_ms / 1000:.1f}" if call.agent_id else "",
        call.agent_id or "",
        rates,
    )


def _shown(report: Report) -> Iterator[str]:
    """What the scenario has shown, call by call."""
    for told in report.shown:
        yield f"[bold]{report.scenario}[/]  {told}"


def _heard(report: Report) -> Iterator[str]:
    """How well each model heard each side."""
    rates: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for call in report.calls:
        for said in call.transcripts:
            if said.cer is not None:
                rates[call.language, said.model, said.leg].append(said.cer)
    for (language, model, leg), found in sorted(rates.items()):
        yield f"{model} heard the {leg} ({language}): mean character error rate {mean(found):.2f}"


def _figures(report: Report) -> str:
    total = report.kpi.get(TOTAL, {})

    def count(key: str) -> str:
        return f"{total.get(key) or 0:.0f}"

    promised = (
        f"{count('call_backs_promised')} to be called back, " if total.get("call_backs_promised") else ""
    )
    return (
        f"{count('calls_in')} calls, {count('offered')} times queued: {count('answered')} answered, "
        f"{count('abandoned')} abandoned, {count('overflowed')} overflowed; "
        f"{promised}the identity {'holds' if report.identity_ok else 'is BROKEN'}, "
        f"{report.lost_calls} calls lost, {report.orphan_legs} orphaned legs; "
        f"{report.elapsed_ms / 1000:.0f} s in all"
    )


def _problem(problem: Problem) -> str:
    where = "the centre" if problem.call is None else f"call {problem.call} ({problem.call_id or 'unknown'})"
    return f"{where}: {problem.check}: {problem.told}"
