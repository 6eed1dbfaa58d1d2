# IntelliCV. `make` alone lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install run test check format bench lock clean

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# The first Python on this machine that is new enough.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 ; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break ; done)
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
DEMO   ?=
NAME   ?= lockstep
ARGS   ?=

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Variables: make run DEMO=1 · make bench NAME=lockstep ARGS=--quick · make test ARGS='-k lockstep -x'"

install: $(STAMP) ## Set up .venv with everything the product needs

$(STAMP): requirements.txt constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "IntelliCV needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11" >&2 ; exit 1 ; }
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON)" ; $(PYTHON) -m venv $(VENV) ; }
	@echo "Installing the packages; this takes a minute or two the first time"
	@$(PIP) install -c constraints.txt -r requirements.txt -e .
	@touch $(STAMP)

run: $(STAMP) ## Start both portals, the gateway and the worker (DEMO=1: with a made-up company)
	@exec $(BIN)/intellicv up $(if $(filter-out 0 no false,$(DEMO)),--demo)

test: $(STAMP) ## Run every test
	@$(BIN)/python -m pytest $(ARGS)

check: $(STAMP) ## Check the format, the lint and the types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP) ## Format the code and mend what the lint can mend
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

bench: $(STAMP) ## Measure, next to a control (NAME=lockstep)
	@$(BIN)/intellicv bench $(NAME) $(ARGS)

lock: ## Resolve requirements.txt anew and write constraints.txt
	@fresh="$$(mktemp -d)" && trap 'rm -rf "$$fresh"' EXIT && $(PYTHON) -m venv "$$fresh" \
	&& "$$fresh/bin/python" -m pip install --quiet --no-input -r requirements.txt \
	&& { head -n 1 constraints.txt ; "$$fresh/bin/python" -m pip freeze | grep -v '@\|://' ; } > "$$fresh/lock" \
	&& cp "$$fresh/lock" constraints.txt

clean: ## Remove what was made by tools (not var/, where the data is)
	rm -rf $(STAMP) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results *.egg-info
