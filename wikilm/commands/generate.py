"""Continue a sentence with a language model.

Example: wikilm generate the king
"""

import argparse

from wikilm.commands.answer import Answer
from wikilm.commands.options import add_language_model, add_sampling, choose_sampling
from wikilm.given import check_number, choose_seed

AS_PREDICTED = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("prompt", nargs="*", metavar="WORD", help="the start of the sentence (default: none)")
    add_language_model(parser)
    parser.add_argument(
        "--words",
        type=int,
        default=30,
        dest="most",
        metavar="N",
        help="stop after so many words or pieces (default: 30)",
    )
    parser.add_argument(
        "-n", "--number", type=int, metavar="N", help="write several texts, each with the next seed; a list with --json"
    )
    add_sampling(parser, "1, 0 and 1")


def generate(arguments: argparse.Namespace) -> Answer:
    """Return a prompt and the words with which a language model continues it, until END or --words."""
    sampling, seed = choose_sampling(arguments, AS_PREDICTED), choose_seed(arguments.seed, "--seed")
    most = check_number("--words", arguments.most)
    number = 1 if arguments.number is None else check_number("--number", arguments.number)
    model, prompt = arguments.data.language_model(arguments.model), " ".join(arguments.prompt)
    found = model.continuations(prompt, most, sampling, seed, number)
    about = {"model": model.name, **sampling, "prompt": model.read(prompt)[0]}
    data = [about | each._asdict() for each in found]
    first, last = found[0], found[-1]
    end = "the sentence ended" if first.ended else "stopped by --words"
    written = f"{first.words} {model.vocabulary.one}(s)"
    drawn = f"seed {seed}; {end} after {written}" if number == 1 else f"seeds {seed} to {last.seed}"
    return Answer(
        data if arguments.number else data[0],
        [each.text for each in found],
        f"{model.name}{model.why}, {drawn}{model.as_read(prompt)}",
    )
