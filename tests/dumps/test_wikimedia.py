"""What a mirror lists, in both layouts."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest

from pipeline.dumps.web import Web
from pipeline.dumps.wikimedia import LAYOUTS, Dumps, LegacyDumps, read_index
from pipeline.run.errors import UserError
from tests.conftest import ErrorOf, SetParams
from tests.mirror import Fault, Mirror
from wikilm.__main__ import main


def dumps(mirror: Mirror, layout: str, project: str = "ltgwiki") -> Dumps:
    return LAYOUTS[layout](Web(None), mirror.url, project)


def test_content_files_come_in_the_order_of_their_pages_as_described(mirror: Mirror) -> None:
    shuffled = ("p10p99", "p1p1", "p100p2000", "p11r1r5", "p11r12r40", "p11r6r11")
    paths = mirror.add_content("ltgwiki", "2026-07-01", dict.fromkeys(shuffled, b"abc"))
    files = dumps(mirror, "content").pinned("2026-07-01")
    in_order = [paths[n] for n in (1, 0, 3, 5, 4, 2)]
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert [(file.url, file.bytes, file.algorithm, file.checksum) for file in files] == [
        (mirror.url + path, 3, "sha256", digest) for path in in_order
    ]
    mirror.faults[paths[0].rpartition("/")[0] + "/"] = [Fault(status=403)]
    assert dumps(mirror, "content").pinned("2026-07-01")[0].bytes is None


def test_legacy_files_come_in_order_as_described_on_a_mirror_with_a_folder_for_dumps(mirror: Mirror) -> None:
    parts = ("1.xml-p1p9", "10.xml-p100p999", "2.xml-p10p99", "-index1.txt-p1p9")
    paths = mirror.add_legacy("ltgwiki", "20240101", dict.fromkeys(parts, b"abc"))
    mirror.files = {f"/pub/wikimedia{path}": content for path, content in mirror.files.items()}
    files = LAYOUTS["legacy"](Web(None), f"{mirror.url}/pub/wikimedia/", "ltgwiki").pinned("2024-01-01")
    assert [(file.url, file.bytes, file.algorithm, file.checksum) for file in files] == [
        (f"{mirror.url}/pub/wikimedia{paths[n]}", 3, "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d")
        for n in (0, 2, 1)
    ]


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


SUMS = "/other/mediawiki_content_current/ltgwiki/2026-06-01/xml/bzip2/SHA256SUMS"
STATUS = "/ltgwiki/20260601/dumpstatus.json"


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        (SUMS, "<html>Please log in</html>", "has a line that is not a SHA-256 and a file name"),
        (SUMS, "", "names no dump file of ltgwiki"),
        (STATUS, "<html>", "is not the status of a dump: .*Invalid JSON"),
        (STATUS, "{}", "is not the status of a dump: jobs Field required"),
        (STATUS, '{"jobs": {"@": {"status": "done", "files": {"a": {"size": 1}}}}}', "is not the .*a.sha1 Field"),
        (STATUS, '{"jobs": {"@": {"status": "done"}}}', "names no dump file of ltgwiki"),
    ],
)
def test_a_list_that_is_none(mirror: Mirror, path: str, text: str, message: str) -> None:
    mirror.files[path] = text.replace("@", LegacyDumps.JOB).encode()
    with pytest.raises(UserError, match=f"^{mirror.url}{path}: {message}"):
        dumps(mirror, "content" if path == SUMS else "legacy").pinned("2026-06-01")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wiki_that_is_not_there(mirror: Mirror, layout: str) -> None:
    with pytest.raises(UserError, match=r"nowiki/: the server answers 404 Not Found; check wiki\.project"):
        dumps(mirror, layout, "nowiki").pinned("2026-07-01")


def test_the_indexes_of_nginx_and_apache_are_read() -> None:
    nginx = (
        '<pre><a href="../">../</a>\n<a href="2026-07-01/">2026-07-01/</a>      02-Jul-2026 10:11       -\n'
        '<a href="a%2Bb-p1p9.xml.bz2">a+b-p1p9.xml..&gt;</a>   02-Jul-2026 10:11    44014056\n</pre>'
    )
    assert read_index(nginx) == {"..": None, "2026-07-01": None, "a+b-p1p9.xml.bz2": 44014056}
    assert read_index("not <a html") == {}
    apache = (
        '<table><tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><td><img alt="[DIR]"></td><td>'
        '<A HREF="/dumps/ltgwiki/20240101/">20240101/</a></td><td align="right">2024-01-02 10:11</td><td> - </td></tr>'
        '<tr><td><a href="b.bz2">b.bz2</a></td><td align="right">2024-01-02 10:11</td><td align="right"> 42M</td></tr>'
    )
    assert read_index(apache) == {"?C=N;O=D": None, "20240101": None, "b.bz2": None}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wikilm_dumps_lists_dates_files_and_bytes(
    mirror: Mirror, layout: str, set_params: SetParams, capsys: pytest.CaptureFixture[str]
) -> None:
    several(mirror, layout)
    set_params({"wiki.mirror": mirror.url, "wiki.layout": layout})
    main(["dumps", "ltgwiki"])
    first, second = capsys.readouterr().out.splitlines()
    assert (first.split()[:4], second.split()[0]) == (["2026-07-01", "2", "file(s)", "5"], "2026-08-01")
    set_params({"wiki.mirror": "http://127.0.0.1:1"})
    main(["dumps", "ltgwiki", "--mirror", mirror.url, "--layout", layout, "--json"])
    first, _ = json.loads(capsys.readouterr().out)
    assert first == {"date": "2026-07-01", "files": 2, "bytes": 5}


def test_without_a_dump_the_command_ends_in_one_line(mirror: Mirror, in_tmp: Path, error_of: ErrorOf) -> None:
    mirror.add_content("ltgwiki", "2026-07-01", {"p1p9": b"abc"}, complete=False)
    for address, message in (
        ("ftp://mirror", "mirror is 'ftp://mirror'; it must be an address"),
        ("http:///a", "no host"),
        ("http://localhost:99999", "cannot be reached (Port out of range"),
        (mirror.url, "ltgwiki/: no complete dump there"),
    ):
        error = error_of(main, ["dumps", "ltgwiki", "--mirror", address, "--json"])
        assert message.lower() in error.lower()
        assert error.count("\n") == 1


def test_wikilm_dumps_offline_ends_at_once(in_tmp: Path, error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = OSError(-3, "Temporary failure in name resolution")
    monkeypatch.setattr("socket.create_connection", Mock(side_effect=unreachable))
    assert error_of(main, ["dumps", "ltgwiki"]).endswith("; are you online?\n")
