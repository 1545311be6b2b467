from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import tokens
from pipeline.run.outputs import read_json, write_json
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


@pytest.mark.parametrize(
    ("unit", "rows", "counts"),
    [
        ("sentence", [["one two", "four five six"], ["seven eight", "nine ten"]], (4, 9)),
        ("paragraph", [["one two three", "four five six"], ["seven eight nine ten"]], (3, 10)),
    ],
)
def test_the_stage_splits_by_sentences_or_paragraphs_and_adds_up_its_shards(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, unit: str, rows: list[list[str]], counts: tuple[int, int]
) -> None:
    write_folder(["One two. Three.\nFour five six.", "Alone", "Seven, eight! Nine ten."], monkeypatch, characters=1)
    set_params({"tokens.unit": unit})
    tokens.main(["articles", "tokens", "--metrics", "m.json"])
    assert sentences("tokens") == [sentence for article in rows for sentence in article]
    found = [len(row) for path in shards(Path("tokens")) for row in pq.read_table(path)["sequences"].to_pylist()]
    assert found == list(map(len, rows))
    stats = {"in": 3, "kept": 2, "sequences": counts[0], "tokens": counts[1], "dropped": {"no_sequence": 1}}
    assert read_json(Path("tokens/stats.json")) == stats


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


def test_new_york_becomes_one_word(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(CITIES, monkeypatch)
    tokens.main(["articles", "off"])
    assert "split anew" not in capsys.readouterr().err  # said of text with its own splits
    for workers in (1, 2):
        set_params({"tokens.phrases": True, "runtime.workers": workers})
        tokens.main(["articles", "on" if workers == 1 else "by2", "--metrics", "on.json"])
    assert len(shards(Path("on"))) > 3
    assert contents("on") == contents("by2")
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


def test_words_of_tokenized_lines_stay_as_they_are(set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(CITIES, monkeypatch)
    Path("own.txt").write_text("A text that is already tokenized .\n", encoding="utf-8")
    for name, phrases in (("off", False), ("on", True)):
        set_params({"wiki.source": "own.txt", "tokens.unit": "line", "tokens.phrases": phrases})
        tokens.main(["articles", name])
    assert contents("on") == contents("off")
