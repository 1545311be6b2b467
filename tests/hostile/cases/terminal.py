"""Names, words and titles that write to a terminal what they like."""

import json
from pathlib import Path

from tests.conftest import change_params
from tests.hostile.case import Case, Make, writes

ESCAPE = "\x1b]0;owned\x07\x1b[2J"
WRITTEN = "\\u001b]0;owned\\u0007\\u001b[2J"


def own_text(name: str) -> Make:
    """Return what makes a folder of this name the source, with a file in it that is no dump and named likewise."""

    def make(folder: Path) -> None:
        path = folder / name
        path.mkdir()
        (path / f"a{ESCAPE}.bz2").write_bytes(b"no dump")
        change_params(folder / "params.yaml", {"wiki.source": f"{name}/*"})

    return make


def known_word(folder: Path) -> None:
    """Make a word of a run an escape."""
    path = folder / "data/embeddings/svd/vocabulary.txt"
    path.write_text(path.read_text().replace("queen", ESCAPE))


RECORD = {"poet": ESCAPE, "poem": 0, "group": 0, "title": None, "stanzas": [["a line"]]}
CASES = [
    Case("a word of vectors is an escape", known_word, "wikilm neighbours king --model svd --top 20"),
    Case("a word of vectors is an escape, as JSON", known_word, "wikilm neighbours king --model svd --json"),
    Case("a file's name is an escape", own_text(f"texts{ESCAPE}"), "pipeline.download data/raw", (WRITTEN,)),
    Case("a key is an escape", writes("p.yaml", f'"{json.dumps(ESCAPE)[1:-1]}": 1'), "wikilm check p.yaml", (WRITTEN,)),
    Case(
        "a poet's name is an escape",
        writes("data/poems/poems.jsonl", json.dumps(RECORD) + "\n"),
        "pipeline.poetry_classification data/poems data/reports/x.json data/plots/x",
        ("data/poems/poems.jsonl: the poet ",),
    ),
    Case("an option is an escape", writes("x", ""), f"wikilm next king --model '{ESCAPE}'", (WRITTEN,)),
]
