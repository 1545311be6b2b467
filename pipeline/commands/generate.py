"""Continue a sentence with a language model.

Example: wikilm generate the king
"""

import argparse

from pipeline.commands.answer import Answer
from pipeline.commands.run_folder import RunFolder, add_data
from pipeline.commands.sampling import add_sampling, check_number, choose_sampling, choose_seed
from pipeline.commands.spelling import check_known

AS_PREDICTED = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("prompt", nargs="*", metavar="WORD", help="the start of the sentence (default: none)")
    add_data(parser)
    parser.add_argument("--model", metavar="NAME", help="default: the one of the lowest validation perplexity")
    parser.add_argument(
        "--words", type=int, default=30, dest="most", metavar="N", help="stop after so many words (default: 30)"
    )
    add_sampling(parser, "1, 0 and 1")


def generate(arguments: argparse.Namespace) -> Answer:
    """Return a prompt and the words with which a language model continues it, until END or --words."""
    sampling, seed = choose_sampling(arguments, AS_PREDICTED), choose_seed(arguments.seed)
    most = check_number("--words", arguments.most)
    run: RunFolder = arguments.data
    name, why = run.choose_language_model(arguments.model)

    vocabulary = run.sequences().vocabulary
    prompt = run.words(" ".join(arguments.prompt))
    check_known(prompt, vocabulary.words, name)

    # torch takes seconds to load, and a user's mistakes are found without it.
    from models.sample import Sampling
    from pipeline.training.sentences import join_words, write_sentences

    model = run.language_model(name, len(vocabulary))
    (drawn,) = write_sentences(model, run.record(name), vocabulary, 1, most, Sampling(**sampling), prompt, seed=seed)
    text = join_words([*prompt, *drawn])
    ended = len(drawn) < most
    data = {"model": name, "seed": seed, **sampling, "prompt": prompt, "words": len(drawn), "ended": ended}
    end = "the sentence ended" if ended else "stopped by --words"
    return Answer({**data, "text": text}, [text], f"{name}{why}, seed {seed}; {end} after {len(drawn)} word(s)")
