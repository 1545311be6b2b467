"""A vocabulary of pieces of words, from prose to answers."""

import contextlib
import csv
import io
import json
import math
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

import wikilm
from pipeline import download, extract, index, report, templates, tokens
from pipeline.records.example import Example
from pipeline.records.models import Guesses
from pipeline.run.outputs import read_json
from pipeline.scores.next_words import next_words
from pipeline.store.sequences import Sequences
from pipeline.store.vocabularies.subwords import Subwords
from pipeline.store.vocabulary import SPECIAL, cut_texts
from pipeline.words.layout import read_shard, shards
from pipeline.words.sentences import split_text
from pipeline.words.shards import write_articles
from tests.conftest import ROOT, ErrorOf, SetParams, change_params, number_words
from tests.to_page import score_baselines, to_comparison
from wikilm.__main__ import main

TEXTS = [f"The King rules the land {n} times.  Ça va? <|START|> it says!\nNaïve café, 東京." for n in range(12)]
GRU: dict[str, Any] = {"embedding_size": 6, "hidden_sizes": [6], "epochs": 2}
GRU |= {"batches": {"kind": "stream", "rows": 2}, "dynamic_evaluation": True}
CHANGES: dict[str, Any] = {
    "vocabulary": {"kind": "subwords", "size": 300},
    "index": {"valid_fraction": 0.3, "test_fraction": 0.3},
    "models": {"gru": GRU},
    "runtime.contact": "me@example.org",
    "runtime.workers": 1,
}


@pytest.fixture(scope="module")
def made_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of pieces, up to its comparison."""
    with contextlib.chdir(root := tmp_path_factory.mktemp("pieces")):
        Path("params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
        change_params(Path("params.yaml"), CHANGES)
        spaced = (text.replace("\n", "\n" * (1 + n)) + "\n" for n, text in enumerate(TEXTS))  # as JSON may have it
        to_comparison(spaced, "gru")
    return root


@pytest.fixture
def run(made_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a test's own copy of that run, which is the working folder."""
    monkeypatch.chdir(run := shutil.copytree(made_run, tmp_path / "run"))
    return run


def of_rows(sequences: Sequences, number: int) -> list[str]:
    return [sequences.vocabulary.text(row.tolist()) for row in sequences.rows(range(1, number + 1))]


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=9))
def test_any_text_is_cut_into_pieces_that_give_it_back(text: str, learnt_from: list[str]) -> None:
    learnt = Subwords.learn(learnt_from, 280)
    vocabulary, _ = Subwords.by_frequency(learnt, np.ones(learnt.get_vocab_size()), rows=0)
    ids, lengths = cut_texts(vocabulary._cuts, [text, text])
    assert vocabulary.text(ids[: lengths[0]].tolist()) == vocabulary.text(ids[lengths[0] :].tolist()) == text
    assert len(ids) == 0 or 2 <= ids.min() <= ids.max() < vocabulary.unknown


def test_long_runs_make_no_long_pieces() -> None:
    learnt = Subwords.learn(["a" * 5000 + " " * 5000 + "b"], 300)
    assert 100 < max(map(len, learnt.get_vocab())) <= 1001  # with a blank


def test_rows_give_back_each_sentence_and_every_file_has_the_same_ids(run: Path) -> None:
    sequences, tokenizer = Sequences(Path("data/sequences.db")), Tokenizer.from_file("data/tokenizer.json")
    sentences = [row for text in TEXTS for row in split_text(text, "sentence", "en")]
    assert of_rows(sequences, len(sentences)) == sentences
    assert [row.tolist() for row in sequences.rows(range(1, 5))] == [tokenizer.encode(s).ids for s in sentences[:4]]
    (shown,) = sequences.connection.execute("SELECT text FROM sentences").fetchone()
    assert shown == sentences[0]  # which is ASCII
    vocabulary = sequences.vocabulary
    counts = [count for _, count in vocabulary.entries][2:-1]
    assert [vocabulary.by_id[id] for id in (0, 1, -1)] == [*SPECIAL]
    assert counts == sorted(counts, reverse=True)
    assert counts == sequences.word_counts("train")[2:-1].tolist()


def test_bits_per_byte_are_those_of_the_text(run: Path) -> None:
    figures, test = read_json(Path("data/metrics/train/gru.json")), Sequences(Path("data/sequences.db"))
    articles = dict.fromkeys(test.article_ids("test").tolist())
    size = sum(len(TEXTS[id].encode()) for id in articles)
    for folder, name in (("models/gru", "train/gru"), ("baselines/bigram_kneser_ney", "compare/bigram_kneser_ney")):
        bits = -np.load(f"data/{folder}/test_scores.npy")["log_probability"].sum() / math.log(2)
        found = read_json(Path(f"data/metrics/{name}.json"))
        assert found["test_bits_per_byte"] == pytest.approx(bits / size, rel=1e-6)
    adapted = -np.load("data/models/gru/test_dynamic_scores.npy")["log_probability"].sum() / math.log(2)
    assert figures["test_dynamic_bits_per_byte"] == pytest.approx(adapted / size, rel=1e-6)
    words = read_json(Path("data/tokens/stats.json"))["tokens"] * len(articles) / 12
    assert figures["test_word_perplexity"] == pytest.approx(
        2 ** (figures["test_bits_per_byte"] * size / words), rel=1e-6
    )


