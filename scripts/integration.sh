#!/bin/sh
# All tests on real components: two files at a time, which mostly wait for calls. Those of pages without telephones run
# one after the other beside and behind them, because a page may be late, but a packet of sound may not.
set -eu
BIN="${VENV:-.venv}/bin"
WHERE="tests/contract tests/integration $(grep -rl mark.integration tests/unit tests/scenario)" # reading all takes long

told=$(mktemp)
nice "$BIN/python" -m pytest $WHERE -q -m "integration and page" --durations=8 "$@" >"$told" 2>&1 & pages=$!
trap 'kill "$pages" 2>/dev/null || true; rm -f "$told"' EXIT
failed=0
"$BIN/python" -m pytest $WHERE -q -m "integration and not page" -n 2 --dist loadfile --no-loadscope-reorder --durations=12 "$@" || failed=$?
wait "$pages" || failed=$?
cat "$told"
exit "$failed"
