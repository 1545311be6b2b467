import bz2
import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import download, extract, templates
from pipeline.run.outputs import read_json
from pipeline.wikitext import Prose, strip_page
from pipeline.words.layout import shards
from pipeline.words.shards import write_articles
from tests.conftest import ErrorOf, SetParams
from tests.small_dumps import SENTENCES, a_dump, a_page, titled, wrap


def run(set_params: SetParams, source: str) -> None:
    set_params({"wiki.source": source})
    download.main(["raw"])
    templates.main(["raw", "templates.db", "--metrics", "m.json"])
    extract.main(["raw", "templates.db", "articles", "--metrics", "e.json"])


def test_every_page_is_kept_or_dropped_for_a_reason(dump: Path, set_params: SetParams) -> None:
    run(set_params, dump.name)
    assert read_json(Path("articles.json")) == {
        "wiki": "enwiki",
        "language": "en",
        "in": 16,
        "kept": 12,
        "dropped": {"not_wikitext": 1, "other_namespace": 1, "redirect": 1, "too_short": 1},
        "bad_lines": [],
        "failed": [],
        "characters": sum(len(f"Page {number}. {SENTENCES}") for number in range(1, 13)),
        "templates": {"met": 0, "by_definition": 0, "by_name": 0, "no_words": 0, "dropped": 0, "most_dropped": {}},
    }
    table = pq.read_table("articles/part-00000.parquet").to_pylist()
    assert table[0]["page_id"] == 1
    assert table[0]["title"] == "Page 1"
    assert table[0]["text"].startswith("Page 1. The king and the queen")
    assert "{{" not in table[0]["text"]


def test_an_error_in_a_page_costs_that_page(
    dump: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(text: str, *rest: Any, title: str, **named: Any) -> Prose:
        if title == "Page 7":
            raise KeyError(title)
        return strip_page(text, *rest, title=title, **named)

    monkeypatch.setattr(extract, "strip_page", fail)
    run(set_params, dump.name)
    stats = read_json(Path("articles.json"))
    assert (stats["kept"], stats["failed"], stats["dropped"]["failed"]) == (11, [7], 1)
    assert "page 7 (Page 7) is lost: KeyError: 'Page 7'" in capsys.readouterr().err
    assert pq.read_table("articles/part-00000.parquet")["page_id"].to_pylist() == [*range(1, 7), *range(8, 13)]


@pytest.mark.parametrize("pack", [bytes, partial(bz2.compress, compresslevel=1)])
def test_the_number_of_workers_changes_no_byte(
    in_tmp: Path, set_params: SetParams, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr("pipeline.dumps.dump.PIECE_BYTES", 1 << 18)
    monkeypatch.setattr("pipeline.dumps.dump.PIECE_BYTES_BZIP2", 3_000)
    pages = [a_page(number, f"Number {number}. {SENTENCES} " * (number % 7 * 20)) for number in range(1, 400)]
    for number in range(0, 399, 7):  # among the articles, so in every piece
        pages[number] = titled(f"Template:T{number}", a_page(1000 + number, f"{{{{{{{number}|x}}}}}} " * 40, ns=10))
    (in_tmp / "many.xml").write_bytes(pack(wrap(pages).encode()))
    found = []
    for workers in (1, 2, 5):
        set_params({"runtime.workers": workers})
        run(set_params, "many.xml")
        found.append({path.name: path.read_bytes() for path in (Path("templates.db"), *Path("articles").iterdir())})
    assert len(found[0]) > 5
    assert found[0] == found[1] == found[2]
    assert read_json(Path("m.json"))["definitions"] == 57


def test_the_workers_strip_a_dump_that_cannot_be_split(in_tmp: Path, set_params: SetParams) -> None:
    (in_tmp / "many.xml.gz").write_bytes(gzip.compress(a_dump(50).encode()))
    set_params({"runtime.workers": 2})
    run(set_params, "many.xml.gz")
    assert pq.read_table("articles/part-00000.parquet")["page_id"].to_pylist() == list(range(1, 51))


@pytest.mark.parametrize(
    ("content", "stage", "message"),
    [
        (bz2.compress(a_dump(200).encode())[:-40], "download", "it ends within the block at byte"),
        (b"# Not XML", "download", "is not a whole MediaWiki XML dump"),
        (
            wrap([a_page(1, "#REDIRECT [[B]]", redirect=True), a_page(2, "x", ns=14)]).encode(),
            "extract",
            "no article in it: 2 pages: 0 articles kept; dropped: 1 other namespace, 1 redirect",
        ),
        (wrap([]).encode(), "extract", "no article in it: 0 pages: 0 articles kept; dropped: none"),
    ],
)
def test_a_bad_dump_is_one_line_and_leaves_nothing(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf, content: bytes, stage: str, message: str
) -> None:
    (in_tmp / "bad.xml").write_bytes(content)
    error = error_of(run, set_params, "bad.xml").splitlines()[-1]
    assert error.startswith(f"{stage}: error: bad.xml: ")
    assert message in error
    left = {path.name for path in in_tmp.iterdir()} - {"bad.xml", "params.yaml"}
    assert left == (set() if stage == "download" else {"raw", "templates.db", "m.json"})


def test_shards_are_cut_by_size_and_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.words.shards.SHARD_CHARACTERS", 10)
    assert write_articles(((n, str(n), "12345") for n in range(5)), tmp_path) == 3
    assert [pq.read_table(path)["page_id"].to_pylist() for path in shards(tmp_path)] == [[0, 1], [2, 3], [4]]
