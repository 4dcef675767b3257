"""Logs: JSON lines in which nobody can be recognised."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from callcenter.observability import configure_logging, mask

NUMBER = "13800001111"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What was logged, line by line, as objects."""
    root = logging.getLogger()
    before = root.handlers, root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging("controller")
    yield lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_personal_fields_are_masked(lines: Any) -> None:
    """Numbers, digits and words are masked, whoever logs them; call ids are not."""
    structlog.get_logger("test").warning(
        "call_arrived", caller=NUMBER, digits="42", transcript="我要投诉", call_id="c1"
    )
    (line,) = lines()
    assert line["caller"] == "*11*11"
    assert (line["digits"], line["transcript"], line["call_id"]) == ("*2*", "*4*", "c1")
    assert (line["event"], line["level"], line["service"]) == ("call_arrived", "warning", "controller")
    assert line["timestamp"].endswith("Z")


def test_a_traceback_tells_no_values(lines: Any) -> None:
    """Where it failed and what was raised, but not what the variables held."""
    caller = NUMBER

    def fails(digits: str) -> None:
        raise KeyError("no such queue")

    for log in (structlog.get_logger("test").exception, logging.getLogger("test").exception):
        try:
            fails("123456")
        except KeyError:
            log("message_failed")
    assert caller
    told = lines()
    assert len(told) == 2
    for line in told:
        text = orjson.dumps(line).decode()
        assert NUMBER not in text
        assert "123456" not in text
        assert "no such queue" in text
        assert "fails" in text


def test_the_standard_library_speaks_json_too(lines: Any) -> None:
    """A library's warning is one JSON line; its chatter is not heard."""
    logging.getLogger("asyncio").warning("slow %s", "callback")
    logging.getLogger("asyncio").info("chatter")
    (line,) = lines()
    assert (line["event"], line["level"]) == ("slow callback", "warning")


@pytest.mark.parametrize(
    ("value", "masked"), [("", "*0*"), ("123456", "*6*"), ("1234567", "*7*67"), (1, "*1*")]
)
def test_mask(value: object, masked: str) -> None:
    """Enough to tell two apart, too little to know either."""
    assert mask(value) == masked
