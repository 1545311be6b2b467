"""Downloads from a server that misbehaves."""

import base64
import hashlib
import random
import shutil
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.dumps.fetch import RemoteFile, fetch
from pipeline.dumps.web import PATIENCE, RECEIVED, TRIES, PassingError, Web
from pipeline.records.text import File
from pipeline.run.errors import UserError
from tests.mirror import Fault, Mirror
from tests.run.test_outputs import limited_files
from tests.waiting import HANG

CONTENT = random.Random(1).randbytes(5 * RECEIVED + 123)
HALF = len(CONTENT) // 2
BUSY = Fault(status=503)


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files go."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "there"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `fetch` would have waited between its tries."""
    waits: list[float] = []
    event = type("Event", (threading.Event,), {"wait": lambda _, seconds: waits.append(seconds)})
    monkeypatch.setattr("pipeline.dumps.fetch.Event", event)
    return waits


def remote(mirror: Mirror, name: str = "a.bz2", size: int | None = -1) -> RemoteFile:
    """A file as a list describes it; the mirror has it unless it has another under this name."""
    mirror.files.setdefault(f"/{name}", CONTENT)
    checksum = hashlib.sha256(CONTENT).hexdigest()
    return RemoteFile(f"{mirror.url}/{name}", name, "sha256", checksum, len(CONTENT) if size == -1 else size)


def get(*files: RemoteFile, connections: int = 2) -> list[File]:
    return fetch(files, Path("there"), Web("ada@example.org"), connections)


def has_failed(*files: RemoteFile) -> str:
    """The error, after which no file may stand under its own name."""
    with pytest.raises(UserError) as error:
        get(*files)
    assert not [path for path in Path("there").glob("*") if not path.name.startswith(".")]
    return str(error.value)


def has_come(there: Path, *names: str) -> None:
    assert sorted(path.name for path in there.iterdir()) == sorted(names or ["a.bz2"])
    for name in names or ["a.bz2"]:
        assert (there / name).read_bytes() == CONTENT


def test_files_come_whole_with_their_digests_in_the_order_asked_for(mirror: Mirror, there: Path) -> None:
    entries = get(*(remote(mirror, f"{name}.bz2") for name in "badc"))
    assert [entry.path for entry in entries] == [f"there/{name}.bz2" for name in "badc"]
    digests = {name: hashlib.new(name, CONTENT).hexdigest() for name in ("sha1", "sha256")}
    assert entries[0] == File(path="there/b.bz2", bytes=len(CONTENT), url=f"{mirror.url}/b.bz2", **digests)
    has_come(there, "a.bz2", "b.bz2", "c.bz2", "d.bz2")
    assert "(ada@example.org)" in mirror.log[0].headers["User-Agent"]
    assert mirror.log[0].headers["Accept-Encoding"] == "identity"


def test_no_more_connections_than_allowed(mirror: Mirror) -> None:
    as_many = Fault(after=lambda: mirror.most_at_once >= 3, pause=0.05)  # one too many would come meanwhile
    mirror.faults = {f"/{name}.bz2": [as_many] for name in range(6)}
    get(*(remote(mirror, f"{name}.bz2") for name in range(6)), connections=3)
    assert mirror.most_at_once == 3


@pytest.mark.parametrize(
    ("faults", "ranges"),
    [
        ([Fault(cut=HALF), Fault(cut=RECEIVED + 1)], [False, True, True]),
        ([Fault(cut=HALF), Fault(whole=True)], [False, True]),  # a server without ranges sends all again
        ([Fault(cut=HALF), Fault(shift=7)], [False, True, False]),  # another part than the one asked for
        ([Fault(flip=True)], [False, False]),
    ],
)
def test_a_fault_that_passes_costs_another_try(
    mirror: Mirror, there: Path, waits: list[float], faults: list[Fault], ranges: list[bool]
) -> None:
    mirror.faults = {"/a.bz2": faults}
    get(remote(mirror))
    assert [asked is not None for asked in mirror.ranges("/a.bz2")] == ranges
    has_come(there)


