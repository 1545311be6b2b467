"""Verse that a poet's model writes, and how much of it is copied from the training lines."""

from typing import Any

from models.sample import Sampling
from pipeline.experiments.generation.poet import STANZA, Poet, write_lines
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.verse.novelty import Source


def write_stanzas(poet: Poet, source: Source, settings: PoetryGeneration) -> list[dict[str, Any]]:
    """Write the stanzas for the page; return the lines of each, and their novelty."""
    lines = write_lines(poet, STANZA * settings.stanzas, sampling(settings), settings.seed)
    stanzas = [lines[start : start + STANZA] for start in range(0, len(lines), STANZA)]
    return [{"lines": [" ".join(line) for line in stanza], **source.compare(stanza)._asdict()} for stanza in stanzas]


def measure_novelty(poet: Poet, source: Source, settings: PoetryGeneration, **changes: float) -> dict[str, Any]:
    """Return the novelty of lines that a poet writes with the settings' sampling, apart from `changes`."""
    lines = write_lines(poet, settings.novelty_lines, sampling(settings, **changes), settings.seed)
    return source.compare(lines)._asdict()


def novelty_by_temperature(poet: Poet, source: Source, settings: PoetryGeneration) -> list[dict[str, Any]]:
    """Return the novelty of what a poet writes at each temperature of the settings."""
    return [
        {"temperature": temperature, **measure_novelty(poet, source, settings, temperature=temperature)}
        for temperature in settings.temperatures
    ]


def sampling(settings: PoetryGeneration, **changes: float) -> Sampling:
    """Return the settings' sampling, with `changes`."""
    return Sampling(**settings.sampling.model_dump() | changes)
