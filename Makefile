# Everything a newcomer needs: `make demo` and `make test` set up all by themselves.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Python begins in half the time with what it has compiled before: every command and every restart waits for it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test run check bench setup models asterisk page clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   - set up, start the whole centre, send real calls through it, print the result"
	@echo "make run    - set up and keep the centre up (Ctrl-C stops it)"
	@echo "make test   - set up and run all tests, on real components"
	@echo "make check  - format, lint, types, import rules, fast tests, the console's types and tests, generated files"
	@echo "make bench  - measure, each figure as a ratio to its reference in the same run"

$(READY): requirements.lock scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $(READY)

setup: $(READY)

models: setup
	@$(BIN)/python -m callcenter models install vosk-ko whisper-base

asterisk: setup
	@$(BIN)/python -m callcenter provision

page: setup
	@VENV="$(VENV)" sh scripts/console.sh build

# Without a page the centre still takes its calls, and says how to get one.
demo: models
	-@VENV="$(VENV)" sh scripts/console.sh build
	@$(BIN)/python -m callcenter demo $(ARGS)

run: setup
	-@VENV="$(VENV)" sh scripts/console.sh build
	@$(BIN)/python -m callcenter run

check: setup
	@sh scripts/check.sh

test: models asterisk page
	@sh scripts/check.sh
	@VENV="$(VENV)" sh scripts/integration.sh $(ARGS)

bench: setup
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) var agents_console/dist agents_console/node_modules
