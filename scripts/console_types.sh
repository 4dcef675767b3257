#!/bin/sh
# Type-checks the console with the machine's Node, or with the one that the locked packages bring.
set -eu
BIN="$(cd "${VENV:-.venv}/bin" && pwd)"
cd agents_console
if command -v npm >/dev/null 2>&1; then npm=npm; else
    PATH="$BIN:$PATH"; export PATH
    npm="$BIN/npm"
fi
stamp=node_modules/.installed
if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
    "$npm" ci --silent --no-audit --no-fund && touch "$stamp"
fi
"$npm" run --silent check
