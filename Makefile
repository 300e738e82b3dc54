# `make` alone says what there is. PYTHON=python3.12 chooses another Python for .venv.
PYTHON ?= python3
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help up test lint bench lock clean

help: ## say what each target does
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile

up: $(INSTALLED) ## start everything here with a fictional demo community, until Ctrl-C
	@exec $(BIN)/python -m barograph up --demo $(ARGS)

test: $(INSTALLED) ## run all tests; ARGS="tests/ledger -k append" chooses
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS) || [ $$? -eq 5 ] # 5: there are no tests, so none failed

lint: $(INSTALLED) ## check style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED) ## measure against yardsticks; writes benchmarks/latest.json
	$(BIN)/python -m benchmarks $(ARGS)

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "uv is needed to write the lock: pip install uv"; exit 1; }
	uv pip compile --universal --generate-hashes --python-version 3.11 --group dev pyproject.toml -o requirements.lock

clean: ## remove what can be made again: .venv, caches, fetched jars; data in .barograph stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build deploy/kafka/libs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python 3.11 or later is needed (on Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11; name a newer one, such as: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make environments (on Debian: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
