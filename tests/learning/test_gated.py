"""A network with n-grams through a gate, from text to the page, and every way to ask it."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.ngrams.table import NGramTable
from pipeline.run.arrays import read_tensors, write_tensors
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.store.building import build
from pipeline.store.sequences import SPLITS
from pipeline.trained.files import NGRAMS
from pipeline.trained.learnt import read_language_model
from tests.articles import VOCABULARY, an_article, run_train
from tests.conftest import ErrorOf, SetParams
from tests.hostile.archives import repacked
from tests.test_subwords import CHANGES
from tests.to_page import to_page, train_model
from wikilm import Run
from wikilm.__main__ import main
from wikilm.packed_model import PackedRun

ANIMALS = "cats", "dogs", "cows", "hens", "mice"
TEXTS = [f"The {a} of the king see {b} in the land.\nThe queen of {n} {b} sees the {a}." for n, (a, b) in enumerate(
    (a, b) for a in ANIMALS for b in ANIMALS)]  # fmt: skip


def gated(batches: Any, **settings: Any) -> dict[str, Any]:
    return CHANGES | {"models": {"gru": CHANGES["models"]["gru"] | {"ngram_order": 3, "batches": batches} | settings}}


@pytest.mark.parametrize(
    ("vocabulary", "settings"),
    [
        ({"kind": "words", "size": 25}, {"batches": "random_rows", "dynamic_evaluation": False}),
        ({"kind": "subwords", "size": 300}, {"batches": {"kind": "stream", "rows": 2}, "dynamic_evaluation": True}),
    ],
    ids=["words in rows", "pieces in a stream"],
)
def test_it_is_trained_measured_and_asked(
    vocabulary: Any, settings: Any, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params(gated(**settings) | {"vocabulary": vocabulary})
    to_page(TEXTS, "gru")
    figures, folder = read_json(Path("data/metrics/train/gru.json")), Path("data/models/gru")
    arrays = read_tensors(folder / NGRAMS)
    assert figures["ngrams"] == sum(len(each) for name, each in arrays.items() if name.endswith("words"))
    assert ("test_dynamic_perplexity" in figures) == settings["dynamic_evaluation"]

    model = Run().language_model("gru")
    assert model.distribution("The cats of").sum() == pytest.approx(1)
    text = "The cats of the king see dogs in the land."
    found = model.surprisals(text)
    main(["score", text, "--json"])
    scored = json.loads(capsys.readouterr()[0])
    pieces = model.surprisals(text, pieces=True)
    assert scored["tokens"] + 1 == len(pieces.rows)
    first, second = pieces.rows[:2]
    chance = model.distribution(first.word.strip())[model.read(text)[1][1]]
    assert -math.log2(chance) == pytest.approx(second.surprisal, abs=0.02)  # products in bfloat16
    for piece in pieces.rows:
        own, network, ngrams = (2 ** -float(bits or 0) for bits in (piece.surprisal, piece.network, piece.ngrams))
        gate = piece.gate or 0.0
        assert own == pytest.approx(gate * ngrams + (1 - gate) * network, rel=1e-5)
    for part in ("surprisal", "network", "ngrams"):
        sums = [math.fsum(getattr(row, part) for row in rows) for rows in (found.rows, pieces.rows)]
        assert sums[0] == pytest.approx(sums[1], abs=1e-6)
    main(["score", text, "--words"])
    assert capsys.readouterr()[0].splitlines()[0].split(",")[-4:] == ["unknown", "network", "ngrams", "gate"]
    table = model.add_surprisals([{"word": word} for word in ("The", "", "cats")]).rows  # of the second nothing is read
    assert [[*row][-4:] for row in table] == [["network", "ngrams", "gate", "recut"]] * 3
    assert [row["gate"] is None for row in table] == [False, True, False]
    assert model.generate("The cats", seed=1) == model.generate("The cats", seed=1)

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    train_model("gru")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    other = arrays | {"vocabulary": arrays["vocabulary"][::-1].copy()}
    write_tensors(folder / NGRAMS, other)
    with pytest.raises(UserError, match=rf"{NGRAMS}: .*of another vocabulary"):
        read_language_model(folder)
    damaged = arrays | {"2.sizes": arrays["2.sizes"] + np.uint16(1)}
    write_tensors(folder / NGRAMS, damaged)
    with pytest.raises(UserError, match=rf"{NGRAMS}: .*n-grams of length 2 do not fit"):
        read_language_model(folder)


def test_a_single_article_has_no_others_to_be_counted_in(
    set_params: SetParams, error_of: ErrorOf, in_tmp: Path
) -> None:
    set_params(gated("random_rows", dynamic_evaluation=False))
    articles = [an_article(n, [[2, 3]], split) for n, split in enumerate(SPLITS)]
    build(in_tmp / "s.db", articles, VOCABULARY, 1.0)
    told = error_of(lambda: run_train("gru", "s.db", "model"))
    assert "models.gru.ngram_order is 3: n-grams of training text are those of other articles" in told
    assert not Path("model").exists()


def test_with_few_ngrams_it_is_packed_and_answers_as_before(
    set_params: SetParams, error_of: ErrorOf, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    few = gated({"kind": "stream", "rows": 2}, dynamic_evaluation=False, most_ngrams=5)
    set_params(few)
    to_page(TEXTS, "gru")
    as_text = "--source", "fables", "--licence", "CC0"
    main(["pack", "gru", str(packed := tmp_path / "few.zip"), *as_text, "--json"])
    figures = json.loads(capsys.readouterr()[0])
    assert figures["after"] == pytest.approx(figures["before"], rel=0.02)
    there, here = PackedRun(packed).network("few"), read_language_model(Path("data/models/gru"))
    assert isinstance(here.ngrams, NGramTable)
    assert isinstance(there.ngrams, NGramTable)
    for own, other in zip(there.ngrams.levels, here.ngrams.levels, strict=True):
        for mine, theirs in zip(own, other, strict=True):
            np.testing.assert_array_equal(mine, theirs)

    repacked(packed.name, {f"data/models/few/{NGRAMS}": None})(tmp_path)
    with pytest.raises(UserError, match=f"{NGRAMS}: .*missing"):
        PackedRun(packed)
    set_params({"models": {"gru": few["models"]["gru"] | {"most_ngrams": 5_000}}})
    assert "models.gru.most_ngrams is 5,000; of " in error_of(train_model, "gru")