@pytest.mark.parametrize(
    ("faults", "told", "tries"),
    [
        ([Fault(status=404)], "the server answers 404 Not Found", 1),
        ([Fault(status=403)], "or does not say who it is: set runtime.contact", 1),
        ([Fault(status=429, headers={"Retry-After": "601"})], "asks to come back in 601 s", 1),
        ([BUSY] * 99, f"503 Service Unavailable; tried {TRIES} times", TRIES),
        ([Fault(stall=0)] * TRIES, f"timed out; tried {TRIES} times", TRIES),
        ([Fault(cut=RECEIVED)] * 2 + [Fault(cut=0)] * 99, f"tried {2 + TRIES} times", 2 + TRIES),
        ([Fault(cut=HALF, whole=True)] * 99, f"tried {1 + TRIES} times", 1 + TRIES),
        ([Fault(flip=True)] * 9, "differs from what is listed: its sha256 is", 2),
        ([Fault(endless=True)] * 9, f"it has more than {len(CONTENT):,} bytes", 2),
    ],
)
def test_a_fault_that_stays_is_an_error(
    mirror: Mirror, waits: list[float], monkeypatch: pytest.MonkeyPatch, faults: list[Fault], told: str, tries: int
) -> None:
    monkeypatch.setattr("pipeline.dumps.web.TIMEOUT", (60.0, 0.5))
    mirror.faults = {"/a.bz2": faults}
    file = remote(mirror)
    assert told in has_failed(file)
    assert len(mirror.log) == tries
    mirror.faults.clear()
    get(file)
    has_come(Path("there"))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(drip=0.02), "sends less than 1,000 bytes a second"),
        (Fault(slow_headers=0.05), "its headers take longer than 0.2 s"),
    ],
    ids=["its body", "its headers"],
)
def test_a_server_that_drips_is_given_up_and_asked_again_as_often_as_others(
    mirror: Mirror, there: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch, fault: Fault, told: str
) -> None:
    monkeypatch.setattr("pipeline.dumps.web.RATE_SECONDS", 0.2)
    mirror.faults = {"/a.bz2": [fault] * 99}
    assert f"/a.bz2: {told}; tried {TRIES} times" in has_failed(remote(mirror))
    assert len(waits) == TRIES - 1
    mirror.faults = {"/a.bz2": [fault] * (TRIES - 1)}
    get(remote(mirror))
    has_come(there)


def test_a_proxy_that_drips_is_given_up(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dumps.web.RATE_SECONDS", 0.2)
    monkeypatch.setenv("http_proxy", mirror.url)
    mirror.files[url := "http://dumps.example.org/a"] = CONTENT
    mirror.faults = {url: [Fault(slow_headers=0.5)]}  # 8 s in all
    start = time.monotonic()
    with pytest.raises(PassingError, match="its headers take longer"), Web(None).ask("GET", url):
        pass
    assert time.monotonic() - start < 5


def test_a_user_and_password_are_taken_from_netrc(
    mirror: Mirror, there: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    entry = get(remote(mirror))[0]
    assert mirror.log[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ada:s3cret").decode()
    assert "s3cret" not in str(entry)


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7.0), ("soon", 0.0), ("Wed, 01 Jul 2026 00:00:00 +" + "9" * 20, 0.0), (None, PATIENCE)]
)
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    mirror: Mirror, there: Path, waits: list[float], asked: str | None, wait: float
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=PATIENCE), usegmt=True)
    mirror.faults = {"/a.bz2": [Fault(status=429, headers={"Retry-After": asked or later})]}
    get(remote(mirror))
    assert max(0, wait - HANG) <= waits[0] <= wait
    has_come(there)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("{url}/login", "it has 6 bytes, not"),
        ("file:///etc/hostname", "No connection adapters"),
        ("/a.bz2", "redirects"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("https://dumps..example.org", "label empty or too long"),
    ],
)
def test_a_redirect_elsewhere_leaves_nothing(mirror: Mirror, there: Path, place: str, told: str) -> None:
    file, mirror.files["/login"] = remote(mirror), b"<html>"
    mirror.faults = {"/a.bz2": [Fault(status=302, headers={"Location": place.format(url=mirror.url)})] * 99}
    assert told in has_failed(file)
    assert not any(path.stat().st_size for path in there.iterdir())


@pytest.mark.parametrize(
    ("partial", "ranges"),
    [(bytes(HALF), [f"bytes={HALF}-", None]), (CONTENT, []), (CONTENT + b"!", [None])],
    ids=["of another file", "whole", "too long"],
)
def test_what_an_earlier_run_left_is_checked(
    mirror: Mirror, there: Path, partial: bytes, ranges: list[str | None]
) -> None:
    there.mkdir()
    (there / ".a.bz2.partial").write_bytes(partial)
    get(remote(mirror))
    assert mirror.ranges("/a.bz2") == ranges
    has_come(there)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_is_not_trusted_is_an_error_at_once(mirror: Mirror) -> None:
    subject = ("-subj", "/CN=127.0.0.1", "-keyout", "key", "-out", "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, stderr=-3)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("certificate", "key")
    mirror.socket = context.wrap_socket(mirror.socket, server_side=True)
    file = replace(remote(mirror), url=f"{mirror.url.replace('http', 'https')}/a.bz2")
    assert has_failed(file) == f"{file.url}: its certificate is not trusted: self-signed certificate"


def test_a_size_that_is_wrong_or_not_listed(mirror: Mirror, there: Path) -> None:
    for size in (len(CONTENT) - 5, len(CONTENT) + 5):
        told = f"differs from what is listed: it has {len(CONTENT):,} bytes, not {size:,}"
        assert told in has_failed(remote(mirror, size=size))
    mirror.log.clear()
    get(remote(mirror, size=None))
    assert [request.method for request in mirror.log] == ["HEAD", "GET"]
    has_come(there)


def test_a_full_disk_is_told_before_anything_is_fetched(
    mirror: Mirror, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2 * len(CONTENT) - 1))
    files = remote(mirror), remote(mirror, "b.bz2")
    assert has_failed(*files).startswith(f"there: {2 * len(CONTENT):,} bytes to download, but only ")
    assert not mirror.log
    (there / ".a.bz2.partial").write_bytes(CONTENT[:HALF])  # needs no more room
    get(*files)
    has_come(there, "a.bz2", "b.bz2")


def test_a_disk_that_fills_up_meanwhile_keeps_what_has_come(mirror: Mirror, there: Path) -> None:
    with limited_files(2 * RECEIVED):
        assert "there/.a.bz2.partial: cannot be written: File too large" in has_failed(remote(mirror))
    get(remote(mirror))
    assert mirror.ranges("/a.bz2") == [None, f"bytes={2 * RECEIVED}-"]
    has_come(there)


def test_what_is_there_is_fetched_again_only_if_it_differs(
    mirror: Mirror, there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = get(remote(mirror))
    mirror.log.clear()
    assert get(remote(mirror)) == before
    assert not mirror.log
    (there / "a.bz2").write_bytes(b"other")
    assert get(remote(mirror)) == before
    assert "there/a.bz2: differs from what is listed" in capsys.readouterr().err
    has_come(there)


def test_when_one_file_cannot_be_had_the_others_stop_and_keep_what_has_come(mirror: Mirror, there: Path) -> None:
    busy = Fault(status=503, headers={"Retry-After": str(int(PATIENCE))})
    mirror.faults = {f"/{name}.bz2": [busy] for name in "cdefgh"}
    mirror.faults["/a.bz2"] = [Fault(cut=HALF), busy]
    mirror.faults["/b.bz2"] = [Fault(status=404, after=lambda: len(mirror.ranges("/a.bz2")) == 2)]
    with pytest.raises(UserError, match=r"b\.bz2: the server answers 404"):
        get(*(remote(mirror, f"{name}.bz2") for name in "abcdefgh"))
    assert all(len(mirror.ranges(f"/{name}.bz2")) <= 1 for name in "cdefg")  # nobody waited to ask again
    assert (there / ".a.bz2.partial").stat().st_size >= HALF - RECEIVED
    assert not mirror.ranges("/h.bz2")


def test_a_name_that_could_leave_the_folder_is_refused() -> None:
    for name in ("../a.bz2", "/a", "a\\b", "C:a", "..", ".a", "a..b", "a\0b", "a\n", "", "a b", "a" * 300, "é"):
        with pytest.raises(UserError, match=r"http://mirror/list: .* is not a safe file name"):
            RemoteFile("http://mirror/list", name, "sha1", "0" * 40)
