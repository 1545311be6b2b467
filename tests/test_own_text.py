"""Text of one's own, from its files to sequences.db: prose in three formats, and corpora with their own splits."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import download, extract, index, templates, tokens, vocabulary
from pipeline.dumps.prose.plain import Article, line_articles
from pipeline.run.outputs import read_json
from pipeline.settings.text_sections import Tokens
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabulary import Vocabulary
from pipeline.words.layout import shards
from pipeline.words.sentences import split_text
from pipeline.words.words import split_words
from tests.conftest import ErrorOf, SetParams
from tests.small_dumps import SENTENCES, a_dump

Rows = list[tuple[int, str, str]]

ARTICLES: Rows = [(n * 7, f"Page {n}", f"Number {n}.\n{SENTENCES}") for n in range(1, 41)]


def prose(source: str, set_params: SetParams, **settings: Any) -> None:
    """Run the stages up to `tokens`."""
    set_params({"wiki.source": source, **settings})
    download.main(["raw", "--metrics", "m.json"])
    templates.main(["raw", "templates.db"])
    extract.main(["raw", "templates.db", "articles"])
    tokens.main(["articles", "tokens"])


def through_index(source: str, set_params: SetParams, **settings: Any) -> Sequences:
    prose(source, set_params, **settings)
    vocabulary.main(["tokens", "vocabulary.tsv", "remap", "counts.tsv", "--metrics", "vocabulary.json"])
    index.main(["tokens", "vocabulary.tsv", "remap", "sequences.db", "--metrics", "index.json"])
    return Sequences(Path("sequences.db"))


def write_text(rows: Rows, name: str = "own.txt") -> str:
    Path(name).write_text("\n\n".join(text for _, _, text in rows), encoding="utf-8")
    return name


def write_jsonl(rows: Rows, name: str = "own.jsonl") -> str:
    lines = [json.dumps({"id": str(id), "url": "", "title": title, "text": text}) for id, title, text in rows]
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


def write_parquet(rows: Rows, name: str = "own.parquet", group: int = 10) -> str:
    ids, titles, texts = (list(column) for column in zip(*rows, strict=True))
    table = pa.table({"id": list(map(str, ids)), "url": titles, "title": titles, "text": texts})
    pq.write_table(table, name, row_group_size=group)
    return name


WRITERS = {"text": write_text, "jsonl": write_jsonl, "parquet": write_parquet}
formats = pytest.mark.parametrize("kind", WRITERS)


def decoded(sequences: Sequences, split: str) -> list[list[str]]:
    words = sequences.vocabulary.by_id
    ids, _ = sequences.ids_and_lengths(split)
    return [[words[token] for token in row] for row in sequences.rows(ids.tolist())]


@formats
def test_prose_goes_through_every_stage(in_tmp: Path, set_params: SetParams, kind: str) -> None:
    sequences = through_index(WRITERS[kind](ARTICLES), set_params, **{"index.valid_fraction": 0.3})
    manifest = read_json(Path("raw/manifest.json"))
    assert (manifest["kind"], manifest["language"]) == (kind, "en")
    stats = read_json(Path("articles.json"))
    assert (stats["in"], stats["kept"], stats["dropped"], stats["language"]) == (40, 40, {}, "en")
    assert "splits" not in stats
    titles = dict(sequences.connection.execute("SELECT id, title FROM articles").fetchall())
    if kind == "text":  # articles have three lines, the last one blank
        assert titles == {n: f"own.txt, line {3 * n - 2}" for n in range(1, 41)}
    else:
        assert titles == {id: title for id, title, _ in ARTICLES}
    assert all(sequences.count(split) for split in SPLITS)
    assert sum(sequences.count(split) for split in SPLITS) == 40 * 5  # "Number 1" and four sentences


def extracted() -> Rows:
    """What `extract` found."""
    rows = (row for shard in shards(Path("articles")) for row in pq.read_table(shard).to_pylist())
    return [(row["page_id"], row["title"], row["text"]) for row in rows]


def test_bad_lines_are_counted_and_named(
    in_tmp: Path, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[Any] = [
        {"id": "1", "title": "One", "text": "Some prose here."},
        {"id": "2", "title": "Two", "text": None},
        {"id": "3", "title": None, "text": "More prose here."},
        {"id": "four", "title": "Four", "text": "Prose again."},
        {"id": "5", "title": "Five", "text": ["a", "list"]},
        {"id": "6", "title": "Six", "text": ""},
        ["no", "object"],
        {"id": "7", "title": "Seven", "text": "\ud800"},
        {"id": "8", "title": 8},
    ]
    data = [json.dumps(line).encode() for line in lines]
    Path("own.jsonl").write_bytes(b"\n".join([*data, b"", b'{"id": "9", "ti', b'{"text": "caf\xe9"}']))
    prose("own.jsonl", set_params)
    stats = read_json(Path("articles.json"))
    assert (stats["in"], stats["kept"], stats["dropped"]) == (11, 2, {"bad_line": 8, "too_short": 1})
    assert stats["bad_lines"] == [
        "own.jsonl, line 2: has no text, or one that is no string",
        "own.jsonl, line 4: its id is 'four'; those before it are numbers",
        "own.jsonl, line 5: has no text, or one that is no string",
        "own.jsonl, line 7: is not a JSON object in UTF-8",
        "own.jsonl, line 8: holds half of a character",
        "own.jsonl, line 9: has no text, or one that is no string",
        "own.jsonl, line 11: is not a JSON object in UTF-8",
        "own.jsonl, line 12: is not a JSON object in UTF-8",
    ]
    said = [line for line in capsys.readouterr().err.splitlines() if "bad line(s)" in line]
    assert said == [
        "extract: 8 bad line(s) left out; own.jsonl, line 2: has no text, or one that is no string; see articles.json"
    ]
    titles = [row["title"] for row in pq.read_table("articles/part-00000.parquet").to_pylist()]
    assert titles == ["One", ""]


def test_bad_rows_of_parquet_are_named(in_tmp: Path, set_params: SetParams) -> None:
    titles, texts = (
        pa.array([1, 2**62, 3, 4], pa.duration("s")),
        pa.array(["Some prose.", "More prose.", None, "More."]),
    )
    pq.write_table(pa.table({"key": ["a", "b", "c", "d"], "name": titles, "body": texts}), "own.parquet")
    columns = {"wiki.columns": {"id": "key", "title": "name", "text": "body"}}
    prose("own.parquet", set_params, **columns, **{"tokens.min_words": 1})
    first, second = read_json(Path("articles.json"))["bad_lines"]
    assert first.startswith("own.parquet, row 2: has a value that cannot be read (")
    assert second == "own.parquet, row 3: has no text, or one that is no string"
    assert [id for id, _, _ in extracted()] == [1, 4]  # ids that are no numbers give way to places
    prose("own.parquet", set_params, **{"wiki.columns": {"id": None, "title": None, "text": "body"}})
    assert [(id, title) for id, title, _ in extracted()] == [(1, ""), (2, ""), (4, "")]


def test_control_codes_become_blanks(in_tmp: Path, set_params: SetParams) -> None:
    rows = [(1, "A\x1b[31m\nTitle", "Some\x00 prose\x9b here.\n\tMore\x7f prose.\rA line.\r\nA line.\r\rA line.")]
    prose(write_jsonl(rows), set_params)
    (row,) = pq.read_table("articles/part-00000.parquet").to_pylist()
    assert row == {
        "page_id": 1,
        "title": "A [31m Title",
        "text": "Some  prose  here.\n\tMore  prose.\nA line.\nA line.\n\nA line.",
    }


def test_without_any_article_the_first_bad_line_is_named(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf
) -> None:
    pq.write_table(pa.table({"id": [1, 2], "title": ["a", "b"], "text": [3, 4]}), "own.parquet")
    error = error_of(prose, "own.parquet", set_params).splitlines()[-1]
    assert error == (
        "extract: error: own.parquet: no article in it: 2 pages: 0 articles kept; dropped: 2 bad line; "
        "own.parquet, row 1: has no text, or one that is no string"
    )
    assert not Path("articles").exists()


def test_an_id_that_occurs_twice_is_refused(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    source = write_jsonl([*ARTICLES, ARTICLES[3]])
    error = error_of(through_index, source, set_params).splitlines()[-1]
    assert error == (
        "index: error: page 28 (Page 4) occurs twice: the files of wiki.source overlap; if ids repeat in "
        "JSON Lines or Parquet, set wiki.columns to {id: null}"
    )


@pytest.mark.parametrize("kind", ["text", "dump"])
def test_a_file_that_changed_since_it_was_listed_is_refused(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf, kind: str
) -> None:
    source = write_text(ARTICLES) if kind == "text" else "own.xml"
    if kind == "dump":
        Path(source).write_text(a_dump())
    set_params({"wiki.source": source})
    download.main(["raw"])
    templates.main(["raw", "templates.db"])
    data = Path(source).read_bytes()
    told = "changed since it was listed; run `dvc repro -f download`"
    for other in (data[:-1], data.replace(b"France", b"Greece"), None):  # of another size, of another checksum, gone
        if other is None:
            Path(source).unlink()
            told = "not found; put it back, or run `dvc repro -f download`"
        else:
            Path(source).write_bytes(other)
        assert error_of(extract.main, ["raw", "templates.db", "articles"]) == f"extract: error: {source}: {told}\n"
        assert not Path("articles").exists()


BLANK_FIRST = " \n"
TREEBANK = {
    "train": " the king rules <unk> N $ \n the queen <unk> <unk> rules \n no it was n't black monday \n",
    "valid": " the king 's queen N \n zebra \n",
    "test": " the <unk> rules \n",
}
WIKITEXT = {
    "train": f"{BLANK_FIRST} = Robert <unk> = \n{BLANK_FIRST} Robert <unk> is an English actor . \n He acted . \n"
    f"{BLANK_FIRST} = = Career = = \n{BLANK_FIRST} The 8 @,@ 600 <unk> = y = \n = not a heading = \n"
    f"{BLANK_FIRST} = Du Fu = \n{BLANK_FIRST} Du Fu was a poet . \n",
    "valid": f"{BLANK_FIRST} = Homarus = \n{BLANK_FIRST} The king \u2013 English actor . \n",
    "test": f"{BLANK_FIRST} = Robert = \n{BLANK_FIRST} He was a poet . \n{BLANK_FIRST}",
}


def write_corpus(texts: dict[str, str], name: str) -> str:
    Path("corpus").mkdir()
    for split, text in texts.items():
        Path("corpus", name.format(split)).write_text(text, encoding="utf-8")
    return "corpus"


def targets(sequences: Sequences, split: str) -> int:
    """Words and ENDs."""
    _, lengths = sequences.ids_and_lengths(split)
    return int((lengths + 1).sum())


@pytest.mark.parametrize(
    ("texts", "name"), [(TREEBANK, "ptb.{}.txt"), (WIKITEXT, "wiki.{}.tokens"), (WIKITEXT, "{}.txt")]
)
def test_counts_of_a_tokenized_corpus_are_the_fields(
    in_tmp: Path, set_params: SetParams, texts: dict[str, str], name: str
) -> None:
    """Types and targets equal word_language_model's: words between blanks, and an end for every line."""
    sequences = through_index(write_corpus(texts, name), set_params, **{"tokens.unit": "line"})
    for split, text in texts.items():
        assert targets(sequences, split) == sum(len(line.split()) + 1 for line in text.splitlines())
        known = set(texts["train"].split()) - {"<unk>"}
        expected = [[word if word in known else "UNKNOWN" for word in line.split()] for line in text.splitlines()]
        assert decoded(sequences, split) == expected
    assert sorted(sequences.vocabulary.words) == sorted(known)  # of the training file alone
    counts = dict(sequences.vocabulary.entries)
    every = [row for split in SPLITS for row in decoded(sequences, split)]
    for word in (*known, "UNKNOWN"):
        assert counts[word] == sum(row.count(word) for row in every)
    assert counts["END"] == len(every)
    assert read_json(Path("index.json"))["tokens"] == sum(map(len, every))
    assert read_json(Path("vocabulary.json"))["distinct_words"] == len(known)


