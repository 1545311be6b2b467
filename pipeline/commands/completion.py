"""The command that prints shell completions, by shtab."""

import argparse

import shtab

from pipeline.commands.answer import Answer
from pipeline.commands.parser import build_parser

# Names and words come from the files of a run in data/, without starting Python.
MODELS = "ls data/embeddings 2>/dev/null"
WRITERS = "find data/models -name target_counts.npy 2>/dev/null | cut -d / -f 3"  # the language models
POETS = "ls data/models/poetry 2>/dev/null"
# The most frequent words that begin with the shell's variable TYPED, not counting START, END and UNKNOWN.
WORDS = """awk -F '\\t' -v word=TYPED 'NR > 3 && index($2, word) == 1 && $2 != "UNKNOWN" { print $2 }' \\
    data/vocabulary.tsv 2>/dev/null | head -n 200"""
PREAMBLE = {
    "bash": "_wikilm_words() { " + WORDS.replace("TYPED", '"$1"') + "; }",
    "zsh": '_wikilm_words() { compadd -- ${(f)"$(' + WORDS.replace("TYPED", '"$PREFIX"') + ')"}; }',
    "fish": "function _wikilm_words; " + WORDS.replace("TYPED", "(commandline -ct)") + "; end",
}
COMPLETE = {
    "words": {"bash": "_wikilm_words", "zsh": "_wikilm_words", "fish": "(_wikilm_words)"},
    "prompt": {"bash": "_wikilm_words", "zsh": "_wikilm_words", "fish": "(_wikilm_words)"},
    "model": shtab.cmd(MODELS),
    "generate --model": shtab.cmd(WRITERS),
    "score --model": shtab.cmd(WRITERS),
    "poet": shtab.cmd(POETS),
    "data": shtab.DIRECTORY,
    "file": shtab.FILE,
    "params": shtab.FILE,
}


def completion(arguments: argparse.Namespace) -> Answer:
    """The completions of a shell as a script for it."""
    parser = build_parser()
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        for action in command._actions:
            own = f"{name} --{action.dest}"
            if (key := own if own in COMPLETE else action.dest) in COMPLETE:
                action.complete = COMPLETE[key]
    script = shtab.complete(parser, arguments.shell, preamble=PREAMBLE[arguments.shell])
    return Answer({"shell": arguments.shell, "script": script}, script.rstrip("\n").split("\n"))
