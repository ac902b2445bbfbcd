# Every target sets up what it needs in .venv, from requirements.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := RootUsageAlarmRule remediation tests workstation

export PYTHONPATH := RootUsageAlarmRule:.
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help demo check explain test lint format bench document remediate test-local lock clean

help: ## print the targets, a line each
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

demo: $(STAMP) ## accounts on an embedded local AWS, judged by the rule; needs no credentials
	@$(BIN)/python -m workstation demo

check: $(STAMP) ## the rule's decision on your account, read-only (PROFILE=, REGION=, OUTPUT=text|json)
	@$(BIN)/python -m workstation check $(if $(PROFILE),--profile '$(PROFILE)') \
	  $(if $(REGION),--region '$(REGION)') $(if $(OUTPUT),--output '$(OUTPUT)')

# $(value ...) keeps make from expanding the `$` of the pattern's selectors.
explain: export FILTER_PATTERN := $(value PATTERN)
explain: $(STAMP) ## what a filter pattern covers: make explain PATTERN='{ ... }' (EVENT=file, AWS=1)
	@$(BIN)/python -m workstation explain "$$FILTER_PATTERN" $(if $(EVENT),--event '$(EVENT)') $(if $(AWS),--aws)

remediate: $(STAMP) ## make the chain whole from here (PROFILE=, REGION=, EMAIL= or TOPIC=, DRY_RUN=1)
	@$(BIN)/python -m workstation remediate $(if $(PROFILE),--profile '$(PROFILE)') \
	  $(if $(REGION),--region '$(REGION)') $(if $(EMAIL),--email '$(EMAIL)') \
	  $(if $(TOPIC),--topic '$(TOPIC)') $(if $(DRY_RUN),--dry-run)

document: $(STAMP) ## build the SSM Automation documents and print their sizes
	@$(BIN)/python -m remediation.build

test: $(STAMP) ## run the tests
	@$(BIN)/python -m pytest

lint: $(STAMP) ## ruff, ruff format and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)

format: $(STAMP) ## format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(STAMP) ## time the decisions, as ratios within one run
	@$(BIN)/python -m workstation.bench

test-local: $(STAMP) ## the rule's smoke test, the way `rdk test-local` runs it
	@cd RootUsageAlarmRule && PYTHONPATH=. ../$(BIN)/python -m unittest discover -p '*_test.py'

lock: $(STAMP) ## pin requirements.in's packages, and all that they need, in requirements.txt
	@$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --universal --python-version 3.11 \
	  --no-emit-index-url --no-header --output-file requirements.txt requirements.in

clean: ## remove everything that make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@
