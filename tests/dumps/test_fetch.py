"""Downloads from a server that misbehaves."""

import hashlib
import io
import random
import resource
import shutil
import socket
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dumps.fetch import BLOCK, RemoteFile, fetch
from pipeline.dumps.web import PATIENCE, TRIES, Web
from pipeline.run.errors import UserError
from tests.mirror import Fault, Mirror
from tests.waiting import HANG

CONTENT = random.Random(1).randbytes(5 * BLOCK + 123)
OTHER = random.Random(2).randbytes(5 * BLOCK + 123)
HALF = len(CONTENT) // 2


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files go."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "there"


def remote(mirror: Mirror, name: str = "a.bz2", content: bytes = CONTENT, size: int | None = -1) -> RemoteFile:
    """A file as a list describes it; the mirror has it unless it has another under this name."""
    mirror.files.setdefault(f"/{name}", content)
    checksum = hashlib.sha256(content).hexdigest()
    return RemoteFile(f"{mirror.url}/{name}", name, "sha256", checksum, len(content) if size == -1 else size)


def get(*files: RemoteFile, connections: int = 2) -> list[dict[str, Any]]:
    return fetch(files, Path("there"), Web("ada@example.org"), connections)


def has_failed(*files: RemoteFile) -> str:
    """The error, after which no file may stand under its own name."""
    with pytest.raises(UserError) as error:
        get(*files)
    assert "\n" not in str(error.value)
    assert not [path for path in Path("there").glob("*") if not path.name.startswith(".")]
    return str(error.value)


def has_come(there: Path, *names: str, content: bytes = CONTENT) -> None:
    assert sorted(path.name for path in there.iterdir()) == sorted(names or ["a.bz2"])
    for name in names or ["a.bz2"]:
        assert (there / name).read_bytes() == content


def test_files_come_whole_with_their_digests_in_the_order_asked_for(mirror: Mirror, there: Path) -> None:
    entries = get(*(remote(mirror, f"{name}.bz2") for name in "badc"))
    assert [entry["path"] for entry in entries] == [f"there/{name}.bz2" for name in "badc"]
    assert entries[0] == {
        "path": "there/b.bz2",
        "bytes": len(CONTENT),
        "sha1": hashlib.sha1(CONTENT).hexdigest(),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "url": f"{mirror.url}/b.bz2",
    }
    has_come(there, "a.bz2", "b.bz2", "c.bz2", "d.bz2")


@pytest.mark.parametrize("connections", [1, 2, 3])
def test_no_more_connections_than_allowed(mirror: Mirror, connections: int) -> None:
    names = [f"{number}.bz2" for number in range(6)]
    as_many = Fault(after=lambda: mirror.most_at_once >= connections, pause=0.05)  # one too many would come meanwhile
    mirror.faults = {f"/{name}": [as_many] for name in names}
    get(*(remote(mirror, name) for name in names), connections=connections)
    assert mirror.most_at_once == connections


def test_the_client_says_who_it_is(mirror: Mirror) -> None:
    get(remote(mirror))
    agent = mirror.log[0].headers["User-Agent"]
    assert agent.startswith("wikilm/")
    assert "(ada@example.org)" in agent
    assert mirror.log[0].headers["Accept-Encoding"] == "identity"


