"""`callcenter flows list`: what flows there are, and which numbers lead to them."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from callcenter.cli.flows.known import all_flows
from callcenter.settings import Settings
from ivr_flows.model import Flow


def list_flows(settings: Settings) -> None:
    """Print them. Raises Mistakes."""
    table = Table(box=None, pad_edge=False)
    for title in ("flow", "version", "languages", "nodes", "numbers"):
        table.add_column(title, justify="right" if title == "nodes" else "left")
    for flow in all_flows(settings).values():
        languages = ", ".join(flow.content.languages)
        table.add_row(flow.name, flow.version, languages, str(len(flow.nodes)), _numbers(settings, flow))
    Console(highlight=False).print(table)


def _numbers(settings: Settings, flow: Flow) -> str:
    numbers = [did for did, number in settings.numbers.items() if number.flow == flow.name]
    others = ["all others"] if settings.any_number.flow == flow.name else []
    return ", ".join([*numbers, *others]) or "none leads here"
