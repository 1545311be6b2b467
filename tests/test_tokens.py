from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import tokens
from pipeline.run.outputs import read_json, write_json
from pipeline.words.layout import shards, words_path
from pipeline.words.shards import write_articles
from tests.conftest import ErrorOf, SetParams


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
    write_json(Path("articles.json"), {"wiki": "enwiki", "language": "en"})


def test_no_sequence_at_all_is_a_clear_error(in_tmp: Path, error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(["Alone"], monkeypatch)
    assert "articles: no sentence of 2 or more words in it" in error_of(tokens.main, ["articles", "tokens"])
    assert not Path("tokens").exists()


def sentences(folder: str) -> list[str]:
    """The sentences in a folder of tokens."""
    found = []
    for path in shards(Path(folder)):
        words = pq.read_table(words_path(path))["word"].to_pylist()
        articles = pq.read_table(path)["sequences"].to_pylist()
        found += [" ".join(words[id] for id in sequence) for article in articles for sequence in article]
    return found


def test_each_shard_counts_its_own_words_and_two_workers_write_the_same_bytes(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder([f"New York, new ж{n}.\nNear ä{n} York.\nAlone." for n in range(60)], monkeypatch, characters=400)
    for workers in (1, 2):
        set_params({"runtime.workers": workers})
        tokens.main(["articles", f"by{workers}"])
    assert "split anew" not in capsys.readouterr().err  # said of text with its own splits
    one, other = ({path.name: path.read_bytes() for path in Path(f"by{n}").iterdir()} for n in (1, 2))
    assert one == other
    paths = shards(Path("by1"), "words")
    assert len(paths) > 3
    counts = Counter[str]()
    for table in (pq.read_table(path).to_pydict() for path in paths):
        assert table["word"] == sorted(set(table["word"]))
        counts.update(dict(zip(table["word"], table["count"], strict=True)))
    assert counts == Counter(word for sentence in sentences("by1") for word in sentence.split())
    assert (counts["new"], counts["york"], "alone" in counts) == (120, 120, False)  # alone is no sequence


def test_words_of_tokenized_lines_stay_as_they_are(set_params: SetParams, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(["A text. that Is", "already tokenized ."], monkeypatch)
    Path("own.txt").write_text("A text that is already tokenized .\n", encoding="utf-8")
    set_params({"wiki.source": "own.txt", "tokens.unit": "line"})
    tokens.main(["articles", "tokens"])
    assert sentences("tokens") == ["A text. that Is", "already tokenized ."]