def test_the_commands_answer_in_pieces(run: Path, capsys: pytest.CaptureFixture[str], error_of: ErrorOf) -> None:
    def ask(*words: str) -> Any:
        main([*words, "--json"])
        return json.loads(capsys.readouterr()[0])

    assert "".join(ask("next", "The King")["prompt"]) == "The King"
    assert ask("generate", "The", "King 東", "--seed", "1")["text"].startswith("The King 東")
    Path("mine.txt").write_text("A\u2028new Word!\nΨ", encoding="utf-8")
    found, told = ask("score", "mine.txt"), ask("score", "mine.txt", "--pieces")
    assert (found["unknown"], found["sequences"]) == (0, 2)
    main(["score", "mine.txt", "--pieces"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr()[0])))
    assert [row["word"] for row in rows] == [row["word"] for row in told["pieces"]]
    assert "".join(row["word"] for row in rows[-3:]) == r"\xce\xa8END"  # the bytes of a letter
    Path("blank.txt").write_text("\n\nA\u2028new Word!\n \n\nΨ\n\n", encoding="utf-8")
    assert ask("score", "blank.txt")["bits_per_byte"] == found["bits_per_byte"]
    assert "is empty" in error_of(main, ["score", " \n "])
    size = len("A\u2028new Word!\nΨ".encode())
    assert told["total_bits"] == pytest.approx(found["bits_per_byte"] * size, rel=0.02)  # products in bfloat16
    assert ask("score", "mine.txt", "--dynamic")["dynamic_bits_per_byte"] > 0
    with pytest.raises(wikilm.Error, match="is not UTF-8 text"):
        wikilm.open("data").language_model().next_words("\ud800")
    assert "pieces of words have no word vectors" in error_of(main, ["neighbours", "king"])


def test_a_packed_model_answers_without_a_run_nearly_as_before(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error_of: ErrorOf
) -> None:
    text = ["--source", "a text", "--licence", "CC BY-SA"]
    assert "must end in .zip" in error_of(main, ["pack", "gru", str(tmp_path / "tiny.npz"), *text])
    assert "My.zip: models.My: this name must be" in error_of(main, ["pack", "gru", str(tmp_path / "My.zip"), *text])
    for file in ("tiny.zip", "again/tiny.zip"):
        main(["pack", "gru", str(tmp_path / file), *text, "--json"])
        found = json.loads(capsys.readouterr()[0])
    assert 0 < abs(found["after"] - found["before"]) < 1e-3
    assert (tmp_path / "tiny.zip").read_bytes() == (tmp_path / "again/tiny.zip").read_bytes()
    main(["next", "The King", "--json"])
    expected = json.loads(capsys.readouterr()[0])
    monkeypatch.setattr("wikilm.packed.SHIPPED", tmp_path)
    monkeypatch.chdir(tmp_path)
    main(["next", "The King", "--json"])
    assert json.loads(capsys.readouterr()[0])["words"][0]["word"] == expected["words"][0]["word"]
    for words, note in (
        (["東京。"], "tiny, which comes with wikilm\n"),
        (["The and/or.", "--model", "tiny"], "tiny, which comes with wikilm\n"),
        (["King.", "--model", "tiny.zip"], "tiny\n"),
    ):
        main(["score", *words])
        assert capsys.readouterr()[1] == note
    assert "tiny: is packed, without" in error_of(main, ["score", "King.", "--model", "tiny", "--dynamic"])
    monkeypatch.chdir(run)
    Path("data/sequences.db").rename("aside")  # as a failed stage leaves it
    assert "data/sequences.db: not found; run `dvc repro index`" in error_of(main, ["next", "The"])
    Path("aside").rename("data/sequences.db")
    main(["next", "The", "--model", "tiny"])
    assert capsys.readouterr()[1].startswith("tiny, which comes with wikilm; ")
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / "tiny.zip") as members:
        assert b"example.org" not in b"".join(members.read(name) for name in members.namelist())
        assert json.loads(members.read("data/articles.json")).keys() == {"wiki", "language"}  # no names of files
        assert json.loads(members.read("about.json")).keys() == {"source", "licence", "command", "before", "after"}
    whole = io.BytesIO((tmp_path / "tiny.zip").read_bytes())
    for content in (b"no zip file", (tmp_path / "tiny.zip").read_bytes()[:-900]):
        (tmp_path / "tiny.zip").write_bytes(content)
        told = error_of(main, ["generate", "The"])
        assert f"{tmp_path}/tiny.zip: cannot be read (BadZipFile: " in told
    for member, content, problem in (
        ("data/models/tiny/weights.safetensors", b"cut", "weights.safetensors: is damaged (SafetensorError: "),
        ("params.yaml", b'{"newer": 1}', "params.yaml: newer: unknown key"),
    ):
        with zipfile.ZipFile(whole) as right, zipfile.ZipFile(tmp_path / "tiny.zip", "w") as wrong:
            for name in right.namelist():
                wrong.writestr(name, content if name == member else right.read(name))
        told = error_of(main, ["generate", "The"])
        assert f"{tmp_path}/tiny.zip: cannot be read (" in told
        assert problem in told
        assert "; get it again, or write it with `wikilm pack`" in told
    assert "none.zip: no such file; give the name of one" in error_of(main, ["next", "--model", "none.zip"])


