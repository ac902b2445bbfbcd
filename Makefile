# Every target sets up what it needs in .venv, from requirements.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# An emulator of the tests wants another botocore, so it has a virtual environment of its own.
EMULATOR := $(VENV)/emulator
EMULATOR_STAMP := $(EMULATOR)/.installed
# Tools that need the network and that CI does without, each in a virtual environment of its own.
AUDIT := $(VENV)/tools/pip-audit@2.10.1
SBOM := $(VENV)/tools/cyclonedx-bom@7.5.0
SOURCES := RootUsageAlarmRule root_usage_alarm tests
ENGINE_TESTS := $(addprefix tests/,alarm aws chain coverage delivery event_pattern filter_pattern root_user verdict \
  test_examine.py test_parameters.py test_work.py)

# What the commands on an account take.
PLACE = $(if $(PROFILE),--profile '$(PROFILE)') $(if $(REGION),--region '$(REGION)')
TOLD = $(if $(EMAIL),--email '$(EMAIL)') $(if $(TOPIC),--topic '$(TOPIC)')
GIVEN = $(foreach each,$(PARAMETERS),--parameter '$(each)')
READING = $(foreach each,$(READING_ROLE) $(LOG_ARCHIVE_ROLE),--reading-role '$(each)')

# Whether a switch is on; a word that is neither is an error, as nobody knows what was meant.
yes = $(if $(filter 1 yes true,$($(1))),on,$(if $(filter-out 0 no false,$($(1))),$(error $(1)=$($(1)): 1, yes, true, 0, no or false)))

AGREED = $(if $(call yes,YES),--yes)

# A variable that a command can't do without.
need = $(if $(value $(1)),,$(error $(1)= is missing; `make` prints what each command takes))

export PYTHONPATH := RootUsageAlarmRule:.
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help test-fast coverage explore demo check drill explain remediate deploy undeploy deploy-org deploy-org-status undeploy-org report \
  check-org document picture release templates zip test lint format bench test-local test-aws lock audit clean

help: ## print the targets, a line each
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-18s %s\n", $$1, $$2}'

demo: $(STAMP) ## accounts on an embedded local AWS, judged by the rule; needs no credentials
	@$(BIN)/python -m root_usage_alarm demo

check: $(STAMP) ## the rule's decision on your account, read-only (PROFILE=, REGION=, PARAMETERS=, ALL_WAYS=1, DRILL=file, OUTPUT=text|json|html, ARGS='--verbose')
	@$(BIN)/python -m root_usage_alarm check $(PLACE) $(GIVEN) $(if $(ALL_WAYS),--all-ways) $(if $(DRILL),--drill '$(DRILL)') \
		$(if $(OUTPUT),--output '$(OUTPUT)') $(ARGS)

drill: $(STAMP) ## does the alarm tell a person? RING=1 rings it, WATCH=1 waits for root to sign in (POLICY=1, ALARM=, ANYWAY=1, RECORD=, PROFILE=, REGION=, ...)
	@$(BIN)/python -m root_usage_alarm drill $(PLACE) $(GIVEN) $(if $(call yes,RING),--ring) $(if $(call yes,WATCH),--watch) \
	  $(if $(call yes,POLICY),--policy) $(if $(ALARM),--alarm '$(ALARM)') $(if $(call yes,ANYWAY),--anyway) \
	  $(if $(RECORD),--record '$(RECORD)') $(if $(MINUTES),--minutes '$(MINUTES)') \
	  $(if $(CONFIRMED_BY),--confirmed-by '$(CONFIRMED_BY)') $(AGREED)

# $(value ...) keeps make from expanding the `$` of the pattern's selectors.
explain: export FILTER_PATTERN := $(value PATTERN)
explain: $(STAMP) ## what a filter pattern covers: make explain PATTERN='{ ... }', or @file (EVENT=file, AWS=1, PROFILE=, REGION=)
	@$(call need,PATTERN)$(BIN)/python -m root_usage_alarm explain "$$FILTER_PATTERN" $(if $(EVENT),--event '$(EVENT)') \
	  $(if $(call yes,AWS),--aws) $(PLACE)

