.DEFAULT_GOAL := help
PYTHON ?= python3
PROVIDER ?= local
SIZE ?= 1g
SIZES ?= 10m 1g
DAYS ?= 365
INTERVAL ?= 600
SEED ?= 1
EVENTS ?= 200
BACKUPS ?= 500
TIMES ?= 20
INTO ?= .local/screenshots
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
AXE := tests/browser/node_modules/.package-lock.json
REQUIREMENTS := $(wildcard */requirements.txt)
# Images of Python tend to set it, and then every start compiles all that it imports.
export PYTHONDONTWRITEBYTECODE :=
NPM_OPTIONS := --ignore-scripts --no-audit --no-fund --silent --fetch-retries=1 --fetch-timeout=20000

.PHONY: help setup run demo test check-docs gcloud e2e kill memory ticks start-time cold-start year soak slow-page screenshots lint format vendor

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(AXE) ## Make .venv with all that the project needs (the other targets do it too)

$(READY): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, found: $$($(PYTHON) --version)" >&2; exit 1; }
	@echo "setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(AXE): tests/browser/package-lock.json
	@if (cd tests/browser && npm ci $(NPM_OPTIONS)) >/dev/null 2>&1; then touch $@; else \
		echo "axe-core is not there, because npm is not, or fails: its tests will be skipped"; fi

run: $(READY) ## Run logger, function and a stand-in for Cloud Scheduler here; Ctrl-C ends it
	@$(BIN)/python deploy/local/run.py --provider $(PROVIDER)

demo: $(READY) ## Tell the whole story once: record, back up, destroy, restore (PROVIDER=gcs)
	@$(BIN)/python deploy/local/demo.py --provider $(PROVIDER)

test: $(READY) $(AXE) ## Run all tests
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# `exec`, here and below: the shell would not pass make's signals on, so the program would stay.
check-docs: $(READY) ## Run every command that the documentation shows, and compare the answers
	@PYTHONPATH=.:tests:deploy:deploy/local exec $(BIN)/python -m documentation.check_docs

gcloud: $(READY) ## Type every gcloud command of the documentation, beside stand-ins for Google
	@PYTHONPATH=.:tests:deploy:deploy/local exec $(BIN)/python -m documentation.gcloud_by_hand

e2e: $(READY) ## Set up, fire, deploy and restore with the real clients of Google, end to end
	@PYTHONPATH=.:tests:deploy:deploy/local exec $(BIN)/python -m end_to_end.e2e

kill: $(READY) ## Kill the jobs before their durable calls, and look at what is left
	@PYTHONPATH=tests:deploy/local exec $(BIN)/python -m killing.kill

memory: $(READY) ## Pull, push, drill and restore SIZE=1g, and print the peak memory of each
	@$(BIN)/python tests/benchmarks/memory.py --size "$(SIZE)"

ticks: $(READY) ## Pull, push and restore SIZE=1g beside the recorder, and count the ticks it misses
	@$(BIN)/python tests/benchmarks/ticks.py --size "$(SIZE)"

start-time: $(READY) ## Print the seconds from the start command to the first row (SIZES="10m 1g")
	@$(BIN)/python tests/benchmarks/start_time.py $(SIZES)

cold-start: $(READY) ## Print the seconds from the function's start to its first answer (TIMES=)
	@$(BIN)/python tests/benchmarks/cold_start.py --times $(TIMES)

year: $(READY) ## Live through a simulated year of ticks and trouble (DAYS=, INTERVAL= seconds, SEED=)
	@PYTHONPATH=.:tests:logger_service exec $(BIN)/python -m year.year --days $(DAYS) --interval $(INTERVAL) --seed $(SEED)

soak: $(READY) ## Deploy, crash and starve the whole system at random; no row may be lost (EVENTS=, SEED=)
	@PYTHONPATH=tests:deploy/local exec $(BIN)/python -m soak.endure --events $(EVENTS) --seed $(SEED)

slow-page: $(READY) ## Time the logger's answers beside a year of data and 500 backups (DAYS=, BACKUPS=, TIMES=)
	@$(BIN)/python tests/benchmarks/slow_page.py --days $(DAYS) --backups $(BACKUPS) --times $(TIMES)

screenshots: $(READY) ## Take pictures of the dashboard's states with Chromium (INTO= folder)
	@PYTHONPATH=.:tests:deploy/local:logger_service exec $(BIN)/python -m browser.screenshots --into "$(INTO)"

lint: $(READY) ## Check style, types and the copies of shared/
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy shared deploy tests
	@for job in logger_service backup_function restore_job; do \
		(cd $$job && ../$(BIN)/mypy --config-file ../pyproject.toml *.py) || exit 1; done
	@$(BIN)/python deploy/vendor.py --check

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

vendor: $(READY) ## Copy shared/ into the three jobs
	@$(BIN)/python deploy/vendor.py