def test_the_page_shows_the_pieces_and_bits(run: Path) -> None:
    report.main(["data", "data/index.html", "data/plots"])
    page = Path("data/index.html").read_text(encoding="utf-8")
    assert "<dt>pieces</dt>" in page
    assert "test bits per byte" in page
    assert "Ask the vectors" not in page


def test_the_page_has_the_whole_words_that_the_models_answer(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, beginnings = wikilm.open("data"), Example.read(Path("data/example.json")).beginnings
    assert beginnings
    for name, folder in (("gru", "models"), ("fivegram_kneser_ney", "baselines")):
        found = Guesses.read(Path(f"data/{folder}/{name}/guesses.json"))
        for beginning, own in zip(beginnings, found.next, strict=True):
            said = next_words(opened.vocabulary, opened.language_model(name).chances_after(beginning.ids), 5)
            assert [chance for _, chance in own.words] == pytest.approx([chance for _, chance in said.words], rel=1e-3)
    words = [word for each in found.next for word, _ in each.words]
    assert max(cut_texts(opened.vocabulary._cuts, words)[1]) > 1
    for fewest, told in ((0.05, False), (1.0, True)):  # the other as in a script without blanks
        monkeypatch.setattr("pipeline.scores.next_words.FEWEST_BLANKS", fewest)
        score_baselines()
        report.main(["data", "data/index.html", "data/plots"])
        page = Path("data/index.html").read_text(encoding="utf-8")
        assert ("These are pieces of words: the script has no blanks" in page) == told


def test_a_tokenizer_that_was_edited_is_refused(run: Path, tmp_path: Path, error_of: ErrorOf) -> None:
    for file in ("vocabulary.tsv", "tokenizer.json"):
        shutil.copyfile(Path("data") / file, tmp_path / file)
    paths = ["data/tokens", str(tmp_path / "vocabulary.tsv"), "data/remap", "s.db"]
    content = read_json(own := tmp_path / "tokenizer.json")
    for text in (json.dumps(content | {"normalizer": {"type": "Lowercase"}}), json.dumps(content)[:-9]):
        own.write_text(text, encoding="utf-8")
        assert "or tokenizer.json next to it: is not the one" in error_of(index.main, paths)
        assert not Path("s.db").exists()


def test_two_runs_give_the_same_bytes(run: Path) -> None:
    before = {path: path.read_bytes() for path in Path("data").glob("*.*") if path.is_file()}
    number_words("data/", "data/metrics/")
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"vocabulary": {"kind": "subwords", "size": 200}}, "size is 200; subwords need at least 258"),
        (
            {"vocabulary": {"kind": "subwords", "size": 300}},
            "and vocabulary.kind is subwords; delete embedding, skipgram, cbow, svd (in",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    set_params: SetParams, error_of: ErrorOf, changes: dict[str, Any], told: str
) -> None:
    set_params(changes)
    assert told in error_of(main, ["check"])


@pytest.mark.slow
def test_articles_of_every_shared_language_are_given_back(shared: Path, set_params: SetParams) -> None:
    texts: list[str] = []
    for dump in sorted((shared / "data/dumps/languages").glob("*.bz2")):
        set_params({"wiki.source": str(dump)})
        download.main(["raw"])
        templates.main(["raw", "templates.db"])
        extract.main(["raw", "templates.db", "articles"])
        texts += read_shard(shards(Path("articles"))[0])["text"].to_pylist()
        shutil.rmtree("articles")
    Path("articles").mkdir()
    write_articles(((n, f"Page {n}", text) for n, text in enumerate(texts)), Path("articles"))
    set_params(CHANGES)
    tokens.main(["articles", "tokens"])
    number_words()
    rows = [row for text in texts for row in split_text(text, "sentence", "tr")]  # the last one's rules
    assert len(texts) >= 15
    assert of_rows(Sequences(Path("sequences.db")), len(rows)) == rows
