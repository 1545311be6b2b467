"""Text of one's own, from its files to sequences.db: prose in three formats, and corpora with their own splits."""

import json
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import download, extract, templates, tokens
from pipeline.dumps.prose.plain import line_articles
from pipeline.run.outputs import read_json
from pipeline.settings.text_sections import Tokens
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabularies import Words
from pipeline.words.layout import shards
from pipeline.words.sentences import split_text
from pipeline.words.words import split_words
from tests.conftest import ErrorOf, SetParams, number_words
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
    number_words()
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


def decoded(sequences: Sequences, split: str) -> list[list[str]]:
    words = sequences.vocabulary.by_id
    ids, _ = sequences.ids_and_lengths(split)
    return [[words[token] for token in row] for row in sequences.rows(ids.tolist())]


@pytest.mark.parametrize("kind", WRITERS)
def test_prose_goes_through_every_stage(in_tmp: Path, set_params: SetParams, kind: str) -> None:
    settings = {"index.valid_fraction": 0.3, "wiki.language": "tr"}
    sequences = through_index(WRITERS[kind](ARTICLES), set_params, **settings)
    stats = read_json(Path("articles.json"))
    assert (stats["in"], stats["kept"], stats["dropped"], stats["language"]) == (40, 40, {}, "tr")
    titles = dict(sequences.connection.execute("SELECT id, title FROM articles").fetchall())
    lines = {n: f"own.txt, line {3 * n - 2}" for n in range(1, 41)}  # articles have three lines, the last one blank
    assert titles == (lines if kind == "text" else {id: title for id, title, _ in ARTICLES})
    assert all(sequences.count(split) for split in SPLITS)
    assert sum(sequences.count(split) for split in SPLITS) == 40 * 5  # "Number 1" and four sentences


def extracted() -> Rows:
    """What `extract` found."""
    rows = (row for shard in shards(Path("articles")) for row in pq.read_table(shard).to_pylist())
    return [(row["page_id"], row["title"], row["text"]) for row in rows]


NO_TEXT, NO_JSON = "has no text, or one that is no string", "is not a JSON object in UTF-8"