remediate: $(STAMP) ## make the chain whole from here (EMAIL= or TOPIC=, TRAIL=, CREATE_TRAIL=1, DRY_RUN=1, YES=1, ...)
	@$(BIN)/python -m root_usage_alarm remediate $(PLACE) $(TOLD) $(GIVEN) $(if $(TRAIL),--trail '$(TRAIL)') \
	  $(if $(TOPIC_KEY),--topic-key '$(TOPIC_KEY)') $(if $(call yes,CREATE_TRAIL),--create-trail) \
	  $(if $(call yes,EVENT_COUNT_ALARM),--event-count-alarm) \
	  $(if $(call yes,ALARM_DETAILS),--alarm-details) $(ARGS) $(if $(call yes,DRY_RUN),--dry-run) $(AGREED)

document: $(STAMP) ## build the SSM Automation documents, templates and pages, and print their sizes
	@$(BIN)/python -m root_usage_alarm.build

picture: $(STAMP) ## make docs/check.svg from what `check` prints of an account on the local AWS
	@$(BIN)/python -m root_usage_alarm.demo.picture

zip: $(STAMP) $(SBOM)/.installed ## build the Lambda's zip, its layer and the layer's SBOM, and print size and digest
	@$(BIN)/python -m root_usage_alarm.deployment.package
	@$(SBOM)/bin/cyclonedx-py requirements --output-reproducible --output-file build/libraries.cdx.json requirements-layer.txt

release: zip templates ## check version and changelog, collect the assets with checksums, and tag
	@$(BIN)/python -m root_usage_alarm.release

templates: document ## the same; templates that embed a document go to build/templates

deploy: $(STAMP) ## deploy the rule to one account (PROFILE=, REGION=, EMAIL= or TOPIC=, READING_ROLE=, PARAMETERS=, YES=1)
	@$(BIN)/python -m root_usage_alarm deploy $(PLACE) $(TOLD) $(READING) $(GIVEN) $(AGREED)

undeploy: $(STAMP) ## take it away again, but not what the remediation made (PROFILE=, REGION=, YES=1)
	@$(BIN)/python -m root_usage_alarm undeploy $(PLACE) $(AGREED)

deploy-org: $(STAMP) ## deploy to an organization (OU='ou-... ou-...', EMAIL= and TOPIC=, CENTRAL_TOPIC=1, READING_ROLE=, PACK=1, PARAMETERS=, YES=1)
	@$(call need,OU)$(BIN)/python -m root_usage_alarm deploy-org $(PLACE) $(foreach each,$(OU),--ou '$(each)') $(TOLD) $(READING) \
	  $(if $(call yes,CENTRAL_TOPIC),--central-topic) $(if $(PACK),--pack) $(GIVEN) $(AGREED)

deploy-org-status: $(STAMP) ## how far that is, and where it failed (PROFILE=, REGION=, FOLLOW=1 waits for its end)
	@$(BIN)/python -m root_usage_alarm deploy-org-status $(PLACE) $(if $(call yes,FOLLOW),--follow)

undeploy-org: $(STAMP) ## take it away everywhere (PROFILE=, REGION=, YES=1)
	@$(BIN)/python -m root_usage_alarm undeploy-org $(PLACE) $(AGREED)

report: $(STAMP) ## every account's result from an aggregator (AGGREGATOR=, PROFILE=, REGION=, MAX_AGE=hours, OUTPUT=text|json|csv|html)
	@$(call need,AGGREGATOR)$(BIN)/python -m root_usage_alarm report '$(AGGREGATOR)' $(PLACE) $(if $(OUTPUT),--output '$(OUTPUT)') \
	  $(if $(MAX_AGE),--max-age '$(MAX_AGE)') $(ARGS)

