# Everything a developer runs. `make` alone prints this help.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.DEFAULT_GOAL := help

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

venv: $(STAMP) ## make the virtual environment with pinned dependencies

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,scale]'
	@touch $(STAMP)

run: $(STAMP) ## start the product on SQLite in ./data
	$(BIN)/inbox serve

demo: $(STAMP) ## fill ./data with believable dialogs of 90 days
	$(BIN)/inbox demo

browser: $(STAMP) ## make sure that a Chromium for the tests is here
	@$(BIN)/python tests/tools/get_browser.py

check: $(STAMP) ## the fast part: lint, format, types, imports, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture

test: check browser ## everything
	$(BIN)/pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile --ignore=tests/architecture tests

bench: $(STAMP) ## measure the budgets against a bare aiohttp echo
	$(BIN)/python -m tests.load.bench

fmt: $(STAMP) ## format and fix what can be fixed
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and caches (never the data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

.PHONY: help venv run demo browser check test bench fmt clean
