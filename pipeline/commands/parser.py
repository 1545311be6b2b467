"""The command line of `wikilm`: its commands, their options, and which function of which module here answers."""

import argparse
from pathlib import Path

SHELLS = ("bash", "zsh", "fish")


def build_parser() -> argparse.ArgumentParser:
    """The parser; what it gives has `answer`, the module and the function, `words.analogy`."""
    parser = argparse.ArgumentParser(
        prog="wikilm",
        description="From a Wikipedia dump to language models, embeddings and analogies. `dvc repro` makes them; "
        "these commands read what it made.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="as JSON")
    run = argparse.ArgumentParser(add_help=False, parents=[as_json])
    run.add_argument(
        "--data", type=Path, default=Path("data"), help="the folder of the run, beside its params.yaml (default: data)"
    )

    def add(name: str, answer: str, help: str, parent: argparse.ArgumentParser = run) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[parent])
        command.set_defaults(answer=answer)
        return command

    analogy = add("analogy", "words.analogy", "king man woman: which words are nearest to king - man + woman?")
    analogy.add_argument("words", nargs=3, metavar="WORD", help="A B C of A - B + C: B is to A as C is to the answer")
    neighbours = add("neighbours", "words.neighbours", "which words are nearest to a word?")
    neighbours.add_argument("words", nargs=1, metavar="WORD")
    for command in (analogy, neighbours):
        command.add_argument("--model", metavar="NAME", help="default: the one with most of Google's analogies right")
        command.add_argument(
            "--distance",
            choices=("cosine", "euclidean"),
            default="cosine",
            help="cosine of the exported vectors, or Euclidean distance of those as trained (default: cosine)",
        )
        command.add_argument("--top", type=int, default=10, metavar="N", help="how many words (default: 10)")

    generate = add("generate", "text.generate", "let a recurrent language model go on with a sentence")
    generate.add_argument("prompt", nargs="*", metavar="WORD", help="how it begins; nothing: the model begins it")
    generate.add_argument("--model", metavar="NAME", help="default: the one of least test perplexity")
    generate.add_argument(
        "--words", type=int, default=30, dest="most", metavar="N", help="stop after so many (default: 30)"
    )
    _add_sampling(generate, "1, 0 and 1")

    score = add("score", "text.score", "the perplexity of a text, by a recurrent language model")
    score.add_argument(
        "file", metavar="FILE", help="UTF-8 text, a paragraph a line, split as params.yaml says; - for stdin"
    )
    score.add_argument("--model", metavar="NAME", help="default: the one of least test perplexity")

    add("stats", "shelf.stats", "what is in sequences.db?")
    add("models", "shelf.models", "the entries of language_models: sizes, figures, which have run")

    poem = add("poem", "verse.poem", "let a poet's language model write")
    poem.add_argument("--poet", default="", help="a name or part of one; may be left out where there is one poet")
    poem.add_argument("--lines", type=int, default=4, metavar="N", help="how many, in stanzas of four (default: 4)")
    _add_sampling(poem, "as poetry_generation.sampling says")

    dumps = add("dumps", "settings.dumps", "list the dumps of a wiki that can be downloaded", as_json)
    dumps.add_argument("project", help="the wiki: enwiki, simplewiki, ltgwiki ...")
    dumps.add_argument("--mirror", help="the server's address instead of params.yaml's")
    dumps.add_argument("--layout", choices=("content", "legacy"), help="instead of params.yaml's")
    check = add("check", "settings.check", "check every setting of a parameter file", as_json)
    check.add_argument("params", nargs="?", type=Path, default=Path("params.yaml"))
    completion = add("completion", "completion.completion", "print what makes a shell complete these commands", as_json)
    completion.add_argument("shell", choices=SHELLS)
    return parser


def _add_sampling(command: argparse.ArgumentParser, default: str) -> None:
    """How words are drawn. Without a value: the `default` is the command's to know."""
    command.add_argument("--temperature", type=float, metavar="T", help="below 1, likely words get likelier")
    command.add_argument("--top-k", type=int, metavar="K", help="draw from the K likeliest words; 0: all")
    command.add_argument(
        "--top-p",
        type=float,
        metavar="P",
        help=f"draw from the likeliest words that hold the share P; 1: all (default of the three: {default})",
    )
    command.add_argument("--seed", type=int, metavar="N", help="the same one draws the same words; else a new one")
