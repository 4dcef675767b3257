#!/bin/sh
# All tests on real components. Those with a browser run one after the other, beside two files at a time of the rest,
# which mostly wait for calls; and behind them, because a page may be late, but a packet of sound may not.
set -eu
BIN="${VENV:-.venv}/bin"

pages=$(mktemp)
nice "$BIN/python" -m pytest tests -q -m "integration and browser" --durations=8 "$@" >"$pages" 2>&1 & browser=$!
trap 'kill "$browser" 2>/dev/null || true; rm -f "$pages"' EXIT
failed=0
"$BIN/python" -m pytest tests -q -m "integration and not browser" -n 2 --dist loadfile --no-loadscope-reorder --durations=12 "$@" || failed=$?
wait "$browser" || failed=$?
cat "$pages"
exit "$failed"
