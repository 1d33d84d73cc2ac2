# Everything below works on a machine that has only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements.lock

.PHONY: demo test test-peers check bench soak docs lock clean
.DEFAULT_GOAL := test

# The stamp holds the lock it was installed from, so a changed lock installs again.
.venv/installed: $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: .venv/installed  ## open the console on a sample campaign with sandbox warehouses
	$(BIN)/lastcall demo

test: .venv/installed  ## all tests but the soak and the peers
	$(BIN)/python -m pytest

test-peers: .venv/installed  ## a real Karrio server, installed into .peers once; skipped, saying why, where it can't be
	$(BIN)/python -m tests.peers.karrio
	$(BIN)/python -m pytest -m peers -n 0 -rs tests/peers

check: .venv/installed  ## style, types, layers, generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m console.docs --check

docs: .venv/installed  ## write docs/keys.md and docs/commands.md anew
	$(BIN)/python -m console.docs

bench: .venv/installed  ## measure the speed table; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

soak: .venv/installed  ## the full numbers of the promises; writes docs/soak.md
	$(BIN)/python -m pytest -m soak -n 2 tests/soak --soak-report docs/soak.md

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	  --extra sandbox --group dev -o $(LOCK) pyproject.toml

clean:
	rm -rf .venv .peers build dist .mypy_cache .ruff_cache .pytest_cache