def test_one_progress_line_for_all_files(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr("pipeline.run.console.QUIET_SECONDS", 0.0)
    get(*(remote(mirror, f"{name}.bz2") for name in "ab"))
    lines = out.getvalue().splitlines()
    total = f"/{2 * len(CONTENT) / 1000:.0f}k ["
    assert any(line.startswith("download: ") and total in line and "B/s" in line for line in lines)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (404, "404 Not Found"),
        (403, "403 Forbidden; it turns away who asks too much or does not say who it is: set runtime.contact"),
    ],
)
def test_a_refusal_is_an_error_at_once_and_says_what_helps(mirror: Mirror, status: int, told: str) -> None:
    file = remote(mirror)
    mirror.faults = {"/a.bz2": [Fault(status=status)]}
    assert has_failed(file) == f"{file.url}: the server answers {told}"
    assert len(mirror.log) == 1


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `fetch` would have waited between its tries."""
    waits: list[float] = []
    monkeypatch.setattr("tenacity.sleep_using_event", lambda _: waits.append)
    return waits


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7.0), ("soon", 0.0), ("Wed, 01 Jul 2026 00:00:00 +" + "9" * 20, 0.0)]
)
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    mirror: Mirror, there: Path, waits: list[float], status: int, asked: str, wait: float
) -> None:
    mirror.faults = {"/a.bz2": [Fault(status=status, headers={"Retry-After": asked})]}
    get(remote(mirror))
    assert waits == [wait]
    has_come(there)


def test_retry_after_may_be_a_date(mirror: Mirror, there: Path, waits: list[float]) -> None:
    later = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    mirror.faults = {"/a.bz2": [Fault(status=503, headers={"Retry-After": format_datetime(later, usegmt=True)})]}
    get(remote(mirror))
    assert PATIENCE - HANG < waits[0] <= PATIENCE
    has_come(there)


def test_a_server_that_asks_for_too_long_a_wait_is_an_error(mirror: Mirror) -> None:
    mirror.faults = {"/a.bz2": [Fault(status=429, headers={"Retry-After": str(int(PATIENCE) + 1)})]}
    assert "asks to come back in 601 s" in has_failed(remote(mirror))


def test_a_server_that_stays_busy_is_an_error_in_the_end(mirror: Mirror) -> None:
    mirror.faults = {"/a.bz2": [Fault(status=503)] * 99}
    assert f"503 Service Unavailable; tried {TRIES} times" in has_failed(remote(mirror))
    assert len(mirror.log) == TRIES


def test_a_server_that_falls_silent_is_asked_again_for_the_rest(
    mirror: Mirror, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.dumps.web.TIMEOUT", (60.0, 3.0))  # the server's own pauses are far shorter
    mirror.faults = {"/a.bz2": [Fault(stall=0), Fault(stall=2 * BLOCK)]}
    get(remote(mirror))
    assert mirror.ranges("/a.bz2") == [None, None, f"bytes={2 * BLOCK}-"]
    has_come(there)


def test_a_server_that_never_speaks_is_an_error_in_the_end(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dumps.web.TIMEOUT", (60.0, 0.05))
    mirror.faults = {"/a.bz2": [Fault(stall=0)] * TRIES}
    assert f"timed out; tried {TRIES} times" in has_failed(remote(mirror))


def test_a_list_without_end_is_not_taken_in(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dumps.web.TEXT_BYTES", 1000)
    mirror.files["/SHA256SUMS"] = bytes(5000)
    with pytest.raises(UserError, match="SHA256SUMS: is longer than any list of a dump"):
        Web(None).text(f"{mirror.url}/SHA256SUMS")


ELSEWHERE = {
    "{url}/login": "it has 6 bytes, not",
    "file:///etc/hostname": "No connection adapters",
    "/a.bz2": "redirects",
    "http://[::1": "Invalid IPv6 URL",
    "https://dumps..example.org": "label empty or too long",
}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_redirect_elsewhere_leaves_nothing(mirror: Mirror, there: Path, place: str) -> None:
    file, mirror.files["/login"] = remote(mirror), b"<html>"
    mirror.faults = {"/a.bz2": [Fault(status=302, headers={"Location": place.format(url=mirror.url)})] * 99}
    assert ELSEWHERE[place] in has_failed(file)
    assert not [path for path in there.iterdir() if path.stat().st_size]


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_is_not_trusted_is_an_error_at_once(mirror: Mirror) -> None:
    subject = ("-subj", "/CN=127.0.0.1", "-keyout", "key", "-out", "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, stderr=-3)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("certificate", "key")
    mirror.socket = context.wrap_socket(mirror.socket, server_side=True)
    file = replace(remote(mirror), url=f"{mirror.url.replace('http', 'https')}/a.bz2")
    assert has_failed(file) == f"{file.url}: its certificate is not trusted: self-signed certificate"


@pytest.mark.usefixtures("mirror")
def test_no_server_is_an_error_in_the_end() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a.bz2"
        assert "Connection refused; tried" in has_failed(RemoteFile(url, "a.bz2", "sha1", "0" * 40, 5))


def test_a_cut_is_resumed_where_it_was(mirror: Mirror, there: Path) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=HALF), Fault(cut=BLOCK + 1)]}
    get(remote(mirror))
    assert mirror.ranges("/a.bz2")[0] is None
    assert mirror.sent("/a.bz2") <= len(CONTENT) + 2 * BLOCK
    has_come(there)


def test_a_later_run_resumes_with_the_validator(mirror: Mirror, there: Path) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=HALF), *[Fault(status=503)] * TRIES]}
    has_failed(remote(mirror))
    kept = (there / ".a.bz2.partial").stat().st_size
    assert HALF - BLOCK <= kept <= HALF
    mirror.log.clear()
    get(remote(mirror))
    assert mirror.log[0].headers["Range"] == f"bytes={kept}-"
    assert mirror.log[0].headers["If-Range"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert mirror.sent("/a.bz2") == len(CONTENT) - kept
    has_come(there)


@pytest.mark.parametrize("etag", [None, 'W/"{}"'])
def test_without_a_strong_etag_the_date_is_the_validator(mirror: Mirror, there: Path, etag: str | None) -> None:
    mirror.etag = etag
    mirror.faults = {"/a.bz2": [Fault(cut=HALF)]}
    get(remote(mirror))
    assert mirror.log[1].headers["If-Range"].endswith("GMT")
    has_come(there)


def test_a_cut_without_end_is_an_error_once_nothing_more_comes(mirror: Mirror, there: Path) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=BLOCK)] * 2 + [Fault(cut=0)] * 99}
    assert f"tried {2 + TRIES} times" in has_failed(remote(mirror))
    mirror.faults.clear()
    get(remote(mirror))
    has_come(there)


def test_a_server_that_ignores_range_sends_it_all_again(mirror: Mirror, there: Path) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=HALF), Fault(whole=True)]}
    get(remote(mirror))
    assert mirror.ranges("/a.bz2")[1]
    has_come(there)


def test_a_server_that_ignores_range_and_cuts_is_an_error_in_the_end(mirror: Mirror) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=HALF, whole=True)] * 99}
    assert f"tried {1 + TRIES} times" in has_failed(remote(mirror))


@pytest.mark.parametrize("obeys_if_range", [True, False])
def test_a_file_that_changed_under_us_is_fetched_from_the_start(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str], obeys_if_range: bool
) -> None:
    mirror.files["/a.bz2"] = CONTENT
    mirror.obeys_if_range = obeys_if_range
    mirror.faults = {"/a.bz2": [Fault(cut=HALF), *[Fault(status=503)] * TRIES]}
    has_failed(remote(mirror))
    mirror.files["/a.bz2"] = OTHER
    get(remote(mirror, content=OTHER))
    has_come(there, content=OTHER)
    said = capsys.readouterr().err
    assert ("sends it from the start again" if obeys_if_range else "sends another part than byte") in said
    assert "differs" not in said


@pytest.mark.parametrize("shift", [-7, 7])
def test_a_wrong_content_range_is_not_written(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str], shift: int
) -> None:
    mirror.faults = {"/a.bz2": [Fault(cut=HALF), Fault(shift=shift)]}
    get(remote(mirror))
    assert mirror.ranges("/a.bz2")[2] is None
    said = capsys.readouterr().err
    assert "sends another part than byte" in said
    assert "differs" not in said
    has_come(there)


def test_a_full_disk_is_told_before_anything_is_fetched(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2 * len(CONTENT) - 1))
    error = has_failed(remote(mirror), remote(mirror, "b.bz2"))
    needed, free = 2 * len(CONTENT), 2 * len(CONTENT) - 1
    assert error == f"there: {needed:,} bytes to download, but only {free:,} are free; make room"
    assert not mirror.log


def test_a_disk_that_fills_up_meanwhile_keeps_what_has_come(mirror: Mirror, there: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * BLOCK, limits[1]))  # a write beyond fails as on a full disk
    try:
        assert "there/.a.bz2.partial: cannot be written: File too large" in has_failed(remote(mirror))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    get(remote(mirror))
    assert mirror.ranges("/a.bz2") == [None, f"bytes={2 * BLOCK}-"]
    has_come(there)


def test_what_has_come_needs_no_more_room(mirror: Mirror, there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there.mkdir()
    (there / ".a.bz2.partial").write_bytes(CONTENT[:HALF])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=len(CONTENT) - HALF))
    get(remote(mirror))
    has_come(there)


def test_a_corrupt_file_is_fetched_again_once(mirror: Mirror, there: Path) -> None:
    mirror.faults = {"/a.bz2": [Fault(flip=True)]}
    get(remote(mirror))
    assert mirror.ranges("/a.bz2") == [None, None]
    has_come(there)


def test_a_file_that_is_corrupt_twice_is_reported(mirror: Mirror) -> None:
    mirror.faults = {"/a.bz2": [Fault(flip=True)] * 9}
    error = has_failed(remote(mirror))
    assert "differs from what is listed: its sha256 is" in error
    assert len(mirror.log) == 2


@pytest.mark.parametrize("size", [len(CONTENT) - 5, len(CONTENT) + 5])
def test_a_file_of_another_size_than_listed_is_reported(mirror: Mirror, size: int) -> None:
    error = has_failed(remote(mirror, size=size))
    assert f"differs from what is listed: it has {len(CONTENT):,} bytes, not {size:,}" in error
    assert mirror.sent("/a.bz2") <= 2 * len(CONTENT)


def test_a_file_that_does_not_end_is_reported(mirror: Mirror) -> None:
    mirror.faults = {"/a.bz2": [Fault(endless=True)] * 9}
    assert f"it has more than {len(CONTENT):,} bytes" in has_failed(remote(mirror))


def test_a_file_without_a_listed_size_is_asked_for_it(mirror: Mirror, there: Path) -> None:
    get(remote(mirror, size=None))
    assert [request.method for request in mirror.log] == ["HEAD", "GET"]
    has_come(there)


def test_what_is_there_is_not_fetched_again(mirror: Mirror, there: Path) -> None:
    before = get(remote(mirror))
    mirror.log.clear()
    assert get(remote(mirror)) == before
    assert not mirror.log


def test_what_is_there_but_differs_is_fetched_again(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there.mkdir()
    (there / "a.bz2").write_bytes(OTHER)
    get(remote(mirror))
    assert "there/a.bz2: differs from what is listed" in capsys.readouterr().err
    has_come(there)


def test_a_partial_file_that_is_whole_already_is_only_checked(mirror: Mirror, there: Path) -> None:
    there.mkdir()
    (there / ".a.bz2.partial").write_bytes(CONTENT)
    get(remote(mirror))
    assert not mirror.log
    has_come(there)


def test_a_partial_file_that_is_too_long_is_dropped(mirror: Mirror, there: Path) -> None:
    there.mkdir()
    (there / ".a.bz2.partial").write_bytes(CONTENT + b"!")
    get(remote(mirror))
    has_come(there)


def test_when_one_file_cannot_be_had_the_others_stop_and_keep_what_has_come(mirror: Mirror, there: Path) -> None:
    busy = Fault(status=503, headers={"Retry-After": str(int(PATIENCE))})
    mirror.faults = {f"/{name}.bz2": [busy] for name in "cdefgh"}
    mirror.faults["/a.bz2"] = [Fault(cut=HALF), busy]
    mirror.faults["/b.bz2"] = [Fault(status=404, after=lambda: len(mirror.ranges("/a.bz2")) == 2)]
    with pytest.raises(UserError, match=r"b\.bz2: the server answers 404"):
        get(*(remote(mirror, f"{name}.bz2") for name in "abcdefgh"))
    assert all(len(mirror.ranges(f"/{name}.bz2")) <= 1 for name in "cdefg")  # nobody waited to ask again
    assert (there / ".a.bz2.partial").stat().st_size >= HALF - BLOCK
    assert not mirror.ranges("/h.bz2")


@given(st.text() | st.text("./\\\0a1-_~ ", max_size=8))
def test_a_name_from_the_network_stays_in_the_folder(name: str) -> None:
    folder = Path("there").absolute()
    try:
        RemoteFile("http://mirror/list", name, "sha1", "0" * 40)
    except UserError as error:
        assert "is not a safe file name" in str(error)  # noqa: PT017
        return
    path = folder / name
    assert path.parent == folder
    assert path.resolve() == path
    assert path.name == name
    assert not name.startswith(".")


@pytest.mark.parametrize(
    "name",
    ["../a.bz2", "a/../../b", "/a", "a/b", "a\\b", "C:a", "..", ".a", "a..b", "a\0b", "a\n", "", "a b", "a" * 300, "é"],
)
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=r"http://mirror/list: .* is not a safe file name"):
        RemoteFile("http://mirror/list", name, "sha1", "0" * 40)


def test_a_name_of_a_dump_is_safe() -> None:
    for name in ("enwiki-2026-07-01-p1p41242.xml.bz2", "be_x_oldwiki-20240101-pages-articles-multistream.xml.bz2"):
        RemoteFile("http://mirror/list", name, "sha1", "0" * 40)
