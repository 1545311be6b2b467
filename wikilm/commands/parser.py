"""The command line of `wikilm`."""

import argparse
from importlib import import_module
from typing import NoReturn

from pipeline.run.console import tell
from pipeline.run.errors import printable
from pipeline.settings.params import PARAMS
from wikilm import __version__
from wikilm.run_folder import CODE, find_project

# In the order of the help. A module's docstring is the help of its command, whose function has the module's name.
COMMANDS = (
    "analogy", "neighbours", "similarity", "evaluate", "next", "generate", "score", "grammar", "poem",
    "models", "pack", "export", "new", "check", "repro", "params", "preset", "dumps",
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """A parser whose error is one line."""

    def error(self, message: str) -> NoReturn:
        told = printable(message.replace("the following arguments are required", "missing"))
        self.exit(2, f"{self.prog}: error: {told} (`{self.prog} --help`)\n")


class Version(argparse.Action):
    """Prints the version, the folder of the code that runs, and the folder whose settings and run it reads."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        root = find_project()
        project = root.absolute() if root else f"none: no {PARAMS} is here or in a folder above"
        for line in (f"wikilm {__version__}", f"code     {CODE}", f"project  {project}"):
            tell(line)
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser. The arguments that it returns have the command's function as `answer`, None without one.

    They also have the `parser` itself.
    """
    parser = Parser(
        prog="wikilm",
        description="From a Wikipedia dump to language models, embeddings and analogies. `dvc repro` makes them; "
        "these commands read them.",
        epilog="`wikilm COMMAND --help` describes the options of a command.",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print the version, whose code this is, and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parser.set_defaults(answer=None, parser=parser)
    for name in COMMANDS:
        module = import_module(f"wikilm.commands.{name}")
        help = module.__doc__ or ""
        command = commands.add_parser(name, help=help.partition("\n")[0].removesuffix("."), description=help)
        command.set_defaults(answer=getattr(module, name))
        command.add_argument("--json", action="store_true", help="print JSON")
        module.add_arguments(command)
    return parser
