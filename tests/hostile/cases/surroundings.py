"""A machine that lacks something, and settings that lack what DVC asks for."""

from tests.conftest import change_params
from tests.hostile.case import Case, undamaged, writes

SCORE = "wikilm score - --model gru"


CASES = [
    Case("stdin is closed", undamaged, f"bash -c '{SCORE} <&-'", ("stdin: is closed; give a text file",)),
    Case("stdin is closed, and not asked", undamaged, "closed-stdin wikilm next the king --model gru"),
    Case(
        "the temporary folder is full",
        writes("given.txt", "The king rules.\n" * 3000),
        f"full-disk given.txt {SCORE}",
        ("is full; make room, or set TMPDIR to another folder",),
    ),
    Case(
        "a key is left to its default, and DVC asks for it",
        lambda folder: change_params(folder / "params.yaml", {"extract": {}}),
        "wikilm check",
        ("params.yaml: extract.templates: missing, and DVC asks for it; add it (`wikilm params` prints its default)",),
    ),
]
