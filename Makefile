# `make help` lists what there is.
.DEFAULT_GOAL := help
BIN := .venv/bin
# One test process a core, four at most: each has a PostgreSQL and a NATS of its own.
workers ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); [ $$cores -gt 4 ] && echo 4 || echo $$cores)

.PHONY: help
help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: install  ## start everything on this machine; returns when it is ready (LATCHKEY_PORT, _HOME, _INSTANCES)
	@$(BIN)/python -m latchkey_local up

.PHONY: demo
demo: install  ## walk through everything, as a story
	@$(BIN)/latchkey demo

.PHONY: status
status: install  ## how each part is doing
	@$(BIN)/python -m latchkey_local status

.PHONY: doctor
doctor: install  ## look at everything that runs, and say what to do
	@$(BIN)/latchkey doctor

.PHONY: logs
logs: install  ## what the parts wrote: make logs [part=token] [follow=1]
	@$(BIN)/python -m latchkey_local logs $(part) $(if $(follow),--follow)

.PHONY: down
down: install  ## stop everything; the data stays
	@$(BIN)/python -m latchkey_local down

.PHONY: reset
reset: install  ## stop everything and remove its data
	@$(BIN)/python -m latchkey_local reset

.PHONY: install
install:
	@deploy/install

.PHONY: lock
lock: install  ## pin every package again in requirements.lock
	@deploy/lock

golden := libs/contracts/tests/golden

.PHONY: docs
docs: install  ## write the pages of docs/ that are made from the code, and samples of new events
	@$(BIN)/python -m latchkey_local.settings_page > docs/settings.md
	@$(BIN)/python -m latchkey_local.event_docs samples $(golden)
	@$(BIN)/python -m latchkey_local.event_docs page $(golden) > docs/events.md
	@$(BIN)/python -m latchkey_local.event_docs asyncapi $(golden) > docs/asyncapi.json
	@$(BIN)/python -m latchkey_local.api_docs > docs/openapi.json

.PHONY: words
words: install  ## write the catalogue of what our pages say, libs/look/words.pot (gettext)
	@$(BIN)/pybabel -q extract -F libs/look/words.cfg -o libs/look/words.pot --no-location --sort-output --omit-header \
	    libs/look/src libs/kit/src libs/contracts/src services/auth/src services/console/src services/edge/src

.PHONY: screenshots
screenshots: install  ## pictures of the main pages, into docs/images
	@PYTHONPATH=tests/actors $(BIN)/python tests/browser/screenshots.py

.PHONY: format
format: install  ## let ruff put the code in order
	@$(BIN)/ruff check --quiet --fix-only . ; $(BIN)/ruff format .

.PHONY: lint
lint: install  ## style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy libs/*/src services/*/src deploy/local/src
	@$(BIN)/lint-imports

.PHONY: test
test: install  ## every test, on real PostgreSQL and NATS, and in a browser
	@deploy/browser >/dev/null || [ -z "$$CHROMIUM_REQUIRED" ]
	@$(BIN)/pytest --numprocesses $(workers) --durations=15 --durations-min=5

.PHONY: test-faults
test-faults: install  ## kill, stop and starve the parts of a stack under load, minutes long: make test-faults [seed=7]
	@$(BIN)/pytest tests/faults --faults $(if $(seed),--seed=$(seed))

.PHONY: bench
bench: install  ## how fast it is on this machine; half an hour, 25 GB: make bench [only=refresh] [events=200000]
	@$(BIN)/python tests/bench $(only) $(if $(events),--events=$(events))

.PHONY: bench-start
bench-start: install  ## how long the stack takes to start and stop, and its memory: make bench-start [rounds=5]
	@$(BIN)/python tests/bench/start.py --rounds $(or $(rounds),5)
