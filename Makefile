# Everything a developer or CI runs. Each target makes .venv from requirements.lock by itself.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := .venv/.installed
TOGETHER := -n 2 --dist worksteal
QUICK := -m "not thorough"
MUTMUT := mutmut==3.8.1
TYPESCRIPT := typescript@5.9.3
SARIF := @microsoft/jest-sarif@1.0.0-beta.0

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test thorough torture mutate check lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## build, repair, audit and destroy a stage in a local AWS; no account needed
	@scripts/demo $(BIN)/umetrics

# Of which coverage is measured is said in tests/conftest.py: tracing has its price.
test: $(INSTALLED) .typescript/.installed .sarif/.installed ## the tests, with branch coverage
	@$(BIN)/python -m pytest $(TOGETHER) $(QUICK) --cov --cov-report=term

thorough: $(INSTALLED) ## at length what `make test` shows once: further modes, calls and moments
	@$(BIN)/python -m pytest $(TOGETHER) -m thorough

mutate: .mutation/.installed ## do the tests notice small changes of the program? hours; TARGETS= for a part
	@rm -rf mutants
	@.mutation/bin/python -m tests.mutation $(TARGETS)

torture: $(INSTALLED) ## faults, crashes and races, 100 minutes; MINUTES=, SEED=; docs/reliability.md
	@$(BIN)/python -m tests.torture --write $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

check: $(INSTALLED) ## formatting, lint, types and the import table
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

lock: ## write requirements.lock anew from pyproject.toml; UPGRADE=1 takes the newest of everything
	@scripts/lock "$(PYTHON)" $(if $(UPGRADE),--upgrade)

clean: ## remove what make made; the stages' receipts in state/ stay
	@rm -rf .venv .demo .torture .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@rm -rf .coverage .coverage.* .mutation .typescript .sarif mutants build dist
	@find umetrics tests -type d -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "umetrics needs Python 3.11 or newer, and '$(PYTHON)' is not: make PYTHON=python3.12 ..." >&2; \
	  exit 1; }
	@echo "installing requirements.lock into .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(PIP) check >/dev/null || { $(PIP) check; echo "requirements.lock is stale: make lock" >&2; exit 1; }
	@touch $(INSTALLED)

# Without npm the tests that compile TypeScript are skipped, and pytest says so.
.typescript/.installed: Makefile
	@mkdir -p .typescript
	@if command -v npm >/dev/null; then \
	  echo "installing $(TYPESCRIPT) into .typescript"; \
	  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix .typescript $(TYPESCRIPT); \
	fi
	@touch $@

# Only the schema of SARIF is taken out of the package; without npm that test is skipped.
.sarif/.installed: Makefile
	@mkdir -p .sarif
	@if command -v npm >/dev/null; then \
	  echo "taking the schema of SARIF out of $(SARIF) into .sarif"; \
	  npm pack --silent --pack-destination .sarif $(SARIF) >/dev/null && \
	  tar -xzf .sarif/microsoft-jest-sarif-*.tgz -C .sarif package/lib/schemas; \
	fi
	@touch $@

# An environment of its own: only this target needs mutmut, and what it brings along.
.mutation/.installed: requirements.lock Makefile
	@echo "installing requirements.lock and $(MUTMUT) into .mutation"
	@$(PYTHON) -m venv --clear .mutation
	@.mutation/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements.lock
	@.mutation/bin/python -m pip --disable-pip-version-check install --quiet "$(MUTMUT)"
	@touch .mutation/.installed