def test_a_corpus_that_is_not_tokenized_keeps_its_splits(
    in_tmp: Path, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {split: f"The {split} set, at last.\n\nOne. Two words! And three words." for split in SPLITS}
    sequences = through_index(write_corpus(texts, "{}.txt"), set_params)
    assert decoded(sequences, "train") == [
        ["the", "train", "set", "at", "last"],
        ["two", "words"],
        ["and", "three", "words"],
    ]
    assert [sequences.count(split) for split in SPLITS] == [3, 3, 3]
    assert "tokens: each line is split anew, by sentences; if the text is already" in capsys.readouterr().err


def test_the_vocabulary_is_chosen_by_the_counts_of_the_training_split(in_tmp: Path, set_params: SetParams) -> None:
    texts = {"train": "a a b c c c <unk> <unk> <unk>", "valid": "b b b b b", "test": "b d d d d d d"}
    source = write_corpus(texts, "{}.txt")
    settings = {"tokens.unit": "line", "vocabulary.size": 4, "models": {"gru": {}}}
    sequences = through_index(source, set_params, **settings)
    assert sequences.vocabulary == Vocabulary.of([("c", 3), ("a", 2)], rows=3, unknown=16)


def test_articles_of_a_corpus_begin_at_its_headings(in_tmp: Path, set_params: SetParams) -> None:
    sequences = through_index(write_corpus(WIKITEXT, "wiki.{}.tokens"), set_params, **{"tokens.unit": "line"})
    query = "SELECT title, split, count(*) FROM sequences JOIN articles ON articles.id = article_id GROUP BY article_id"
    assert sequences.connection.execute(query).fetchall() == [
        ("Robert <unk>", "train", 11),
        ("Du Fu", "train", 3),
        ("Homarus", "valid", 4),
        ("Robert", "test", 5),
    ]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=4)
