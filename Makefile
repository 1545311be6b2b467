# The commands that people type. Each sets up what it needs, so any of them works on a fresh clone.

PYTHON ?= python3
BIN := .venv/bin
# DVC runs stages as `python -m pipeline.NAME`: that must be the environment's Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup repro test lint bench

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## create .venv and install everything

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("wikilm needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

repro: setup ## run every stage whose parameters, inputs or code changed
	@$(BIN)/wikilm check
	$(BIN)/dvc repro

test: setup ## run all tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: setup ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup ## measure the stages beside their peers
	$(BIN)/python -m benchmarks
