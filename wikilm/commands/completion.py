"""Print a script with which a shell completes these commands.

Example: eval "$(wikilm completion bash)"; for fish: wikilm completion fish | source
"""

import argparse
import shlex

from wikilm.commands.answer import Answer
from wikilm.packed import SHIPPED
from wikilm.presets import PRESETS

# Names and words come from the files of a run in data/, without starting Python.
MODELS = "ls data/embeddings 2>/dev/null"
LANGUAGE_MODELS = "find data/models -maxdepth 2 -name target_counts.npy 2>/dev/null | cut -d / -f 3 | grep -v '^[.]'"
POETS = "ls data/models/poetry 2>/dev/null"
STEMS = "ls {folder} 2>/dev/null | sed -n 's/[.]{ending}$//p'"
# The most frequent words that begin with the shell's variable TYPED. START, END and UNKNOWN are no words.
WORDS = """awk -F '\\t' -v word=TYPED 'NR > 3 && index($2, word) == 1 && $2 != "UNKNOWN" { print $2 }' \\
    data/vocabulary.tsv 2>/dev/null | head -n 200"""
PREAMBLE = {
    "bash": "_wikilm_words() { " + WORDS.replace("TYPED", '"$1"') + "; }",
    "zsh": '_wikilm_words() { compadd -- ${(f)"$(' + WORDS.replace("TYPED", '"$PREFIX"') + ')"}; }',
    "fish": "function _wikilm_words; " + WORDS.replace("TYPED", "(commandline -ct)") + "; end",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=list(PREAMBLE))


def completion(arguments: argparse.Namespace) -> Answer:
    """Return the completions of a shell as a script."""
    import shtab

    words = {"bash": "_wikilm_words", "zsh": "_wikilm_words", "fish": "(_wikilm_words)"}
    models, language_models = shtab.cmd(MODELS), shtab.cmd(LANGUAGE_MODELS)
    complete = {  # by argument, or by command and argument
        "word": words,
        "words": words,
        "prompt": words,
        "sentence": words,
        "model": models,
        "gates model": language_models,
        "generate model": language_models,
        "next model": language_models,
        "score model": language_models,
        "vectors": shtab.cmd(STEMS.format(folder=shlex.quote(str(SHIPPED)), ending="npz")),
        "poet": shtab.cmd(POETS),
        "preset name": shtab.cmd(STEMS.format(folder=shlex.quote(str(PRESETS)), ending="yaml")),
        "data": shtab.DIRECTORY,
        "file": shtab.FILE,
        "params": shtab.FILE,
    }
    parser: argparse.ArgumentParser = arguments.parser
    for name, command in arguments.commands.items():
        for action in command._actions:
            if found := complete.get(f"{name} {action.dest}", complete.get(action.dest)):
                action.complete = found
    script = shtab.complete(parser, arguments.shell, preamble=PREAMBLE[arguments.shell])
    return Answer({"shell": arguments.shell, "script": script}, script.rstrip("\n").split("\n"))
