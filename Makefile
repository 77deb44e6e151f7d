# The front door. Each target but `install` puts what it needs into .venv first, for development.

PYTHON ?= python3.11
PREFIX ?= .venv-run
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
LOCKS := requirements.lock requirements-build.lock requirements-dev.lock
PIP := -m pip --quiet --disable-pip-version-check
PIP_INSTALL := $(PIP) install --no-deps
# `make lock UPGRADE=` keeps the versions that are pinned.
UPGRADE ?= --upgrade
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup
COMPILE = $(BIN)/pip-compile --quiet $(UPGRADE) --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

COVERED := tests/unit tests/platforms tests/plugins/bmc_remedy tests/plugins/rightanswers
# What `make prove` runs; NAME takes one of them.
PROOFS := chaos effects month plugins properties storms ten-thousand
PROVE = prove$(if $(NAME),(name='$(NAME)'))

.PHONY: help install demo quick test prove check bench docs lock clean
.DEFAULT_GOAL := help
# Tests start hundreds of processes of the hub: what Python compiled is kept for the next one.
unexport PYTHONDONTWRITEBYTECODE

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 with venv, or call make PYTHON=python3"; exit 69; }

$(READY): $(LOCKS) pyproject.toml | python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_INSTALL) --require-hashes $(LOCKS:%=-r %)
	$(BIN)/python $(PIP_INSTALL) --no-build-isolation -e .
	@touch $@

# What builds the hub lies in a folder of its own, so that only what runs gets into the environment.
install: python ## the hub and what it needs to run, into .venv-run, or make install PREFIX=/opt/rjr-hub
	test -x $(PREFIX)/bin/python || $(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/python $(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PREFIX)/bin/python $(PIP) uninstall --quiet --yes setuptools  # venv's own, which nothing uses
	rm -rf build/backend
	$(PREFIX)/bin/python $(PIP_INSTALL) --require-hashes --target build/backend -r requirements-build.lock
	PYTHONPATH="$(CURDIR)/build/backend" $(PREFIX)/bin/python $(PIP_INSTALL) --no-build-isolation .

demo: $(READY) ## tickets become cases at a simulated vendor, and the answers come back
	$(BIN)/hub demo

quick: style types contracts ## style, types, import contracts and unit tests: about 20 seconds on two cores once caches are warm
	$(PYTEST) --hypothesis-profile=few -m "not prove and not slow" tests/unit

test: $(READY) ## all tests, long proofs by a slice of each: about 9 minutes on two cores
	$(PYTEST)

check: style types contracts ## style, types, import contracts, generated docs, unit tests with coverage of judgement
	$(BIN)/codespell hub plugins tests docs bench README.md
	$(BIN)/python -m docs.generate --check
	$(PYTEST) $(COVERED) --cov --cov-config=.judgement.coveragerc --cov-report=term:skip-covered --cov-fail-under=100

.PHONY: style types contracts rest
style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

rest: $(READY)  # the tests that `make check` leaves
	$(PYTEST) $(COVERED:%=--ignore=%)

prove: $(READY) ## the long proofs, or one of them: make prove NAME=month, and those under PROOFS above
	@case " $(PROOFS) " in *" $(or $(NAME),chaos) "*) ;; *) echo "NAME is one of: $(PROOFS)"; exit 64 ;; esac
	$(PYTEST) --hypothesis-profile=whole -m "$(PROVE)"

bench: $(READY) ## ratios against the bare loop, A/B/A/B in one run; writes bench/results.json
	$(BIN)/python -m bench

docs: $(READY) ## write the generated reference pages
	$(BIN)/python -m docs.generate

lock: $(READY) ## pin all versions anew, with hashes
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --all-build-deps --only-build-deps --constraint requirements.lock --output-file requirements-build.lock pyproject.toml
	$(COMPILE) --output-file requirements-dev.lock requirements-dev.in

clean: ## remove the environment for development and all that was built
	rm -rf $(VENV) .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* .import_linter_cache *.egg-info
