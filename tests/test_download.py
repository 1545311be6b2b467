import bz2
import gzip
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import download
from pipeline.checks import check_stages
from pipeline.dumps.fetch import BLOCK
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.settings import load_params
from tests.conftest import HERE, ErrorOf, SetParams
from tests.mirror import Fault, Mirror
from tests.small_dumps import a_dump, a_page, wrap
from tests.waiting import wait_until


def test_the_sample_is_placed_and_checked(in_tmp: Path) -> None:
    download.main(["raw", "--metrics", "m.json"])
    (file,) = read_json(in_tmp / "raw/manifest.json")["files"]
    assert file["path"] == f"raw/{download.SAMPLE}"
    assert file["sha1"] == download.SAMPLE_SHA1
    assert (in_tmp / file["path"]).stat().st_size == file["bytes"] == 1_695_871


def test_a_users_own_files_are_pointed_at_in_the_order_of_their_names(in_tmp: Path, set_params: SetParams) -> None:
    (in_tmp / "b.xml-p2p3.bz2").write_bytes(bz2.compress(a_dump().encode()))
    (in_tmp / "a.xml").write_text(a_dump())
    set_params({"wiki.source": "*.xml*"})
    download.main(["raw"])
    files = read_json(in_tmp / "raw/manifest.json")["files"]
    assert [file["path"] for file in files] == ["a.xml", "b.xml-p2p3.bz2"]
    assert files[0]["sha1"] == hashlib.sha1(a_dump().encode()).hexdigest()
    assert [path.name for path in (in_tmp / "raw").iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("source", [f"data/raw/{download.SAMPLE}", "data/raw/*.bz2"])
def test_the_sample_where_the_stage_writes_is_not_a_users_own_file(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf, source: str
) -> None:
    download.main(["data/raw"])
    before = read_json(in_tmp / "data/raw/manifest.json")
    set_params({"wiki.source": source})
    error = error_of(download.main, ["data/raw"])
    told = f"wiki.source is {source!r}: the stage download replaces data/raw; keep your files in another folder"
    assert told in error
    with pytest.raises(UserError, match="the stage download replaces data/raw"):
        check_stages(load_params())
    assert read_json(in_tmp / "data/raw/manifest.json") == before
    assert (in_tmp / "data/raw" / download.SAMPLE).exists()


def test_files_of_several_wikis_are_refused(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    plain, bzip2, gzipped = (
        wrap([a_page(1, "Some prose.")], wiki=wiki).encode() for wiki in ("enwiki", "enwiki", "ltgwiki")
    )
    Path("[0].xml").write_bytes(plain)
    Path("[1].xml.bz2").write_bytes(bz2.compress(bzip2))
    Path("[2].xml.gz").write_bytes(gzip.compress(gzipped))
    set_params({"wiki.source": "*.xml*"})
    told = "[2].xml.gz: is of ltgwiki, the files before it of enwiki ([0].xml); give wiki.source the files of one wiki"
    assert error_of(download.main, ["raw"]) == f"download: error: {told}\n"
    assert not (in_tmp / "raw").exists()
    set_params({"wiki.source": "[2].xml.gz"})  # a name may look like a glob
    download.main(["raw"])


Ask = Callable[..., list[dict[str, Any]]]
DATES = {"content": "2026-07-01", "legacy": "20240101"}
PAGES = {"content": ["p1p9", "p10p99", "p100p999"], "legacy": ["1.xml-p1p9", "2.xml-p10p99", "3.xml-p100p999"]}


@pytest.fixture
def ask(mirror: Mirror, set_params: SetParams) -> Ask:
    """Run the stage on dumps of `mirror`, with changes to `wiki:`; returns the manifest's files."""

    def run(layout: str = "content", **changes: Any) -> list[dict[str, Any]]:
        settings = {"source": "dumps", "project": "enwiki", "date": DATES[layout], "layout": layout, **changes}
        set_params({f"wiki.{key}": value for key, value in {"mirror": mirror.url, **settings}.items()})
        download.main(["raw", "--metrics", "m.json"])
        files: list[dict[str, Any]] = read_json(Path("raw/manifest.json"))["files"]
        return files

    return run


def add(mirror: Mirror, layout: str, contents: list[bytes]) -> list[str]:
    """A dump of up to three files on `mirror`; returns their paths."""
    place = mirror.add_content if layout == "content" else mirror.add_legacy
    return place("enwiki", DATES[layout], dict(zip(PAGES[layout], contents, strict=False)))


def by_hand(count: int = 3) -> list[bytes]:
    """Small dumps that do not compress to nothing."""
    noise = random.Random(5)
    pages = [a_page(n, " ".join(f"{noise.getrandbits(32):x}" for _ in range(60_000))) for n in range(1, count + 1)]
    return [bz2.compress(wrap([page]).encode()) for page in pages]


@pytest.mark.parametrize("layout", DATES)
def test_four_cuts_cost_no_more_than_a_block_each(mirror: Mirror, ask: Ask, layout: str) -> None:
    noise, contents = random.Random(layout), by_hand()
    paths = add(mirror, layout, contents)
    for path in noise.choices(paths, k=4):
        cut = Fault(cut=noise.randrange(1, len(mirror.files[path]) // 4))
        mirror.faults.setdefault(path, []).append(cut)
    cuts = {path: len(faults) for path, faults in mirror.faults.items()}
    files = ask(layout)
    assert [Path(file["path"]).read_bytes() for file in files] == contents
    assert [file["sha1"] for file in files] == [hashlib.sha1(content).hexdigest() for content in contents]
    assert [file["bytes"] for file in files] == [len(content) for content in contents]
    assert [file["url"] for file in files] == [mirror.url + path for path in paths]
    assert ["sha256" in file for file in files] == [layout == "content"] * len(files)
    for path in paths:
        again = mirror.sent(path) - len(mirror.files[path])
        assert 0 <= again <= cuts.get(path, 0) * BLOCK
    assert not any(mirror.faults.values())


@pytest.mark.parametrize("layout", DATES)
def test_what_has_been_fetched_outlives_the_outputs_and_the_mirror(mirror: Mirror, ask: Ask, layout: str) -> None:
    add(mirror, layout, by_hand())
    before = ask(layout)
    shutil.rmtree("raw")  # as DVC does before each run
    mirror.files.clear()
    mirror.log.clear()
    assert ask(layout) == before
    assert ask(layout, files=2) == before[:2]
    assert not mirror.log


def test_a_run_that_was_killed_goes_on_where_it_was(mirror: Mirror, ask: Ask) -> None:
    (path,) = add(mirror, "content", by_hand(1))
    mirror.faults[path] = [Fault(status=404)]
    with pytest.raises(SystemExit):
        ask()
    mirror.faults[path] = [Fault(stall=3 * BLOCK)]
    mirror.log.clear()
    process = subprocess.Popen([sys.executable, "-m", "pipeline.download", "raw"], env=HERE)
    partial = Path(f"downloads/.{path.rpartition('/')[2]}.partial")
    wait_until(lambda: partial.exists() and partial.stat().st_size >= 3 * BLOCK)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not Path("raw").exists()
    (file,) = ask()
    assert mirror.ranges(path) == [None, f"bytes={3 * BLOCK}-"]
    assert mirror.sent(path) == len(mirror.files[path]) == file["bytes"]
    assert sorted(path.name for path in Path().iterdir()) == ["downloads", "m.json", "params.yaml", "raw"]
    assert not list(Path("downloads").glob(".*.partial"))
