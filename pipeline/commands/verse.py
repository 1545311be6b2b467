"""The command that lets a poet's language model write."""

import argparse

from pipeline.commands.answer import Answer
from pipeline.commands.options import choose_sampling, choose_seed, how_many
from pipeline.commands.which import settings


def poem(arguments: argparse.Namespace) -> Answer:
    """New lines by a poet's model, whose they are and by which seed they come again."""
    sampling = choose_sampling(arguments, settings(arguments.data).poetry_generation.sampling.model_dump())
    number, seed = how_many("--lines", arguments.lines), choose_seed(arguments.seed)
    # torch takes seconds to load, and mistakes are found without it.
    from models.sample import Sampling
    from pipeline.experiments.generation.poet import STANZA, find_poet, read_poet, write_lines

    poets = arguments.data / "models/poetry"
    name = find_poet(poets, arguments.poet)
    lines = [" ".join(words) for words in write_lines(read_poet(poets / name), number, Sampling(**sampling), seed)]
    stanzas = ["\n".join(lines[start : start + STANZA]) for start in range(0, len(lines), STANZA)]
    data = {"poet": name, "seed": seed, **sampling, "lines": lines}
    return Answer(data, "\n\n".join(stanzas).split("\n"), f"{name}, seed {seed}")
