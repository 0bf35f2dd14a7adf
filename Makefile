# `make` lists what there is. The two that matter: `make run` and `make test`.
PYTHON ?= python3
SETUP := $(PYTHON) deploy/bootstrap.py
BIN := .venv/bin
COMPILE := --overrides overrides.txt --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --annotation-style line
CHECK := uv="$$($(SETUP) --uv-only)" && "$$uv" venv --quiet --allow-existing --python $(BIN)/python .venv/check && \
	"$$uv" pip install --quiet --require-hashes --python .venv/check/bin/python -r requirements-check.txt

.DEFAULT_GOAL := help
.PHONY: help run test soak check types audit notice setup train gate lock lint evaluate bench reliability fuzz widget clean

help:      ## list these commands
	@sed -n 's/^\([a-z]*\): *.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run:       ## set up, train if needed, start everything and say where; Ctrl-C stops it
	@$(SETUP)
	@exec $(BIN)/patchline run

test:      ## set up and run the tests
	@$(SETUP) --dev
	@exec $(BIN)/python -m pytest -m "not soak" -n 3 --dist loadgroup --no-loadscope-reorder --durations=40

soak:      ## the tests that take minutes each: kill everything, switch releases under load, a morning at the desk
	@$(SETUP) --dev
	@exec $(BIN)/python -m pytest -m soak -v

setup:     ## install Python packages into .venv, also those for tests
	@$(SETUP) --dev

train:     ## train a model if there is no current one
	@$(SETUP)
	@exec $(BIN)/patchline train

gate:      ## train if needed and refuse a model that misses warning signs or cries wolf (WRONG=1: show them)
	@$(SETUP) --dev
	@$(BIN)/patchline train
	@exec $(BIN)/python -m evaluation.gate $(if $(WRONG),--wrong)

lock:      ## compile the requirements*.in files into lock files with hashes
	@uv="$$($(SETUP) --uv-only)" && for lock in requirements-bootstrap requirements requirements-dev requirements-check; do \
		echo "$$lock.txt" && "$$uv" pip compile --quiet $$lock.in $(COMPILE) -o $$lock.txt || exit 1; \
	done

widget:    ## build the chat widget into patchline/gateway/static (needs Node 18 or later)
	@cd widget && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent build && npm run --silent lint

check:     ## style, types and known faults of packages: what a machine can say without running anything
	@$(MAKE) --no-print-directory lint types audit

types:     ## check types (mypy: strict in safety, escalation and gateway)
	@$(SETUP) --dev
	@$(CHECK)
	@exec .venv/check/bin/mypy --python-executable $(BIN)/python

audit:     ## known faults of the packages in the lock files (deploy/advisories.yml: which we ship with, and why)
	@$(SETUP) --dev
	@$(CHECK)
	@exec $(BIN)/python deploy/audit.py

notice:    ## write NOTICE, the licences of what we ship with
	@$(SETUP)
	@exec $(BIN)/python deploy/notice.py

lint:      ## check style and format
	@$(SETUP) --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

evaluate:  ## compare the ways of understanding a message
	@$(SETUP) --dev
	@exec $(BIN)/python -m evaluation

bench:     ## measure the running system against Rasa's default
	@$(SETUP) --dev
	@exec $(BIN)/python -m evaluation.bench

reliability: ## kill everything at random while patients write, and count what is lost
	@$(SETUP) --dev
	@$(BIN)/patchline train
	@exec $(BIN)/python -m evaluation.reliability

fuzz:      ## send hostile inputs by the ten thousand to the running system
	@$(SETUP) --dev
	@$(BIN)/patchline train
	@exec $(BIN)/python -m evaluation.fuzz

clean:     ## remove .venv, models and caches; conversations and tickets under var/ stay
	rm -rf .venv models widget/node_modules .rasa .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