def test_bad_lines_are_counted_and_named(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    lines: dict[str, str | None] = {
        '{"id": "1", "title": "A\\u001b\\nTitle", "text": "Some\\u0000 prose.\\r\\n\\tMore\\u007f.\\rA line."}': None,
        '{"id": "2", "title": "Two", "text": null}': NO_TEXT,
        '{"id": "3", "title": null, "text": "More prose here."}': None,
        '{"id": "four", "text": "Prose again."}': "its id is 'four'; those before it are numbers",
        '{"id": "5", "text": ["a", "list"]}': NO_TEXT,
        '{"id": "6", "title": "Six", "text": ""}': None,  # too short
        '["no", "object"]': NO_JSON,
        '{"id": "7", "text": "\\ud800"}': "is not a JSON object in UTF-8",
        '{"id": "9", "ti': NO_JSON,
        '{"text": "caf\xe9"}': NO_JSON,
        "": None,
    }
    Path("own.jsonl").write_bytes("\n".join(lines).encode("latin-1"))
    prose("own.jsonl", set_params)
    stats = read_json(Path("articles.json"))
    assert (stats["in"], stats["kept"], stats["dropped"]) == (10, 2, {"bad_line": 7, "too_short": 1})
    told = [f"own.jsonl, line {number}: {bad}" for number, bad in enumerate(lines.values(), 1) if bad]
    assert stats["bad_lines"] == told
    # Control codes become blanks.
    assert extracted() == [(1, "A  Title", "Some  prose.\n\tMore .\nA line."), (3, "", "More prose here.")]
    Path("own.jsonl").write_text("\n".join(line for line, bad in lines.items() if bad == NO_TEXT))
    assert f"own.jsonl, line 1: {NO_TEXT}" in error_of(prose, "own.jsonl", set_params)


def test_bad_rows_of_parquet_are_named(in_tmp: Path, set_params: SetParams) -> None:
    titles = pa.array([1, 2**62, 3, 4], pa.duration("s"))
    texts = ["Some prose.", "More prose.", None, "More."]
    pq.write_table(pa.table({"key": ["a", "b", "c", "d"], "name": titles, "body": texts}), "own.parquet")
    prose("own.parquet", set_params, **{"wiki.columns": {"id": "key", "title": "name", "text": "body"}})
    first, second = read_json(Path("articles.json"))["bad_lines"]
    assert first.startswith("own.parquet, row 2: has a value that cannot be read (")
    assert second == "own.parquet, row 3: has no text, or one that is no string"
    assert [id for id, _, _ in extracted()] == [1, 4]  # ids that are no numbers give way to places
    prose("own.parquet", set_params, **{"wiki.columns": {"id": None, "title": None, "text": "body"}})
    assert [(id, title) for id, title, _ in extracted()] == [(1, ""), (2, ""), (4, "")]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_texts_need_neither_ids_nor_titles(in_tmp: Path, set_params: SetParams, kind: str, error_of: ErrorOf) -> None:
    texts = ["Some prose.", "More prose."]
    pq.write_table(pa.table({"text": texts}), "own.parquet")
    Path("own.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    prose(f"own.{kind}", set_params)
    assert extracted() == [(1, "", "Some prose."), (2, "", "More prose.")]
    told = error_of(prose, f"own.{kind}", set_params, **{"wiki.columns": {"title": "name"}})
    assert f"own.{kind}: must have one column 'name'; it has text; name them in wiki.columns" in told


def test_an_id_that_occurs_twice_is_refused(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    source = write_jsonl([*ARTICLES, ARTICLES[3]])
    error = error_of(through_index, source, set_params)
    assert "index: error: page 28 (Page 4) occurs twice: the files of wiki.source overlap; if ids" in error


def test_a_file_that_changed_since_it_was_listed_is_refused(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf
) -> None:
    for source, data in (("own.txt", SENTENCES), ("own.xml", a_dump())):
        Path(source).write_text(data)
        set_params({"wiki.source": source})
        download.main(["raw"])
        for other in (data[:-1], data.replace("France", "Greece")):  # of another size, of another checksum
            Path(source).write_text(other)
            told = f"{source}: changed since it was listed; run `dvc repro -f download`"
            assert told in error_of(extract.main, ["raw", "none", "articles"])
        Path(source).unlink()
        assert f"{source}: not found; put it back" in error_of(extract.main, ["raw", "none", "articles"])


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


@pytest.mark.parametrize(
    ("texts", "name"), [(TREEBANK, "ptb.{}.txt"), (WIKITEXT, "wiki.{}.tokens"), (WIKITEXT, "{}.txt")]
)
def test_counts_of_a_tokenized_corpus_are_the_fields(
    in_tmp: Path, set_params: SetParams, texts: dict[str, str], name: str
) -> None:
    """Types and targets equal word_language_model's: words between blanks, and an end for every line."""
    sequences = through_index(write_corpus(texts, name), set_params, **{"tokens.unit": "line"})
    known = set(texts["train"].split()) - {"<unk>"}
    for split, text in texts.items():
        expected = [[word if word in known else "UNKNOWN" for word in line.split()] for line in text.splitlines()]
        assert decoded(sequences, split) == expected
    assert sorted(sequences.vocabulary.words) == sorted(known)  # of the training file alone
    trained_on = decoded(sequences, "train")
    counts = dict.fromkeys(("START", "END"), len(trained_on)) | Counter(word for row in trained_on for word in row)
    assert dict(sequences.vocabulary.entries) == counts
    if texts == WIKITEXT:
        query = "SELECT title, count(*) FROM sequences JOIN articles ON articles.id = article_id GROUP BY article_id"
        headings = [("Robert <unk>", 11), ("Du Fu", 3), ("Homarus", 4), ("Robert", 5)]
        assert sequences.connection.execute(query).fetchall() == headings


def test_a_corpus_that_is_not_tokenized_keeps_its_splits(in_tmp: Path, set_params: SetParams) -> None:
    texts = dict.fromkeys(SPLITS, "The set, at last.\n\nOne. Two words! And three words.")
    sequences = through_index(write_corpus(texts, "{}.txt"), set_params)
    rows = [["the", "set", "at", "last"], ["two", "words"], ["and", "three", "words"]]
    assert [decoded(sequences, split) for split in SPLITS] == [rows] * 3


def test_a_file_without_words_is_refused(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    source = write_corpus(TREEBANK | {"valid": " \n \n"}, "{}.txt")
    error = error_of(through_index, source, set_params, **{"tokens.unit": "line"})
    assert "train 1, valid 0, test 1; give more articles or other fractions, or, if the text has its own" in error


def test_the_vocabulary_is_chosen_by_the_counts_of_the_training_split(in_tmp: Path, set_params: SetParams) -> None:
    texts = {"train": "a a b c c c <unk> <unk> <unk>", "valid": "b b b b b", "test": "b d d d d d d"}
    settings = {"tokens.unit": "line", "vocabulary.size": 4, "models": {"gru": {}}}
    sequences = through_index(write_corpus(texts, "{}.txt"), set_params, **settings)
    assert sequences.vocabulary == Words.of([("c", 3), ("a", 2)], rows=1, unknown=4)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=4)
lines = st.lists(st.lists(words | st.sampled_from(["=", "= A =", "<unk>"]), max_size=4), min_size=1, max_size=12)


@given(lines)
def test_every_line_comes_back_as_a_row(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """Whatever becomes an article, the lines stay in order, and their words are left as they are."""
    path = tmp_path_factory.mktemp("corpus") / "train.txt"
    path.write_bytes("".join(f" {' '.join(row)} \n" for row in rows).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.dumps.prose.plain.LINES_TOGETHER", 3)
        patch.setattr("pipeline.dumps.prose.plain.ARTICLE_CHARACTERS", 10)
        articles = list(line_articles(path, "train"))
    found = [line for article in articles for line in split_text(article.text, "line", "en")]
    starts = accumulate((article.text.count("\n") + 1 for article in articles), initial=1)
    places = [int(article.place.rpartition(" ")[2]) for article in articles]
    assert places == list(starts)[:-1]
    split, lengths = split_words(found, "en", Tokens(unit="line"))
    expected = [" ".join(row).split() for row in rows]
    assert lengths.tolist() == list(map(len, expected))
    assert split.to_pylist() == [word for row in expected for word in row]
