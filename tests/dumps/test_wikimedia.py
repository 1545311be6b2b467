"""What a mirror lists, in both layouts."""

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipeline.dumps.web import Web
from pipeline.dumps.wikimedia import LAYOUTS, Dumps, LegacyDumps, read_index
from pipeline.run.errors import UserError
from tests.conftest import ErrorOf, SetParams
from tests.mirror import Fault, Mirror
from wikilm.__main__ import main

PARTS = {f"p{first}p{last}": b"x" * first for first, last in ((10, 99), (1, 1), (100, 2000), (2, 9))}
MULTISTREAM = {
    "1.xml-p1p9": b"1",
    "10.xml-p100p999": b"10",
    "2.xml-p10p99": b"2",
    "-index1.txt-p1p9": b"i",
    "-index2.txt-p10p99": b"i",
}


def dumps(mirror: Mirror, layout: str, project: str = "ltgwiki") -> Dumps:
    return LAYOUTS[layout](Web(None), mirror.url, project)


def names(mirror: Mirror, layout: str, day: str) -> list[str]:
    return [file.name.removeprefix("ltgwiki-") for file in dumps(mirror, layout).pinned(day)]


def test_content_files_come_in_the_order_of_their_pages(mirror: Mirror) -> None:
    mirror.add_content("ltgwiki", "2026-07-01", PARTS | {"p11r1r5": b"", "p11r12r40": b"", "p11r6r11": b""})
    assert names(mirror, "content", "2026-07-01") == [
        f"2026-07-01-{pages}.xml.bz2"
        for pages in ("p1p1", "p2p9", "p10p99", "p11r1r5", "p11r6r11", "p11r12r40", "p100p2000")
    ]


def test_a_content_file_is_described_by_the_list_and_the_index(mirror: Mirror) -> None:
    (path,) = mirror.add_content("ltgwiki", "2026-07-01", {"p1p9": b"abc"})
    (file,) = dumps(mirror, "content").pinned("2026-07-01")
    assert (file.url, file.bytes, file.algorithm) == (mirror.url + path, 3, "sha256")
    assert file.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    mirror.faults[path.rpartition("/")[0] + "/"] = [Fault(status=403)]
    assert dumps(mirror, "content").pinned("2026-07-01")[0].bytes is None


def test_legacy_files_come_in_order_without_the_indexes(mirror: Mirror) -> None:
    mirror.add_legacy("ltgwiki", "20240101", MULTISTREAM)
    assert names(mirror, "legacy", "2024-01-01") == [
        f"20240101-pages-articles-multistream{end}.bz2" for end in ("1.xml-p1p9", "2.xml-p10p99", "10.xml-p100p999")
    ]


def test_a_legacy_file_is_described_by_dumpstatus_on_a_mirror_with_a_folder_for_dumps(mirror: Mirror) -> None:
    path, _ = mirror.add_legacy("ltgwiki", "20240101", {".xml": b"abc", "-index.txt": b""})
    mirror.files = {f"/pub/wikimedia{path}": content for path, content in mirror.files.items()}
    (file,) = LAYOUTS["legacy"](Web(None), f"{mirror.url}/pub/wikimedia/", "ltgwiki").pinned("2024-01-01")
    assert (file.url, file.bytes, file.algorithm) == (f"{mirror.url}/pub/wikimedia{path}", 3, "sha1")
    assert file.checksum == "a9993e364706816aba3e25717850c26c9cd0d89d"


def test_a_job_that_is_not_done_is_an_error_that_says_so(mirror: Mirror) -> None:
    mirror.add_legacy("ltgwiki", "20240101", {".xml": b"abc"}, status="in-progress")
    with pytest.raises(UserError, match="articlesmultistreamdump is in-progress, not done"):
        dumps(mirror, "legacy").pinned("2024-01-01")


def several(mirror: Mirror, layout: str) -> None:
    """Two complete dumps and one that is not."""
    if layout == "content":
        for day, complete in (("2026-08-01", True), ("2026-07-01", True), ("2026-09-01", False)):
            mirror.add_content("ltgwiki", day, {"p1p9": b"abc", "p10p20": b"de"}, complete=complete)
    else:
        for day, status in (("20260801", "done"), ("20260701", "done"), ("20260901", "in-progress")):
            mirror.add_legacy("ltgwiki", day, {"1.xml-p1p9": b"abc", "2.xml-p10p20": b"de"}, status=status)
        mirror.files["/ltgwiki/latest/ltgwiki-latest-pages-articles.xml.bz2"] = b"abc"
        mirror.files["/ltgwiki/20260601/ltgwiki-20260601-pages-articles.xml.bz2"] = b"abc"  # before dumpstatus.json


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("day", ["2026-06-01", "2026-09-01"])
def test_a_date_that_is_not_there_is_refused_with_those_that_are(mirror: Mirror, layout: str, day: str) -> None:
    several(mirror, layout)
    with pytest.raises(UserError) as error:
        dumps(mirror, layout).pinned(day)
    assert str(error.value).startswith(f"params.yaml: wiki.date is {day!r}: ")
    assert str(error.value).endswith("; available for ltgwiki: 2026-07-01, 2026-08-01")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wiki_that_is_not_there(mirror: Mirror, layout: str) -> None:
    with pytest.raises(UserError, match=r"nowiki/: the server answers 404 Not Found; check wiki\.project"):
        dumps(mirror, layout, "nowiki").pinned("2026-07-01")


