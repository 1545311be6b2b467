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
from pipeline.text.articles import write_articles
from pipeline.text.settings import Tokens


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


def test_a_shard_by_sentences(tmp_path: Path) -> None:
    rows, stats = run(ARTICLES, "sentence", tmp_path)
    assert rows == ["one two|four five six", "seven eight|nine ten"]
    assert stats == {"in": 3, "kept": 2, "sequences": 4, "tokens": 9}


def test_a_shard_by_paragraphs(tmp_path: Path) -> None:
    rows, stats = run(ARTICLES, "paragraph", tmp_path)
    assert rows == ["one two three|four five six", "seven eight nine ten"]
    assert stats["sequences"] == 3


def test_a_shard_without_words(tmp_path: Path) -> None:
    rows, stats = run(["Alone", "…"], "sentence", tmp_path)
    assert rows == []
    assert stats == {"in": 2, "kept": 0, "sequences": 0, "tokens": 0}


def test_no_sequence_at_all_is_a_clear_error(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("articles").mkdir()
    write_articles([(1, "Page", "Alone")], Path("articles"))
    write_json(Path("articles/stats.json"), {"language": "en"})
    with pytest.raises(SystemExit):
        tokens.main(["articles", "tokens"])
    assert "articles: no sentence of 2 or more words in it" in capsys.readouterr().err
    assert not Path("tokens").exists()


def test_the_stage_adds_up_its_shards(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.text.articles.SHARD_CHARACTERS", 1)
    Path("articles").mkdir()
    write_articles([(n, "Page", text) for n, text in enumerate(ARTICLES)], Path("articles"))
    write_json(Path("articles/stats.json"), {"language": "en"})
    tokens.main(["articles", "tokens", "--metrics", "m.json"])
    assert read_json(Path("tokens/stats.json")) == {
        "in": 3, "kept": 2, "sequences": 4, "tokens": 9, "dropped": {"no_sequence": 1}
    }  # fmt: skip
