"""Vocabulary and index together: from counted words to rows of ids."""

import itertools
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline import index, tokens
from pipeline.run.outputs import read_json, write_json
from pipeline.store.sequences import Sequences
from pipeline.store.vocabularies import Words, read_vocabulary
from pipeline.words.shards import write_articles
from pipeline.words.splits import MOST_HELD_OUT, split_of
from tests.conftest import ErrorOf, SetParams, number_words

HELD_OUT = "the end comes."
TEXTS = [HELD_OUT, "the king rules the land. a queen rules too.", HELD_OUT, "the king and the queen rule."]


def tokenize(texts: list[str]) -> None:
    shutil.rmtree("articles", ignore_errors=True)
    Path("articles").mkdir()
    write_articles(((n, f"Page {n}", text) for n, text in enumerate(texts)), Path("articles"))
    write_json(Path("articles.json"), {"wiki": "enwiki", "language": "en"})
    tokens.main(["articles", "tokens"])


def run(set_params: SetParams, size: int, valid: float = 0.2, test: float = 0.4) -> None:
    fractions = {"index.valid_fraction": valid, "index.test_fraction": test}
    set_params({"models": {"gru": {}}, "vocabulary.size": size, "index.end_fraction": 0.3, **fractions})
    number_words()


def test_rare_words_and_words_of_held_out_text_alone_become_unknown(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipeline.words.shards.SHARD_CHARACTERS", 50)  # so that there are several shards
    tokenize(TEXTS)
    run(set_params, 6)
    assert f"index: {index.advice(21)}" in capsys.readouterr()[1]
    assert "`wikilm preset small`" in index.advice(1_999_999)
    assert "`wikilm preset subwords`" in index.advice(2_000_000)
    vocabulary = Words.of([("the", 4), ("king", 2), ("queen", 2), ("rules", 2)], rows=3, unknown=5)
    sequences = Sequences(Path("sequences.db"))
    assert read_vocabulary(Path("vocabulary.tsv")) == vocabulary == sequences.vocabulary
    assert sequences.end_fraction == 0.3
    decoded = [" ".join(vocabulary.by_id[token] for token in row) for row in sequences.rows([1, 2, 3, 4, 5])]
    assert decoded == [
        "the UNKNOWN UNKNOWN",
        "the king rules the UNKNOWN",
        "UNKNOWN queen rules UNKNOWN",
        "the UNKNOWN UNKNOWN",
        "the king UNKNOWN the queen UNKNOWN",
    ]
    counts, words = read_json(Path("index.json")), read_json(Path("vocabulary.json"))
    assert (counts["rows"], counts["tokens"], counts["unknown_share"]) == (5, 21, pytest.approx(9 / 21))
    assert (words["coverage"], words["distinct_words"]) == (pytest.approx(10 / 15), 9)
    found = {"in": 9, "kept": 4, "dropped": {"rare": 5}, "vocabulary": vocabulary.fingerprint}
    assert read_json(Path("remap/stats.json")) == found
    assert Path("word_counts.tsv").read_text(encoding="utf-8") == "count\twords\n4\t1\n2\t3\n1\t5\n"


def test_an_empty_split_is_refused_and_few_test_articles_are_warned_of(
    set_params: SetParams, error_of: ErrorOf, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenize(TEXTS)
    error = error_of(run, set_params, 6, 0.1, 0.1)
    assert "index: error: params.yaml: index (valid_fraction=0.1 test_fraction=0.1 end_fraction=0.3) leaves" in error
    assert "articles train 3, valid 0, test 1; give more articles or other fractions" in error
    assert not Path("sequences.db").exists()
    run(set_params, 6)
    assert "index: warning: few articles (train 2, valid 1, test 1); below 5 in test" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "size"), [("words", 9), ("subwords", 280)])
def test_held_out_text_decides_nothing_of_a_vocabulary(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, kind: str, size: int
) -> None:
    monkeypatch.setattr("pipeline.words.shards.SHARD_CHARACTERS", 20)  # half of the shards are held out
    set_params({"vocabulary.kind": kind, "models": {"gru": {}}})
    found = []
    for held_out in (HELD_OUT, "So many kings, so many kings. So the bells ring.\nÇa va?", "Lands and queens."):
        splits = (split_of(n, 0.2, 0.4) for n in range(30))
        tokenize([f"{TEXTS[1 + n % 3]} In {n} days." if own == "train" else held_out for n, own in enumerate(splits)])
        run(set_params, size)
        files = "vocabulary.tsv", "tokenizer.json", "word_counts.tsv", "vocabulary.json", "remap/stats.json"
        found.append([Path(file).read_bytes() for file in files])
    assert found[0] == found[1] == found[2]


def test_a_text_without_words_to_train_on_is_refused(set_params: SetParams, error_of: ErrorOf) -> None:
    tokenize(TEXTS[:1])
    assert "tokens: its training split has no words; give more articles, or" in error_of(run, set_params, 6)
    assert not Path("remap").exists()


def test_a_vocabulary_larger_than_the_text_knows_all_words_of_training_and_two_runs_agree(
    set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenize(TEXTS)
    run(set_params, 2000)
    assert "much is UNKNOWN" not in capsys.readouterr()[1]
    first = Path("sequences.db").read_bytes()
    run(set_params, 2000)
    assert Path("sequences.db").read_bytes() == first
    assert len(read_vocabulary(Path("vocabulary.tsv")).words) == 9
    assert read_json(Path("index.json"))["unknown_share"] == 4 / 21


def test_articles_leave_the_held_out_splits_only_for_train_as_a_text_grows(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenize([HELD_OUT] * 400)  # of 3 words each
    found = []
    for most in (MOST_HELD_OUT, 180, 60, 12):  # the words that a split may have: all, and shares of 15, 5 and 1 percent
        monkeypatch.setattr("pipeline.words.splits.MOST_HELD_OUT", most)
        run(set_params, 6, valid=0.3, test=0.1)
        with closing(sqlite3.connect("sequences.db")) as database:
            rows = database.execute("SELECT split, article_id FROM sequences").fetchall()
        found.append({split: {id for own, id in rows if own == split} for split in ("valid", "test")})
    assert [len(splits["valid"]) for splits in found] == [101, 55, 17, 1]  # by the hashes of the ids
    assert [len(splits["test"]) for splits in found] == [49, 49, 28, 4]
    for small, large in itertools.pairwise(found):  # texts
        assert all(small[split] >= large[split] for split in small)
