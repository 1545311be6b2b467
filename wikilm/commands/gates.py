"""Show how far a language model's gates open at each word of a sentence.

Example: wikilm gates the king of france
"""

import argparse
from collections.abc import Mapping
from typing import Any

from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_language_model
from wikilm.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("sentence", nargs="+", metavar="WORD", help="a sentence of your own")
    add_language_model(parser)


def gates(arguments: argparse.Namespace) -> Answer:
    """Return the mean openness of each gate, from 0 to 1, as the model reads each word."""
    run: Run = arguments.data
    model = run.language_model(arguments.model)
    name, record = model.name, model.record
    kind = record["settings"]["unit"]["kind"]
    if kind == "elman":
        raise UserError(f"{name}: is of Elman units, which have no gates; choose another model with --model")
    if not (words := run.words(" ".join(arguments.sentence))):
        raise UserError("gates: the sentence has no words; give one or more")

    from pipeline.training.gates import sentence_gates
    from pipeline.training.learnt import before_sentence

    vocabulary = model.vocabulary
    ids = vocabulary.remap(words).tolist()
    found = {
        "model": name,
        "unit": kind,
        "words": words,
        "unknown": [id == vocabulary.unknown for id in ids],
        "gates": sentence_gates(model.network, ids, before_sentence(record)),
    }
    return Answer(found, _lines(found), f"{name}{model.why}: mean openness of each gate, from 0 to 1")


def _lines(found: Mapping[str, Any]) -> list[str]:
    """Return a line for each word, with the openness of the gates in columns."""
    gates = found["gates"]
    several = gates[-1]["layer"] > 1
    header = [f"{gate['gate']} {gate['layer']}" if several else gate["gate"] for gate in gates]
    values = zip(*([f"{share:.2f}" for share in gate["openness"]] for gate in gates), strict=True)
    marked = zip(found["words"], found["unknown"], strict=True)
    words = [f"{word} (UNKNOWN)" if unknown else word for word, unknown in marked]
    rows = [("", *header), *((word, *row) for word, row in zip(words, values, strict=True))]
    return table(rows, "<" + ">" * len(gates))
