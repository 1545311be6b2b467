from collections import Counter
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import tokens
from pipeline.run.outputs import read_json, write_json
from pipeline.settings.text_sections import Tokens
from pipeline.words.layout import shards
from pipeline.words.shards import write_articles
from tests.conftest import ErrorOf, SetParams


@given(st.lists(st.text(alphabet="abcдеж", min_size=1, max_size=3)))
def test_indexed_words_come_back_with_their_counts(words: list[str]) -> None:
    vocabulary, indexes, counts = tokens.index_words(pa.array(words, pa.string()).dictionary_encode())
    names = vocabulary.to_pylist()
    assert names == sorted(set(words))
    assert [names[index] for index in indexes] == words
    assert dict(zip(names, counts.tolist(), strict=True)) == Counter(words)


def run(
    articles: list[str], unit: Literal["sentence", "paragraph"], directory: Path
) -> tuple[list[str], dict[str, int]]:
    """The sequences that a shard of `articles` gives, with `|` between those of two articles."""
    (directory / "articles").mkdir()
    write_articles(((n, f"Page {n}", text) for n, text in enumerate(articles)), directory / "articles")
    shard = directory / "articles/part-00000.parquet"
    stats = tokens.tokenize_shard(shard, directory, Tokens(unit=unit, min_words=2), "en")
    words = pq.read_table(directory / "words-00000.parquet")["word"].to_pylist()
    rows = pq.read_table(directory / "part-00000.parquet")["sequences"].to_pylist()
    return ["|".join(" ".join(words[i] for i in sequence) for sequence in row) for row in rows], stats


ARTICLES = ["One two. Three.\nFour five six.", "Alone", "Seven, eight! Nine ten."]


@pytest.mark.parametrize(
    ("articles", "unit", "rows", "sequences", "words"),
    [
        (ARTICLES, "sentence", ["one two|four five six", "seven eight|nine ten"], 4, 9),
        (ARTICLES, "paragraph", ["one two three|four five six", "seven eight nine ten"], 3, 10),
        (["Alone", "…"], "sentence", [], 0, 0),
    ],
)
def test_a_shard_by_sentences_or_paragraphs(
    tmp_path: Path,
    articles: list[str],
    unit: Literal["sentence", "paragraph"],
    rows: list[str],
    sequences: int,
    words: int,
) -> None:
    found, stats = run(articles, unit, tmp_path)
    assert found == rows
    assert stats == {"in": len(articles), "kept": len(rows), "sequences": sequences, "tokens": words}


def write_folder(texts: list[str], monkeypatch: pytest.MonkeyPatch, characters: int = 2000) -> None:
    """Write articles as the folder `articles`, with a shard for each so many `characters`."""
    monkeypatch.setattr("pipeline.words.shards.SHARD_CHARACTERS", characters)
    Path("articles").mkdir()
    write_articles([(n, f"Page {n}", text) for n, text in enumerate(texts)], Path("articles"))
    write_json(Path("articles.json"), {"language": "en"})


def test_no_sequence_at_all_is_a_clear_error(in_tmp: Path, error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(["Alone"], monkeypatch)
    assert "articles: no sentence of 2 or more words in it" in error_of(tokens.main, ["articles", "tokens"])
    assert not Path("tokens").exists()


def test_the_stage_adds_up_its_shards(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(ARTICLES, monkeypatch, characters=1)
    tokens.main(["articles", "tokens", "--metrics", "m.json"])
    assert read_json(Path("tokens/stats.json")) == {
        "in": 3, "kept": 2, "sequences": 4, "tokens": 9, "dropped": {"no_sequence": 1}
    }  # fmt: skip


def contents(folder: str) -> dict[str, bytes]:
    """The bytes of each file in a folder."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def sentences(folder: str) -> list[str]:
    """The sentences in a folder of tokens."""
    return [" ".join(words) for words in tokens.sequences_of(shards(Path(folder)))]


# New York stands twice in each of 60 articles, always between words that no other sentence has.
CITIES = [
    " ".join(f"The w{n}x{m} of the v{n}x{m}." for m in range(5)) + f" Near u{n} New York, new z{n}.\nNew York y{n}."
    for n in range(60)
]
WITH_PHRASES = {"tokens.phrases": True}


def test_new_york_becomes_one_word(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(CITIES, monkeypatch)
    tokens.main(["articles", "off"])
    set_params(WITH_PHRASES | {"runtime.workers": 1})
    capsys.readouterr()
    tokens.main(["articles", "on", "--metrics", "on.json"])
    told = "tokens: 1 phrase(s) join 120 pair(s) of words\ntokens: 1,920 tokens in 420 sentences of 60 articles\n"
    assert told in capsys.readouterr().err
    assert Path("on/phrases.txt").read_text() == "new_york\n"
    plain, joined = sentences("off"), sentences("on")
    assert plain[5:7] == ["near u0 new york new z0", "new york y0"]
    assert joined[5:7] == ["near u0 new_york new z0", "new_york y0"]
    assert [sentence.replace("_", " ") for sentence in joined] == plain
    counts = Counter[str]()
    for path in shards(Path("on"), "words"):
        table = pq.read_table(path).to_pydict()
        assert table["word"] == sorted(set(table["word"]))
        counts.update(dict(zip(table["word"], table["count"], strict=True)))
    assert counts == Counter(word for sentence in joined for word in sentence.split())
    assert (counts["new_york"], counts["new"], counts["york"]) == (120, 60, 0)
    off, on = read_json(Path("off/stats.json")), read_json(Path("on/stats.json"))
    assert (off["tokens"], on["tokens"]) == (2040, 1920)
    assert on | {"tokens": 0} == off | {"tokens": 0}
    assert read_json(Path("on.json"))["tokens"] == on["tokens"]


def test_phrases_do_not_depend_on_the_number_of_processes(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(CITIES, monkeypatch)
    for workers in (1, 2):
        set_params(WITH_PHRASES | {"runtime.workers": workers})
        tokens.main(["articles", f"by{workers}"])
    assert len(shards(Path("by1"))) > 3
    assert contents("by1") == contents("by2")


def test_words_of_tokenized_lines_stay_as_they_are(set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(CITIES, monkeypatch)
    Path("own.txt").write_text("A text that is already tokenized .\n", encoding="utf-8")
    for name, phrases in (("off", False), ("on", True)):
        set_params({"wiki.source": "own.txt", "tokens.unit": "line", "tokens.phrases": phrases})
        tokens.main(["articles", name])
    assert contents("on") == contents("off")
