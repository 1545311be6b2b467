"""The harnesses that have no tests next to what they break, in small."""

import bz2
from pathlib import Path
from typing import Any

import pytest

from benchmarks import fuzz, grown, hostile, scale
from pipeline.dumps import dump
from pipeline.run.runtime import Runtime
from pipeline.settings import load_params
from tests.small_dumps import a_dump


@pytest.mark.parametrize("reader", ["xml", "questions", "jsonl", "verse"])
def test_texts_of_all_kinds_are_read_or_refused(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    monkeypatch.setattr(fuzz, "TEXTS", 60)
    monkeypatch.setattr(fuzz, "SECONDS", float("inf"))
    assert fuzz.fuzz(reader, minutes=0, first=0)


def test_a_time_that_grows_with_the_square_is_beyond_the_bound() -> None:
    for cost, beyond in ((lambda size: size * 1e-6, False), (lambda size: size**2 * 1e-6, True)):
        quarter, whole = hostile.least_costs(cost, 4000)
        assert (whole > hostile.GROWTH * quarter) == beyond


def test_a_dump_of_any_size_depends_only_on_its_sources(tmp_path: Path) -> None:
    source = tmp_path / "source.xml.bz2"
    source.write_bytes(bz2.compress(a_dump().encode()))
    for name, workers in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        grown.write_dumps(tmp_path / name, 0.2, 2, (source,), Runtime(workers=workers))
    assert scale.digest(tmp_path / "one") == scale.digest(tmp_path / "two")
    pages = [page for path in sorted((tmp_path / "one").iterdir()) for page in dump.pages(dump.whole(path))]
    assert len({page.text for page in pages}) > len(pages) / 2 > 50


def test_a_digest_tells_other_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("words")
    digests = [scale.digest(tmp_path)]
    (tmp_path / "a").write_text("wordy")
    digests.append(scale.digest(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    digests.append(scale.digest(tmp_path))
    assert len(set(digests)) == 3


def test_stages_whose_outputs_depend_on_the_workers_are_named() -> None:
    done: dict[str, dict[str, Any]] = {
        "extract, 1 worker": {"hash": "a"},
        "extract": {"hash": "a"},
        "tokens, 1 worker": {"hash": "b"},
        "tokens, cluster": {"hash": "b"},
        "tokens": {"hash": "b"},
        "index": {},
    }
    assert scale.differing_stages(done) == []
    assert scale.differing_stages({**done, "tokens, cluster": {"hash": "c"}}) == ["tokens"]


def test_the_settings_of_a_run_of_any_size_are_valid(in_tmp: Path) -> None:
    scale.write_params(in_tmp, {"workers": 1})
    params = load_params()
    assert (params.wiki.source, params.vocabulary.size, params.runtime.workers) == ("dumps/*.xml.bz2", 10_000, 1)
