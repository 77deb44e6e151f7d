# The front door. Each target installs what it needs into .venv first.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.PHONY: help demo test check bench chaos docs lock clean
.DEFAULT_GOAL := help

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 with venv, or call make PYTHON=python3"; exit 69; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## tickets become cases at a simulated vendor, and the answers come back
	$(BIN)/hub demo

test: $(READY) ## all tests
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(READY) ## style, types, import contracts, coverage of judgement, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell hub plugins tests docs bench README.md
	$(BIN)/python -m docs.generate --check
	$(BIN)/python -m pytest -n $(WORKERS) tests/unit tests/platforms --cov --cov-config=.judgement.coveragerc --cov-report=term:skip-covered --cov-fail-under=100

bench: $(READY) ## ratios against the bare loop, A/B/A/B in one run; writes bench/results.json
	$(BIN)/python -m bench

chaos: $(READY) ## workers killed, stopped and continued, PostgreSQL restarted, replies lost; checked from outside
	$(BIN)/python -m tests.chaos

docs: $(READY) ## write the generated reference pages
	$(BIN)/python -m docs.generate

lock: $(READY) ## pin all versions anew, with hashes
	$(BIN)/pip-compile --quiet --upgrade --extra dev --all-build-deps --generate-hashes --allow-unsafe --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --output-file requirements.lock pyproject.toml

clean: ## remove the environment and all that was built
	rm -rf $(VENV) .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* .import_linter_cache *.egg-info
