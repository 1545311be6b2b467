"""Write lines of verse with a poet's language model."""

import argparse

from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer
from wikilm.commands.options import add_data, add_sampling, choose_sampling
from wikilm.given import check_number, choose_seed
from wikilm.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data(parser)
    parser.add_argument("poet", nargs="?", default="", help="a name or part of it; not needed if there is one poet")
    parser.add_argument(
        "--lines", type=int, default=4, metavar="N", help="the number of lines, in stanzas of four (default: 4)"
    )
    add_sampling(parser, "poetry_generation.sampling")


def poem(arguments: argparse.Namespace) -> Answer:
    """Return new lines by a poet's model."""
    run: Run = arguments.data
    settings = run.params.poetry_generation
    for section in ("poems", "poetry_generation"):
        if getattr(run.params, section) is None:
            raise UserError(f"params.yaml: {section} is off; turn it on and run `dvc repro poetry_generation`")
    assert settings
    sampling = choose_sampling(arguments, settings.sampling.model_dump())
    number, seed = check_number("--lines", arguments.lines), choose_seed(arguments.seed, "--seed")

    # torch takes seconds to load, and a user's mistakes are found without it.
    from models.sample import SamplingParams
    from pipeline.experiments.generation.poet import STANZA, find_poet, read_poet, write_lines

    poets = run.path / "models/poetry"
    name = find_poet(poets, arguments.poet)
    lines = [
        " ".join(words) for words in write_lines(read_poet(poets / name), number, SamplingParams(**sampling), seed)
    ]
    stanzas = ["\n".join(lines[start : start + STANZA]) for start in range(0, len(lines), STANZA)]
    data = {"poet": name, "seed": seed, **sampling, "lines": lines}
    return Answer(data, "\n\n".join(stanzas).split("\n"), f"{name}, seed {seed}")
