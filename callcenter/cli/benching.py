"""`callcenter bench`: the benches of the source tree that need no telephony."""

from __future__ import annotations

import sys

import orjson

from callcenter.cli.failure import Failure


def bench_acd(*, quick: bool, as_json: bool) -> None:
    """Decisions of the Router per second, for several sizes."""
    try:
        from bench import matching
        from bench.report import console
    except ImportError:
        raise Failure(
            "the benches are not installed -> run this in the source tree, or `make bench`"
        ) from None
    if as_json:
        found = matching.as_json(matching.cases(quick=quick))
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())
        return
    shown_on = console()
    for report in matching.run(quick=quick):
        report.print(shown_on)
