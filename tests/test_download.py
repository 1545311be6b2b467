import bz2
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import download
from pipeline.run.files import read_json
from tests.dumps import a_dump


def test_the_sample_is_placed_and_checked(in_tmp: Path) -> None:
    download.main(["raw", "--metrics", "m.json"])
    (file,) = read_json(in_tmp / "raw/manifest.json")["files"]
    assert file["path"] == f"raw/{download.SAMPLE}"
    assert file["sha1"] == download.SAMPLE_SHA1
    assert (in_tmp / file["path"]).stat().st_size == file["bytes"] == 1_695_871


def test_a_users_own_files_are_pointed_at_in_the_order_of_their_names(
    in_tmp: Path, set_params: Callable[..., None]
) -> None:
    (in_tmp / "b.xml-p2p3.bz2").write_bytes(bz2.compress(a_dump().encode()))
    (in_tmp / "a.xml").write_text(a_dump())
    set_params({"wiki.source": "*.xml*"})
    download.main(["raw"])
    files = read_json(in_tmp / "raw/manifest.json")["files"]
    assert [file["path"] for file in files] == ["a.xml", "b.xml-p2p3.bz2"]
    assert files[0]["sha1"] == hashlib.sha1(a_dump().encode()).hexdigest()
    assert [path.name for path in (in_tmp / "raw").iterdir()] == ["manifest.json"]


def test_a_name_may_look_like_a_glob(in_tmp: Path, set_params: Callable[..., None]) -> None:
    (in_tmp / "dump[1].xml").write_text(a_dump())
    set_params({"wiki.source": "dump[1].xml"})
    download.main(["raw"])
    assert read_json(in_tmp / "raw/manifest.json")["files"][0]["path"] == "dump[1].xml"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (".", "wiki.source is '.': is a folder"),
        ("nowhere/*.bz2", "wiki.source is 'nowhere/*.bz2': no such file"),
        ("dumps", "comes in a later release"),
    ],
)
def test_a_source_that_cannot_be_had(
    in_tmp: Path, set_params: Callable[..., None], capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    set_params({"wiki.source": source})
    with pytest.raises(SystemExit) as exit_:
        download.main(["raw"])
    assert exit_.value.code == 1
    assert message in capsys.readouterr().err
    assert [path.name for path in in_tmp.iterdir()] == ["params.yaml"]