def test_a_listed_name_that_would_leave_the_folder_is_refused(mirror: Mirror) -> None:
    name = "../evil.xml.bz2"
    mirror.add_content("ltgwiki", "2026-07-01", {"p1p9": b"abc"})
    (sums,) = (path for path in mirror.files if path.endswith("SHA256SUMS"))
    mirror.files[sums] += f"{'0' * 64}  {name}\n".encode()
    mirror.add_legacy("ltgwiki", "20260701", {".xml": b"abc"})
    status = json.loads(mirror.files["/ltgwiki/20260701/dumpstatus.json"])
    status["jobs"]["articlesmultistreamdump"]["files"][name] = {"size": 1, "sha1": "0" * 40}
    mirror.files["/ltgwiki/20260701/dumpstatus.json"] = json.dumps(status).encode()
    for layout in LAYOUTS:
        with pytest.raises(UserError, match="is not a safe file name"):
            dumps(mirror, layout).pinned("2026-07-01")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>Please log in</html>", "has a line that is not a SHA-256 and a file name"),
        (f"{'0' * 64} a.xml.bz2", "has a line that is not a SHA-256 and a file name"),
        ("", "names no dump file of ltgwiki"),
    ],
)
def test_a_list_that_is_none(mirror: Mirror, text: str, message: str) -> None:
    mirror.files["/other/mediawiki_content_current/ltgwiki/2026-07-01/xml/bzip2/SHA256SUMS"] = text.encode()
    with pytest.raises(UserError, match=f"SHA256SUMS: {message}"):
        dumps(mirror, "content").pinned("2026-07-01")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("<html>", "Invalid JSON"),
        ("{}", "jobs Field required"),
        ('{"jobs": {"@": {"status": "done", "files": {"a": {"size": 1}}}}}', "a.sha1 Field required"),
        ('{"jobs": {"@": {"status": "done", "files": {"a": {"size": -1, "sha1": "00"}}}}}', "a.size Input"),
        ('{"jobs": {"@": {"status": "done"}}}', "names no dump file of ltgwiki"),
    ],
)
def test_a_status_that_is_none(mirror: Mirror, status: str, message: str) -> None:
    mirror.files["/ltgwiki/20240101/dumpstatus.json"] = status.replace("@", LegacyDumps.JOB).encode()
    with pytest.raises(UserError) as error:
        dumps(mirror, "legacy").pinned("2024-01-01")
    assert str(error.value).startswith(f"{mirror.url}/ltgwiki/20240101/dumpstatus.json: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_indexes_of_nginx_and_apache_are_read() -> None:
    nginx = (
        '<pre><a href="../">../</a>\n<a href="2026-07-01/">2026-07-01/</a>      02-Jul-2026 10:11       -\n'
        '<a href="a%2Bb-p1p9.xml.bz2">a+b-p1p9.xml..&gt;</a>   02-Jul-2026 10:11    44014056\n</pre>'
    )
    assert read_index(nginx) == {"..": None, "2026-07-01": None, "a+b-p1p9.xml.bz2": 44014056}
    apache = (
        '<table><tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><td><img alt="[DIR]"></td><td>'
        '<A HREF="/dumps/ltgwiki/20240101/">20240101/</a></td><td align="right">2024-01-02 10:11</td><td> - </td></tr>'
        '<tr><td><a href="b.bz2">b.bz2</a></td><td align="right">2024-01-02 10:11</td><td align="right"> 42M</td></tr>'
    )
    assert read_index(apache) == {"?C=N;O=D": None, "20240101": None, "b.bz2": None}
    assert read_index("not <a html") == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wikilm_dumps_lists_dates_files_and_bytes(
    mirror: Mirror, layout: str, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    several(mirror, layout)
    set_params({"wiki.mirror": mirror.url, "wiki.layout": layout})
    main(["dumps", "ltgwiki"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        [day, "2", "file(s)", "5", "bytes"] for day in ("2026-07-01", "2026-08-01")
    ]
    set_params({"wiki.mirror": "http://127.0.0.1:1"})
    main(["dumps", "ltgwiki", "--mirror", mirror.url, "--layout", layout, "--json"])
    first, _ = json.loads(capsys.readouterr().out)
    assert first == {"date": "2026-07-01", "files": 2, "bytes": 5}


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ftp://mirror", "mirror is 'ftp://mirror'; it must be an address"),
        ("http://", "it must be an address"),
        ("http:///a", "no host"),
    ],
)
def test_an_address_that_is_none_is_one_line(in_tmp: Path, error_of: ErrorOf, address: str, message: str) -> None:
    error = error_of(main, ["dumps", "ltgwiki", "--mirror", address])
    assert error.startswith("wikilm: error: ")
    assert message.lower() in error.lower()
    assert error.count("\n") == 1


def test_wikilm_dumps_offline_is_one_line_at_once(
    in_tmp: Path, error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: Any, **__: Any) -> NoReturn:
        raise OSError(-3, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.create_connection", connect)
    error = error_of(main, ["dumps", "ltgwiki"])
    assert error.endswith("; are you online?\n")


def test_wikilm_dumps_of_a_wiki_without_any(mirror: Mirror, in_tmp: Path, error_of: ErrorOf) -> None:
    mirror.add_content("ltgwiki", "2026-07-01", {"p1p9": b"abc"}, complete=False)
    for options in ([], ["--json"]):
        error = error_of(main, ["dumps", "ltgwiki", "--mirror", mirror.url, *options])
        assert "ltgwiki/: no complete dump there" in error