check-org: $(STAMP) ## the decision on every account of the organization (ROLE=, PROFILE=, REGION=, PARAMETERS=, OUTPUT=)
	@$(call need,ROLE)$(BIN)/python -m root_usage_alarm check-org '$(ROLE)' $(PLACE) $(GIVEN) $(if $(OUTPUT),--output '$(OUTPUT)') $(ARGS)

test: $(STAMP) $(EMULATOR_STAMP) ## run the tests, on all cores; or some of them (ARGS='tests/alarm -k missing')
	@$(BIN)/python -m pytest $(or $(ARGS),-n auto)

test-fast: $(STAMP) ## run the tests of the engine's rooms: seconds, what one runs all the time
	@$(BIN)/python -m pytest -n auto --hypothesis-profile=quick $(ENGINE_TESTS)

coverage: $(STAMP) ## the engine's branches that its rooms' tests go through, file by file
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term-missing $(ENGINE_TESTS)

explore: $(STAMP) ## property tests with fresh examples, round after round (MINUTES=5)
	@end=$$(( $$(date +%s) + 60 * $(or $(MINUTES),5) )); while [ $$(date +%s) -lt $$end ]; do \
	  $(BIN)/python -m pytest -n auto -m hypothesis --hypothesis-profile=explore $(ENGINE_TESTS) tests/simulation || exit 1; done

test-aws: $(STAMP) ## ask a real account, made for it, what AWS leaves open (PROFILE=, ACCOUNT=, REGION=, ONLY=, LIST=1, CLEAN=1)
	@$(BIN)/python -m tests.live $(PLACE) $(if $(ACCOUNT),--account '$(ACCOUNT)') $(foreach each,$(ONLY),--only '$(each)') \
	  $(if $(call yes,CLEAN),--clean) $(if $(call yes,LIST),--list) $(AGREED)

lint: $(STAMP) ## ruff, mypy --strict, import-linter, cfn-lint, parliament, and whether what is built is up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m root_usage_alarm.build --check
	@$(BIN)/cfn-lint root_usage_alarm/deployment/templates/*.json build/templates/*.json
	@$(BIN)/python -m tests.deployment.policy_lint

format: $(STAMP) ## format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(STAMP) ## time the decisions, as ratios within one run; simulate large organizations
	@$(BIN)/python -m tests.bench.decisions
	@$(BIN)/python -m tests.bench.report
	@$(BIN)/python -m tests.bench.many_members

test-local: $(STAMP) ## the rule's smoke test, the way `rdk test-local` runs it
	@cd RootUsageAlarmRule && PYTHONPATH=. $(abspath $(BIN))/python -m unittest discover -p '*_test.py'

lock: $(STAMP) ## pin requirements.in's packages, and all that they need; the layer's with their digests
	@$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --universal --python-version 3.11 \
	  --no-emit-index-url --no-header --output-file requirements.txt requirements.in
	@$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header \
	  --output-file tests/emulator/requirements.txt tests/emulator/requirements.in
	@printf 'rdklib\nboto3\n' | $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header \
	  --no-annotate --generate-hashes --constraint requirements.txt --output-file requirements-layer.txt -

audit: $(AUDIT)/.installed ## known vulnerabilities of what is pinned; asks PyPI, so CI doesn't run it
	@$(AUDIT)/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off --requirement requirements.txt

clean: ## remove everything that make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(EMULATOR_STAMP): tests/emulator/requirements.txt $(STAMP)
	@echo "setting up $(EMULATOR) ..."
	@$(PYTHON) -m venv $(EMULATOR)
	@$(EMULATOR)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@# What `make deploy` puts into the layer, so that the tests need no network for it.
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --dest $(EMULATOR)/wheels \
	  $$($(BIN)/python -c 'from root_usage_alarm.deployment.package import pins; print(*pins())')
	@touch $@

$(VENV)/tools/%/.installed: | $(STAMP)
	@echo "setting up $(@D) ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check '$(subst @,==,$*)'
	@touch $@
