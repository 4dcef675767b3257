#!/bin/sh
# What every commit must pass: format, lint, types, import rules, fast tests, the console's types and tests, generated files.
set -eu
BIN="${VENV:-.venv}/bin"
CODE="callcenter acd ivr_flows recorder asr simulation acd_settings heard_text located_yaml"

step() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

step "format"; "$BIN/ruff" format --check -q $CODE tests bench
step "lint"; "$BIN/ruff" check -q $CODE tests bench
step "types (beside what follows)"; "$BIN/mypy" >.types 2>&1 & types=$!
step "import rules"; "$BIN/lint-imports" >.import-rules 2>&1 || { tail -n 30 .import-rules; exit 1; }
step "sizes"; "$BIN/python" scripts/sizes.py
step "generated files"; "$BIN/python" -m callcenter.web.typescript --check # the other schemas: fast tests
step "console"; sh scripts/console.sh check
step "types"; wait "$types" || { cat .types; exit 1; }
cat .types
step "fast tests"; "$BIN/python" -m pytest tests -q -m "not integration" -n auto
