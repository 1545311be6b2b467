"""The command `export`: what it writes, what it says, and what it refuses."""

from pathlib import Path

import pytest

from pipeline.run.errors import UserError
from pipeline.run.outputs import write_json
from tests.commands.conftest import Ask, Refused
from wikilm.commands.export import network_of
from wikilm.run import Run

TEXT = ("--source", "Twelve articles", "--licence", "CC BY-SA 4.0")


def test_a_mistake_is_an_error_of_one_line_and_nothing_is_written(run: Path, refused: Refused) -> None:
    for given, told in (
        (("gru", "new"), "--source: missing; give that of the text on which gru was trained"),
        (("gru", "new", *TEXT), "gru: reads words, which an export's tokenizer cuts otherwise, as in 'The king rules"),
        (("svd", "new", *TEXT), "svd: is of kind svd, trained for its vectors alone; gru, lstm can read and write"),
        (("enwiki-16m", "new"), "enwiki-16m: no such language model; there are gru, lstm, enwiki-40m, and files of `"),
        (("vectors.zip", "new"), "vectors.zip: no such file; give the name of one that comes with wikilm, or a file"),
        (("trigram_kneser_ney", "new", *TEXT), "trigram_kneser_ney: n-grams alone have no network to export; name an"),
        (("mixture", "new", *TEXT), "data/reports/perplexities.json: not found; run `dvc repro compare`"),
    ):
        assert refused("export", *given).startswith(told)
    assert not Path("new").exists()


def test_what_comes_with_wikilm_is_exported_and_never_written_over(run: Path, ask: Ask, refused: Refused) -> None:
    printed, note = ask("export", "enwiki-40m", "new")
    assert printed.splitlines()[1] == "bits per byte  1.491 on the test split"
    assert note == "enwiki-40m, which comes with wikilm\n"
    card = Path("new/README.md").read_text(encoding="utf-8")
    assert card.startswith('---\nlanguage: "en"\nlicense: "cc-by-sa-4.0"\n')
    assert "| bits per byte on its test split | 1.491 |" in card
    assert "softmax, and 808,001 n-grams that a gate weighs against it. It was" in card
    before = {path: path.read_bytes() for path in Path("new").iterdir()}
    assert refused("export", "enwiki-40m", "new") == (
        "new: is there already, and nothing is written over it; name a new folder"
    )
    assert {path: path.read_bytes() for path in Path("new").iterdir()} == before


def test_of_a_mixture_the_network_with_the_largest_weight_is_exported(run: Path) -> None:
    weights = {"mixture": {"lstm": 0.1, "gru": 0.3, "trigram_kneser_ney": 0.6}, "counted": {"trigram_kneser_ney": 1.0}}
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": {}, "weights": weights})
    more = "a network of the mixture mixture, without the others (lstm, trigram_kneser_ney)"
    assert network_of(Run(), "mixture") == ("gru", more)
    assert network_of(Run(), "gru") == ("gru", "")
    weights.pop("mixture")
    write_json(Path("data/reports/perplexities.json"), {"best": "gru", "rows": {}, "weights": weights})
    with pytest.raises(UserError, match=r"^mixture: this mixture has no language model; name an entry of models$"):
        network_of(Run(), "mixture")
