# The commands that people type. Each sets up what it needs, so any of them works on a fresh clone.

PYTHON ?= python3
BIN := .venv/bin
# DVC runs stages as `python -m pipeline.NAME`: that must be the environment's Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup pins repro test lint bench faults

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## create .venv and install everything

.venv/installed: pyproject.toml pins.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("wikilm needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint pins.txt --editable '.[dev]'
	@touch $@

# Run it with the oldest Python that pyproject.toml allows: newer ones have wheels of the same versions.
# torch names the packages of CUDA itself, and on some machines only; its build, as in 2.13.0+cpu, is the machine's too.
pins: setup ## renew pins.txt: the newest versions that pyproject.toml allows
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report .venv/report.json '.[dev]'
	@$(BIN)/python -c 'import json; [print("{name}=={version}".format(**package["metadata"])) \
		for package in json.load(open(".venv/report.json"))["install"]]' > .venv/resolved.txt
	@sed 's/+.*//' .venv/resolved.txt | grep -viE '^(wikilm|pip|setuptools|triton|(nvidia|cuda)-.*)==' \
		| LC_ALL=C sort -f > pins.txt

repro: setup ## run every stage whose parameters, inputs or code changed
	@$(BIN)/wikilm check
	$(BIN)/dvc repro

test: setup ## run all tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: setup ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup ## compare the speed of the stages with peers
	$(BIN)/python -m benchmarks

faults: setup ## break the pipeline on purpose, for hours
	$(BIN)/python -m benchmarks.faults
