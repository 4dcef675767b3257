"""How values are said: the words that a caller hears for a number, a date, a ticket ..."""

from __future__ import annotations

from ivr_flows.expressions import Value, bounded


def spoken(value: Value, kind: str, language: str) -> str:
    """The words of a value; never raises, whatever the value.

    ``kind`` is one of ``templates.SPOKEN_KINDS``. So far digits are said one by one, everything else as it is
    written.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    value = bounded(value)
    written = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    return " ".join(written) if kind in ("digits", "ticket") else written
