import bz2
import gzip
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline import download
from pipeline.dumps.web import RECEIVED
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json
from pipeline.settings.checked import check_stages
from pipeline.settings.params import load_params
from tests.conftest import HERE, ErrorOf, SetParams
from tests.mirror import Fault, Mirror
from tests.small_dumps import a_page, wrap
from tests.waiting import wait_until


def test_the_sample_where_the_stage_writes_is_not_a_users_own_file(
    in_tmp: Path, set_params: SetParams, error_of: ErrorOf
) -> None:
    download.main(["data/raw"])
    for source in (f"data/raw/{download.SAMPLE}", "data/raw/*.bz2"):
        set_params({"wiki.source": source})
        told = f"wiki.source is {source!r}: the stage download replaces data/raw; keep your files in another folder"
        assert told in error_of(download.main, ["data/raw"])
        with pytest.raises(UserError, match="the stage download replaces data/raw"):
            check_stages(load_params())
    assert (in_tmp / "data/raw" / download.SAMPLE).exists()


def test_files_of_several_wikis_are_refused(in_tmp: Path, set_params: SetParams, error_of: ErrorOf) -> None:
    packs: list[tuple[Callable[[bytes], bytes], str]]
    packs = [(bytes, "enwiki"), (bz2.compress, "enwiki"), (gzip.compress, "ltgwiki")]
    for name, (pack, wiki) in zip(("[0].xml", "[1].xml.bz2", "[2].xml.gz"), packs, strict=True):
        Path(name).write_bytes(pack(wrap([a_page(1, "Some prose.")], wiki=wiki).encode()))
    for source in ("*.xml*", "?[02]*"):
        set_params({"wiki.source": source})
        assert "[2].xml.gz: is of ltgwiki, the files before it of enwiki ([0].xml)" in error_of(download.main, ["raw"])
    assert not (in_tmp / "raw").exists()
    set_params({"wiki.source": "[2].xml.gz"})  # a name may look like a glob
    download.main(["raw"])
    described = {"path": "[2].xml.gz", "bytes": Path("[2].xml.gz").stat().st_size}
    described["sha1"] = hashlib.sha1(Path("[2].xml.gz").read_bytes()).hexdigest()
    assert read_json(Path("raw/manifest.json"))["files"] == [described]
    assert [path.name for path in (in_tmp / "raw").iterdir()] == ["manifest.json"]


def test_a_glob_leaves_out_the_lists_of_pages_next_to_a_dump(in_tmp: Path, set_params: SetParams) -> None:
    dump, pages = (Path(f"xwiki-pages-articles-multistream{rest}") for rest in (".xml.bz2", "-index.txt.bz2"))
    dump.write_bytes(bz2.compress(wrap([a_page(1, "Some prose.")]).encode()))
    pages.write_bytes(bz2.compress(b"616:1:Page 1\n"))
    set_params({"wiki.source": "xwiki-*"})
    download.main(["raw"])
    assert [file["path"] for file in read_json(Path("raw/manifest.json"))["files"]] == [str(dump)]


Ask = Callable[..., list[dict[str, Any]]]
DATES = {"content": "2026-07-01", "legacy": "20240101"}


def add(mirror: Mirror, layout: str, contents: list[bytes]) -> list[str]:
    """A dump of some files on `mirror`; returns their paths."""
    place, start = (mirror.add_content, "") if layout == "content" else (mirror.add_legacy, "1.xml-")
    return place("enwiki", DATES[layout], {f"{start}p{n}p{n}": content for n, content in enumerate(contents, 1)})


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


@pytest.mark.parametrize("layout", DATES)
def test_what_has_been_fetched_outlives_the_outputs_and_the_mirror(mirror: Mirror, ask: Ask, layout: str) -> None:
    contents = [bz2.compress(wrap([a_page(n, "Some prose.")]).encode()) for n in (1, 2, 3)]
    paths = add(mirror, layout, contents)
    before = ask(layout)
    assert [Path(file["path"]).read_bytes() for file in before] == contents
    assert [file["url"] for file in before] == [mirror.url + path for path in paths]
    assert ["sha256" in file for file in before] == [layout == "content"] * 3
    shutil.rmtree("raw")  # as DVC does before each run
    mirror.files.clear()
    mirror.log.clear()
    assert ask(layout) == before
    assert ask(layout, files=2) == before[:2]
    assert not mirror.log


def test_a_run_that_was_killed_goes_on_where_it_was(mirror: Mirror, ask: Ask) -> None:
    noise = Random(5).randbytes(5 * RECEIVED).hex()
    (path,) = add(mirror, "content", [bz2.compress(wrap([a_page(1, noise)]).encode())])
    mirror.faults[path] = [Fault(status=404)]
    with pytest.raises(SystemExit):
        ask()
    mirror.faults[path] = [Fault(stall=3 * RECEIVED)]
    mirror.log.clear()
    process = subprocess.Popen([sys.executable, "-m", "pipeline.download", "raw"], env=HERE)
    partial = Path(f"downloads/.{path.rpartition('/')[2]}.partial")
    wait_until(lambda: partial.exists() and partial.stat().st_size >= 3 * RECEIVED)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not Path("raw").exists()
    (file,) = ask()
    assert mirror.ranges(path) == [None, f"bytes={3 * RECEIVED}-"]
    assert mirror.sent(path) == len(mirror.files[path]) == file["bytes"]
    assert sorted(path.name for path in Path().iterdir()) == ["downloads", "m.json", "params.yaml", "raw"]
    assert not list(Path("downloads").glob(".*.partial"))
