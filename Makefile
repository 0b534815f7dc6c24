# Kho Chung. `make help` lists what there is.
SHELL := /bin/bash
export DATA_DIR ?= $(CURDIR)/var
VENV := .venv
PYTHON := $(VENV)/bin/python
KHO := $(PYTHON) wsgi.py

.PHONY: help run test check lint bench dev services services-stop test-services test-minio
.DEFAULT_GOAL := help

help: ## list these
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/run: requirements.txt
	@test -x $(PYTHON) || python3 -m venv $(VENV) || \
	  { echo "python3 -m venv failed: on Debian and Ubuntu run 'apt-get install python3-venv'"; exit 1; }
	@if command -v uv >/dev/null; then VIRTUAL_ENV=$(VENV) uv pip install -q --require-hashes -r requirements.txt; \
	  else $(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt; fi
	@touch $@

$(VENV)/dev: tests/requirements.txt
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@if command -v uv >/dev/null; then VIRTUAL_ENV=$(VENV) uv pip install -q --require-hashes -r tests/requirements.txt; \
	  else $(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r tests/requirements.txt; fi
	@touch $@

dev: $(VENV)/dev ## install what developers need

run: $(VENV)/run ## the service with demo content at http://127.0.0.1:8000 (PORT, DATA_DIR, DEMO_PASSWORD)
	@$(KHO) migrate
	@$(KHO) demo seed --at-start
	@exec $(KHO) serve

test: $(VENV)/dev ## the whole suite on the embedded default
	$(PYTHON) -m pytest -q -n 2 tests

services: $(VENV)/dev ## start real PostgreSQL, Elasticsearch and S3 on this machine; print their URLs
	@$(PYTHON) -m tests.services.start

services-stop: ## end just those
	@$(PYTHON) -m tests.services.stop

test-services: services ## the whole suite and the contract tests on those
	set -a && . $(DATA_DIR)/services.env && set +a && $(PYTHON) -m pytest -q -n 2 tests

test-minio: $(VENV)/dev ## the storage tests on a MinIO server, built where Go is at hand
	@url=$$($(PYTHON) -m tests.services.start minio) && env "$$url" $(PYTHON) -m pytest -q tests/storage

lint: $(VENV)/dev ## style, types, import rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

check: lint test test-services test-minio ## all that CI does

bench: $(VENV)/dev ## the benchmarks, each against a floor measured in the same run
	$(PYTHON) bench/run.py
