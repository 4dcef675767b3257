# Everything a newcomer needs: `make demo` and `make test` set up all by themselves.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test run check bench setup models asterisk clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   - set up, start the whole centre, send real calls through it, print the result"
	@echo "make run    - set up and keep the centre up (Ctrl-C stops it)"
	@echo "make test   - set up and run all tests, on real components"
	@echo "make check  - format, lint, types, import rules, fast tests, console types, generated files"
	@echo "make bench  - measure, each figure as a ratio to its reference in the same run"

$(READY): requirements.lock scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $(READY)

setup: $(READY)

models: setup
	@$(BIN)/python -m callcenter models install vosk-ko whisper-base

asterisk: setup
	@$(BIN)/python -m callcenter provision

demo: models
	@$(BIN)/python -m callcenter demo $(ARGS)

run: setup
	@$(BIN)/python -m callcenter run

check: setup
	@sh scripts/check.sh

test: models asterisk
	@sh scripts/check.sh
	@$(BIN)/python -m pytest tests -q -m integration -n 2 --dist loadfile --no-loadscope-reorder --durations=15 $(ARGS)

bench: setup
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) var
