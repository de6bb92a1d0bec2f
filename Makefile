# Everything a person or a machine runs here. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
READERS := .venv-readers
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8000
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo docs test check readers bench serve clean lock schema islands messages screenshots

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Concordance needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned dependencies (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.runtime ## Create the environment with what the platform needs

$(VENV)/.peers: pyproject.toml $(VENV)/.dev
	@echo "Installing the peers that benchmarks measure against ..."
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[peers]"
	@touch $@

$(VENV)/.peers-language: pyproject.toml $(VENV)/.dev
	@echo "Installing encoders and topic models to measure against (some three gigabytes) ..."
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[peers-language]"
	@touch $@

$(READERS)/.installed: pyproject.toml requirements-dev.lock
	@test -x $(READERS)/bin/python || $(PYTHON) -m venv $(READERS)
	@echo "Installing the tools that read our exports, apart from everything else (some 1.5 gigabytes) ..."
	@$(READERS)/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(READERS)/bin/python -m pip install --quiet --no-build-isolation --editable ".[readers]"
	@touch $@

setup-dev: $(VENV)/.dev ## The same with the tools that tests and checks need

demo: setup ## Run the sample consultation from statements to spec, then serve it (SERVE=0: write demo-output/ and stop)
	@$(BIN)/python manage.py demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve,)

serve: setup ## Serve what is there, web and worker, without loading the sample
	@$(BIN)/python manage.py demo --port $(PORT) --no-sample

test: setup-dev ## Run the tests, on every core
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

check: setup-dev ## Everything that CI checks, in order of speed
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file .schema-now.yaml && cmp .schema-now.yaml docs/openapi.yaml; status=$$?; rm -f .schema-now.yaml; exit $$status
	@$(MAKE) --no-print-directory test

schema: setup ## Write docs/openapi.yaml anew
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

docs: setup ## Write docs/methods.md anew from its template and the constants of the code
	@$(BIN)/python -m docs.render

readers: $(READERS)/.installed ## Let other people's tools read what we export, in an environment of their own
	@$(READERS)/bin/python -m pytest -W default tests/readers

bench: $(VENV)/.peers $(if $(filter 1,$(LANGUAGE_PEERS)),$(VENV)/.peers-language,) ## Time each stage on the sample and real consultations, and against peers (half an hour; LANGUAGE_PEERS=1: against language models too)
	@$(BIN)/python -m tests.bench

frontend/node_modules/.installed: frontend/package-lock.json
	@cd frontend && npm ci --ignore-scripts --silent
	@touch $@

islands: frontend/node_modules/.installed ## Check and build the optional scripts of the pages (needs Node)
	@cd frontend && npm run --silent build

messages: setup-dev ## Gather the texts of the interface and compile their translations (needs GNU gettext)
	@$(BIN)/python manage.py messages

screenshots: setup-dev ## Take the pictures of the guides anew (needs Chromium; ALL=folder: every page in every look)
	@$(BIN)/python -m tests.journey.screenshots $(if $(ALL),--all $(ALL),)

lock: ## Pin the dependencies anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean: ## Remove the environment, the demo's data and every cache
	rm -rf $(VENV) $(READERS) .demo demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis static-root *.egg-info
