"""What the demo prints: each change as a line while it plays, and the result as a table."""

from __future__ import annotations

import time

from rich.console import Console
from rich.table import Table

from callcenter.demo.report import CallReport, Problem, Report
from callcenter.demo.scene import Scene


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
        at = f"[dim]{self.elapsed_ms / 1000:5.1f} s[/]"
        if scene is None:
            self._console.print(f"{at}  [bold]{told}[/]")
        else:
            self._console.print(
                f"{at}  call {scene.story.number:>2} [dim]{scene.story.plot.value}:[/] {told}"
            )

    def result(self, report: Report, scenes: list[Scene]) -> None:
        """The table of all calls, the figures, and what does not hold."""
        reports = {call.call_id: call for call in report.calls}
        wrong = {problem.call for problem in report.problems}
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
        for column, side in COLUMNS:
            table.add_column(column, justify="right" if side else "left", overflow="fold")
        for scene in scenes:
            mark = "[red]no[/]" if scene.story.number in wrong else "[green]ok[/]"
            table.add_row(mark, str(scene.story.number), scene.story.plot.value, *_row(reports, scene))
        self._console.print()
        self._console.print(table)
        self._console.print()
        self._console.print(_figures(report))
        for problem in report.problems:
            self._console.print(f"[red]not ok[/]  {_problem(problem)}", soft_wrap=True)
        verdict = (
            f"[red]{len(report.problems)} checks do not hold.[/]"
            if report.problems
            else f"[green]All {len(report.calls)} calls are as they should be.[/]"
        )
        self._console.print(f"{verdict}  {report.elapsed_ms / 1000:.0f} s")


COLUMNS = (
    ("", False),
    ("#", True),
    ("the caller", False),
    ("way", False),
    ("outcome", False),
    ("wait s", True),
    ("talk s", True),
    ("agent", False),
    ("recording dBFS", False),
    ("heard by (error rate caller/agent)", False),
    ("ticket", False),
)


def _row(reports: dict[str, CallReport], scene: Scene) -> tuple[str, ...]:
    call = reports.get(scene.call_id or "")
    if call is None:
        return ("", "unknown to the centre", *[""] * 6)
    levels = " / ".join(f"{level:.0f}" for level in call.recording.channel_rms_dbfs) if call.recording else ""
    rates = "/".join("-" if said.cer is None else f"{said.cer:.2f}" for said in call.transcripts)
    heard = ", ".join(dict.fromkeys(said.model for said in call.transcripts))
    return (
        call.queue or (call.flow_path[-1] if call.flow_path else ""),
        call.outcome,
        f"{call.wait_ms / 1000:.1f}" if call.queue else "",
        f"{call.talk_ms / 1000:.1f}" if call.agent_id else "",
        call.agent_id or "",
        levels,
        f"{heard} ({rates})" if heard else "",
        call.ticket_id or "",
    )


def _figures(report: Report) -> str:
    total = report.kpi.get("total", {})

    def count(key: str) -> str:
        return f"{total.get(key) or 0:.0f}"

    return (
        f"{count('calls_in')} calls, {count('offered')} queued: {count('answered')} answered, "
        f"{count('abandoned')} abandoned, {count('overflowed')} overflowed; "
        f"identity {'holds' if report.identity_ok else 'is BROKEN'}, {report.lost_calls} calls lost, "
        f"{report.orphan_legs} orphaned legs"
    )


def _problem(problem: Problem) -> str:
    where = "the centre" if problem.call is None else f"call {problem.call} ({problem.call_id or 'unknown'})"
    return f"{where}: {problem.check}: {problem.told}"