lines = st.lists(st.lists(words | st.sampled_from(["=", "= A =", "<unk>"]), max_size=4), min_size=1, max_size=12)


@given(lines)
def test_every_line_comes_back_as_a_row(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """Whatever becomes an article, the lines stay in order, and their words are left as they are."""
    path = tmp_path_factory.mktemp("corpus") / "train.txt"
    path.write_bytes("".join(f" {' '.join(row)} \n" for row in rows).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.dumps.prose.plain.BLOCK", 3)
        patch.setattr("pipeline.dumps.prose.plain.ARTICLE_CHARACTERS", 10)
        articles = list(line_articles(path, "train"))
    found = [line for article in articles for line in split_text(article.text, "line", "en")]
    assert [int(article.place.rpartition(" ")[2]) for article in articles] == first_lines(articles)
    split, lengths = split_words(found, "en", Tokens(unit="line"))
    expected = [" ".join(row).split() for row in rows]
    assert lengths.tolist() == list(map(len, expected))
    assert split.to_pylist() == [word for row in expected for word in row]


def first_lines(articles: list[Article]) -> list[int]:
    """The number of each article's first line, from the lengths of those before it."""
    counts = [article.text.count("\n") + 1 for article in articles]
    return [1 + sum(counts[:n]) for n in range(len(counts))]
