# The commands that people type. Each sets up what it needs, so any of them works on a fresh clone.

PYTHON ?= python3
BIN := .venv/bin
# DVC runs stages as `python -m pipeline.NAME`: that must be the environment's Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Containers often set this variable. Each process then compiles torch and Lightning anew, which takes 8 s of CPU time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup pins repro models experiments test outside lint bench faults

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## create .venv and install the project

# On a terminal pip shows its progress.
INSTALL = [ -t 1 ] || export PIP_QUIET=1; $(BIN)/python -m pip install --disable-pip-version-check --constraint pins.txt

.venv/installed: pyproject.toml pins.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("wikilm needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12")'
	@echo "Installing the project into .venv: 1.6 GB with torch for the CPU, more with CUDA."
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --editable .
	@touch $@
	@echo "Installed. Next: source .venv/bin/activate"

.venv/tools: .venv/installed
	@echo "Installing the development tools into .venv."
	@$(INSTALL) --editable '.[dev]'
	@touch $@

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

# Models and the smaller experiments need nothing of one another, so they run side by side.
repro: setup ## run every stage whose parameters, inputs or code changed
	@$(BIN)/wikilm check
	$(BIN)/dvc repro index
	@$(MAKE) --no-print-directory --jobs=2 models experiments
	$(BIN)/dvc repro
	@echo "The page is data/reports/index.html. To record this run: git add params.yaml dvc.lock && git commit (docs/dvc.md)"

models: .venv/installed
	@$(BIN)/dvc --wait-for-lock repro train

# Models go first where both want a processor, but other work on the machine leaves the experiments their share. The pipe
# leaves the terminal's progress bar to the models and hides a failure, which the last `dvc repro` meets again.
experiments: .venv/installed
	@nice -n 5 $(BIN)/dvc --wait-for-lock repro --quiet --keep-going parity poetry_generation poetry_classification 2>&1 | cat

test: .venv/tools ## run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

outside: .venv/outside ## test what other people's programs make of an export
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m outside tests/outside

lint: .venv/tools ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/tools ## compare the speed of the stages with peers
	$(BIN)/python -m benchmarks

faults: .venv/tools ## break the pipeline on purpose, for hours
	$(BIN)/python -m benchmarks.faults
