"""The run and the files that a command line names."""

import argparse
import os
from pathlib import Path

from pipeline.settings import PARAMS
from wikilm.run import Run, find_project


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option --data."""
    parser.add_argument(
        "--data",
        type=lambda folder: Run(from_here(folder)),
        default=Run(),
        metavar="FOLDER",
        help="a run, next to its params.yaml (default: data)",
    )


def from_here(path: str) -> str:
    """Return a path that a user gave as seen from the project's folder, in which every command runs."""
    root = find_project()
    return path if root in (None, Path()) or Path(path).is_absolute() else os.path.relpath(path, root)


def add_params(parser: argparse.ArgumentParser) -> None:
    """Add the argument FILE, by default params.yaml."""
    parser.add_argument(
        "params",
        nargs="?",
        type=from_here,
        default=PARAMS,
        metavar="FILE",
        help="the file of settings (default: params.yaml)",
    )
