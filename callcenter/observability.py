"""Logs: one JSON object per line, personal data masked wherever a field is marked as such."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

PERSONAL_FIELDS = frozenset(
    {"caller", "caller_name", "number", "original_caller", "digits", "digit", "transcript", "text", "target"}
)
"""Fields whose values say who somebody is or what somebody said; they are masked in every log."""

TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
"""Tracebacks without the values of variables: those hold callers' numbers, digits and words."""


def mask(value: object) -> str:
    """Enough of a value to tell two apart, too little to know either: its length and its last two signs."""
    text = str(value)
    return f"*{len(text)}*{text[-2:]}" if len(text) > 6 else f"*{len(text)}*"


def mask_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that masks PERSONAL_FIELDS."""
    for name in PERSONAL_FIELDS & event.keys():
        event[name] = mask(event[name])
    return event


def configure_logging(service: str, *, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's log to stderr, as JSON lines named after the service."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_personal,
    ]
    structlog.configure(
        processors=[
            *shared,
            TRACEBACKS,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                TRACEBACKS,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
