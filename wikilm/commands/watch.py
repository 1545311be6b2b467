"""Show the curves of the trainings that run now, until they end.

Run it in a second terminal while `dvc repro` trains; Ctrl-C ends it. If stdout is not a terminal, it prints a line for
each epoch.
"""

import argparse
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.training.live import Curve, read_curves
from wikilm.commands.answer import Answer
from wikilm.commands.options import add_data
from wikilm.run import Run

SECONDS = 0.5  # between two looks
HEIGHT, WIDEST, LABEL = 6, 6, 9  # of a chart, of an epoch's bar, and of the numbers on the left, in characters
BLOCKS = " ▁▂▃▄▅▆▇█"
FIGURES = {"valid_perplexity": ("validation perplexity", ".1f"), "cosine_total": ("analogies right", ".1%")}
add_arguments = add_data


def watch(arguments: argparse.Namespace) -> Answer:
    """Return the curves of the trainings that run now; the lines follow them until they end."""
    run: Run = arguments.data
    run.sibling("params.yaml")
    models = run.path / "models"
    curves = [curve._asdict() for curve in running(models)]
    return Answer(curves, drawn(models) if curves and sys.stdout.isatty() else followed(models))


def running(models: Path) -> list[Curve]:
    """Return the curves of the trainings that run now."""
    return [curve for curve in read_curves(models) if curve.is_running()]


def followed(models: Path) -> Iterator[str]:
    """Yield a line for each epoch of the trainings that run, and at the end how each one ended."""
    seen: dict[str, int] = {}  # epochs, by the training's name
    while curves := running(models):
        for curve in curves:
            if curve.name not in seen:
                yield f"{curve.name}: epoch {len(curve.epochs) + 1} of {curve.of} is training"
            for number in range(seen.get(curve.name, 0), len(curve.epochs)):
                yield told(curve, number)
            seen[curve.name] = len(curve.epochs)
        time.sleep(SECONDS)
    yield from ends(models, seen)


def drawn(models: Path) -> Iterator[str]:
    """Draw the curves of the trainings that run until all have ended, and then yield how each one ended."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    seen: list[str] = []
    with Live(auto_refresh=False) as screen:
        while curves := running(models):
            seen = list(dict.fromkeys([*seen, *(curve.name for curve in curves)]))
            latest = {curve.process: curve for curve in curves}  # a process trains seeds and poets one after another
            lines = [line for curve in latest.values() for line in chart(curve, screen.console.width)]
            screen.update(Group(*(Text(line, no_wrap=True) for line in lines)), refresh=True)
            time.sleep(SECONDS)
    yield from ends(models, seen)


def ends(models: Path, seen: Collection[str]) -> Iterator[str]:
    """Yield how each training in `seen` ended, and the trainings that were killed before."""
    left = {curve.name: curve for curve in read_curves(models) if not curve.is_running()}
    yield from (f"{name}: the training has ended" for name in seen if name not in left)
    for name, curve in left.items():
        yield f"{name}: stopped after {len(curve.epochs)} of {curve.of} epochs; `dvc repro` trains it again"
    if not seen:
        yield "nothing is training; run `dvc repro`, and this in another terminal"


def told(curve: Curve, number: int) -> str:
    """Return an epoch of a curve, by its number from 0, in words."""
    found = curve.epochs[number]
    figures = (f"{label} {found[key]:{form}}" for key, (label, form) in FIGURES.items() if key in found)
    return f"{curve.name}: epoch {number + 1} of {curve.of}: {', '.join(figures)}"


def chart(curve: Curve, width: int) -> Iterator[str]:
    """Yield a heading and the lines of a chart with a bar for each epoch, or for the last epochs that fit."""
    if not curve.epochs:
        yield f"{curve.name}: epoch 1 of {curve.of} is training"
        return
    yield told(curve, len(curve.epochs) - 1)
    key = next(key for key in FIGURES if key in curve.epochs[0])
    room = max(1, width - LABEL - 1)
    values = [epoch[key] for epoch in curve.epochs][-room:]
    least, most, form = min(values), max(values), FIGURES[key][1]
    bar = max(1, min(WIDEST, room // curve.of))
    tops = [1 + round((8 * HEIGHT - 1) * (value - least) / ((most - least) or 1)) for value in values]  # in eighths
    for row in reversed(range(HEIGHT)):
        label = format(most if row == HEIGHT - 1 else least, form) if row in (0, HEIGHT - 1) else ""
        yield f"{label:>{LABEL}} " + "".join(bar * BLOCKS[max(0, min(8, top - 8 * row))] for top in tops)
