# make run: set up and open the pages. make test: set up and check everything.
# Nothing outside this folder is touched, but for Debian packages where this user may install them
# (POOLWATCH_NO_APT=1 forbids it).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(shell command -v python3.11 python3 2>/dev/null) python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Tests mostly wait: two at once, each file in one piece (WORKERS=0: one after the other). Those that watch
# cameras as they would at a house come afterwards, with the machine to themselves.
WORKERS ?= 2
PYTHONDIRS := dashboard components pages tests

.PHONY: help setup setup-tests run test lint format clean weights certificate

help:
	@echo "make run     set up, then serve the pages on http://localhost:8501"
	@echo "make certificate   https for your house: a phone's camera needs it (NAME=\"host ...\" for other names)"
	@echo "make test    set up, then format, lint, types, rooms and all tests"
	@echo "make setup   .venv, packages, system libraries, model weights"
	@echo "make lint    format, lint and types alone;  make format  puts the format right"
	@echo "make clean   remove .venv and what tools leave behind (data and weights stay)"

setup: $(VENV)/.runtime weights

# The interpreter, the system libraries and pip; again when the list of libraries changes.
$(VENV)/.system: dashboard/preflight.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Poolwatch needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m dashboard.preflight setup
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.system
	@echo "Installing the packages of requirements.txt (a few hundred MB the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the packages of requirements-dev.txt ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

weights: $(VENV)/.runtime
	@$(BIN)/python -m dashboard models install --first-start

setup-tests: setup $(VENV)/.dev
	@$(PYTHON) -m dashboard.preflight tests

run: setup
	@pem="$${POOLWATCH_DATA:-data}/certificate/server.pem"; \
	if [ -r "$$pem" ] && [ -z "$${STREAMLIT_SERVER_SSL_CERT_FILE:-}" ]; then \
		export STREAMLIT_SERVER_SSL_CERT_FILE="$$pem" STREAMLIT_SERVER_SSL_KEY_FILE="$$pem"; \
	fi; \
	exec $(BIN)/python -m streamlit run dashboard/app.py

certificate: $(VENV)/.runtime
	@$(BIN)/python -m dashboard certificate $(if $(NAME),--name $(NAME))

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Format, lint, types, rooms, then everything else, by one command. Tests start hundreds of processes: what
# Python has compiled is kept for the next one, whatever the caller's environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: setup-tests lint
	@$(BIN)/python -m pytest -q tests/test_rooms.py
	@run() { $(BIN)/python -m pytest --ignore tests/test_rooms.py "$$@" $(PYTEST); }; most=0; alone=0; \
	run -m "not alone" -n $(WORKERS) --dist loadfile --no-loadscope-reorder || most=$$?; \
	run -m alone || alone=$$?; \
	case $$most,$$alone in 0,0|0,5|5,0) ;; *) exit 1 ;; esac

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build out
	find $(PYTHONDIRS) -name __pycache__ -prune -exec rm -rf {} +
