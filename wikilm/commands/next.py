"""List the likeliest next words of a sentence, whole ones of a model of pieces, too.

Example: wikilm next the king of
"""

import argparse

from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_language_model
from wikilm.given import check_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("prompt", nargs="*", metavar="WORD", help="the start of the sentence (default: none)")
    add_language_model(parser)
    parser.add_argument("--top", type=int, default=10, metavar="N", help="the number of words (default: 10)")


def next(arguments: argparse.Namespace) -> Answer:
    """Return the likeliest next words and their probabilities, and those of UNKNOWN and of the sentence's end."""
    top, model = check_number("--top", arguments.top), arguments.data.language_model(arguments.model)
    prompt = " ".join(arguments.prompt)
    found = model.predict(prompt, top)
    words = [{"word": word, "probability": chance} for word, chance in found.words]
    data = {"model": model.name, "prompt": model.read(prompt)[0], "words": words}
    lines = table([(model.vocabulary.shown.format(word), f"{chance:.1%}") for word, chance in found.words], "<>")
    note = f"{model.name}{model.why}; UNKNOWN {found.unknown:.1%}, the sentence ends {found.end:.1%}"
    if found.pieces:
        note += "; pieces, since the script has no blanks between words"
    return Answer({**data, "unknown": found.unknown, "end": found.end}, lines, note + model.as_read(prompt))
