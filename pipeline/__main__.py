"""The `wikilm` command."""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydantic

from pipeline.corpus.web import Web
from pipeline.corpus.wikimedia import LAYOUTS
from pipeline.run.console import UserError, one_line_errors
from pipeline.run.params import load_params
from pipeline.run.params.experiments import Sampling


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command; ends with exit code 1 and one line on a user's mistake."""
    parser = argparse.ArgumentParser(
        prog="wikilm", description="From a Wikipedia dump to language models, embeddings and analogies."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="check every setting of a parameter file")
    check.add_argument("params", nargs="?", type=Path, default=Path("params.yaml"))
    check.set_defaults(command=lambda arguments: check_params(arguments.params))
    dumps = commands.add_parser("dumps", help="list the dumps of a wiki that can be downloaded")
    dumps.add_argument("project", help="the wiki: enwiki, simplewiki, ltgwiki ...")
    dumps.add_argument("--mirror", help="the server's address instead of params.yaml's")
    dumps.add_argument("--layout", choices=LAYOUTS, help="instead of params.yaml's")
    dumps.add_argument("--json", action="store_true", help="as JSON")
    dumps.set_defaults(command=list_dumps)
    poem = commands.add_parser("poem", help="let a poet's language model write")
    poem.add_argument("--poet", default="", help="a name or part of one; may be left out where there is one poet")
    poem.add_argument("--lines", type=int, default=4, help="how many, in stanzas of four")
    poem.add_argument("--temperature", type=float, help="instead of params.yaml's: below 1, likely words get likelier")
    poem.add_argument("--top-k", type=int, help="draw from the so many likeliest words; 0: all")
    poem.add_argument("--top-p", type=float, help="draw from the likeliest words that hold this share; 1: all")
    poem.add_argument("--seed", type=int, help="the same seed writes the same lines; a new one if left out")
    poem.add_argument("--models", type=Path, default=Path("data/models/poetry"), help="where the poets are")
    poem.add_argument("--json", action="store_true", help="as JSON")
    poem.set_defaults(command=write_poem)
    arguments = parser.parse_args(argv)
    with one_line_errors("wikilm"):
        arguments.command(arguments)


def check_params(path: Path) -> None:
    """Say that a parameter file is in order; raises `UserError` where it is not."""
    params = load_params(path)
    print(f"{path}: in order; language models: {', '.join(params.language_models)}")


def list_dumps(arguments: argparse.Namespace) -> None:
    """Print the date of each complete dump of a wiki, how many files it has and, where known, their bytes."""
    params = load_params()
    layout = LAYOUTS[arguments.layout or params.wiki.layout]
    dumps = layout(Web(params.runtime.contact), arguments.mirror or params.wiki.mirror, arguments.project)
    found = []
    for day, files in dumps.available().items():
        sizes = [file.bytes for file in files if file.bytes is not None]
        total = sum(sizes) if len(sizes) == len(files) else None
        found.append({"date": str(day), "files": len(files), "bytes": total})
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    if not found:
        raise UserError(f"{dumps.home}: no complete dump there")
    for entry in found:
        amount = "" if entry["bytes"] is None else f"{entry['bytes']:>18,} bytes"
        print(f"{entry['date']}{entry['files']:>6} file(s){amount}")


def write_poem(arguments: argparse.Namespace) -> None:
    """Print new lines by a poet's model, and on stderr whose they are and by which seed they come again."""
    sampling = choose_sampling(arguments)
    if arguments.lines < 1:
        raise UserError(f"--lines is {arguments.lines}: give 1 or more")
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    if not 0 <= seed < 2**32:
        raise UserError(f"--seed is {seed}: give a number from 0 to {2**32 - 1}")
    # torch takes seconds to load, and the other commands do without it.
    from models import sample
    from pipeline.corpus.poet import STANZA, find_poet, read_poet, write_lines

    name = find_poet(arguments.models, arguments.poet)
    poet = read_poet(arguments.models / name)
    lines = [" ".join(words) for words in write_lines(poet, arguments.lines, sample.Sampling(**sampling), seed)]
    if arguments.json:
        print(json.dumps({"poet": name, "seed": seed, **sampling, "lines": lines}, indent=2, ensure_ascii=False))
        return
    stanzas = [lines[start : start + STANZA] for start in range(0, len(lines), STANZA)]
    print("\n\n".join("\n".join(stanza) for stanza in stanzas))
    print(f"{name}, seed {seed}", file=sys.stderr)


def choose_sampling(arguments: argparse.Namespace) -> dict[str, Any]:
    """How words are drawn: as params.yaml says, but for what the command line says."""
    given = {key: value for key in Sampling.model_fields if (value := getattr(arguments, key)) is not None}
    try:
        return Sampling.model_validate(load_params().poetry_generation.sampling.model_dump() | given).model_dump()
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        option = str(first["loc"][0]).replace("_", "-")
        raise UserError(f"--{option} is {first['input']}: {first['msg'].lower()}") from None


if __name__ == "__main__":
    main()
