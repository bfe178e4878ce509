# `make help` lists what there is.
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help
help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install:
	@deploy/install

.PHONY: lock
lock: install  ## pin every package again in requirements.lock
	@deploy/lock

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
test: install  ## every test, on real PostgreSQL and NATS
	@$(BIN)/pytest
