# Everything a developer, a user or CI runs. `make help` lists it.
# Each target makes the virtual environment it needs from the hash-locked requirements.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
ARGS   ?=
JOBS   ?= auto
CASES  ?= 500
SEED   ?= 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: serve
serve: $(VENV)/run.stamp ## start a mirror with zero configuration (ARGS="--port 9000" adds flags)
	@$(BIN)/modmirror serve $(ARGS)

.PHONY: test
test: $(VENV)/dev.stamp ## run the tests, with the real go command, loopback only
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup $(ARGS)

.PHONY: test-nightly
test-nightly: $(VENV)/dev.stamp ## compare 500 random repositories with go (CASES=2000, SEED=500), and kill a mirror 200 times
	@KILLS=50 DIFFERENTIAL_CASES=$(CASES) DIFFERENTIAL_SEED=$(SEED) \
	    $(BIN)/pytest -n $(JOBS) tests/differential tests/e2e/test_kill.py $(ARGS)

.PHONY: check
check: $(VENV)/dev.stamp ## format, lint, types, import contracts, spelling
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell src tests docs bench deploy README.md CONTRIBUTING.md

.PHONY: fix
fix: $(VENV)/dev.stamp ## format, and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: bench
bench: $(VENV)/dev.stamp ## measure against nginx and a Go file server, as ratios (needs wrk and nginx)
	@$(BIN)/python -m bench $(ARGS)

.PHONY: bench-origin
bench-origin: $(VENV)/dev.stamp ## measure modules from repositories against go in direct mode, as ratios
	@$(BIN)/python -m bench --origin $(ARGS)

.PHONY: demo
demo: $(VENV)/run.stamp ## show the lab on this machine, without a network (ARGS="--quick --open")
	@$(BIN)/modmirror lab demo $(ARGS)

.PHONY: study-servers
study-servers: $(VENV)/dev.stamp ## let the lab study nginx, Varnish, a Go file server and the mirror (needs them)
	@$(BIN)/python -m bench.study .work/study-servers $(ARGS)

.PHONY: bench-outage
bench-outage: $(VENV)/dev.stamp ## side by side with nginx and Varnish while upstreams fall sick
	@$(BIN)/python -m bench.outage $(ARGS)

.PHONY: docs
docs: $(VENV)/dev.stamp ## write the reference pages again from the code
	@$(BIN)/python -m modmirror docs docs/reference
	@$(BIN)/python -m tests.house.conformance

.PHONY: lock
lock: $(VENV)/dev.stamp ## resolve the requirements again, with hashes and without addresses
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    pyproject.toml requirements/build.in -o requirements/run.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt

.PHONY: clean
clean: ## remove the virtual environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "modmirror needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	    { rm -rf $(VENV); echo "python3 -m venv failed; on Debian: apt install python3-venv" >&2; exit 2; }

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what modmirror needs into $(VENV)"
	@$(PIP) install -q --require-hashes -r requirements/run.txt
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) install -q --require-hashes -r requirements/dev.txt
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp
