# The commands that people type. Each sets up what it needs, so any of them works on a fresh clone.

PYTHON ?= python3
BIN := .venv/bin
# DVC runs stages as `python -m pipeline.NAME`: that must be the environment's Python, in tests and benchmarks, too.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUNBUFFERED := 1
# A failure ends a recipe, although its output goes through a filter.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
# DVC repeats advice after each of three calls, which would hide the results. Progress bars are on stderr.
WITHOUT_ADVICE := sed -uE '/^(Use `dvc push`|To track the changes with git|To enable auto staging|\t(git add|dvc config))/d' | cat -s
# Containers often set this variable. Each process then compiles torch and Lightning anew, which takes 8 s of CPU time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup pins repro test outside lint bench faults

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## create .venv and install the project

# On a terminal pip shows its progress.
INSTALL = [ -t 1 ] || export PIP_QUIET=1; $(BIN)/python -m pip install --disable-pip-version-check --constraint pins.txt

# `wikilm new` links the environment of another clone, which installs itself there. Other links are to one's own.
SHARED := $(shell [ -L .venv ] && [ -x $(BIN)/wikilm ] && ! grep -qsF '"file://$(CURDIR)"' \
	.venv/lib/python3.*/site-packages/wikilm-*.dist-info/direct_url.json && echo yes)

ifdef SHARED
.venv/installed:
	@:

.venv/tools:
	@echo "The development tools belong into $$(readlink -f .venv): run \`make .venv/tools\` in its clone."; exit 1
else
.venv/installed: pyproject.toml pins.txt bin/wikilm
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("wikilm needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12")'
	@! [ -L .venv ] || [ -e .venv ] || { echo ".venv is a link to $$(readlink .venv), which is gone: delete the link"; exit 1; }
	@echo "Installing the project into .venv: 1.6 GB with torch for the CPU, more with CUDA."
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --editable .
	@touch $@
	@echo "Installed. Next: source .venv/bin/activate"

.venv/tools: .venv/installed
	@echo "Installing the development tools into .venv."
	@$(INSTALL) --editable '.[dev]'
	@touch $@
endif

.venv/outside: .venv/tools
	@echo "Installing other people's programs into .venv."
	@$(INSTALL) --editable '.[outside]'
	@touch $@

# Run it with the oldest Python that pyproject.toml allows: newer ones have wheels of the same versions.
# torch names the packages of CUDA itself, and on some machines only; its build, as in 2.13.0+cpu, is the machine's too.
pins: setup ## renew pins.txt: the newest versions that pyproject.toml allows
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report .venv/report.json '.[dev,bench,outside]'
	@$(BIN)/python -c 'import json; [print("{name}=={version}".format(**package["metadata"])) \
		for package in json.load(open(".venv/report.json"))["install"]]' > .venv/resolved.txt
	@sed 's/+.*//' .venv/resolved.txt | grep -viE '^(wikilm|pip|setuptools|triton|(nvidia|cuda)-.*)==' \
		| LC_ALL=C sort -f > pins.txt

repro: setup ## run every stage whose parameters, inputs or code changed
	@$(BIN)/python -m wikilm repro | $(WITHOUT_ADVICE)

test: .venv/tools ## run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

outside: .venv/outside ## test what other people's programs make of an export
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m outside tests/outside

lint: .venv/tools ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy

bench: .venv/tools ## compare the speed of the stages with peers
	$(BIN)/python -m benchmarks

faults: .venv/tools ## break the pipeline on purpose, for hours
	$(BIN)/python -m benchmarks.faults
