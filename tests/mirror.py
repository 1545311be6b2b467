"""A web server on loopback that serves dumps like Wikimedia's, with faults on request."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.waiting import HANG, wait_until

PIECE = 1 << 14


@dataclass
class Fault:
    """The fault of one answer; by default none."""

    status: int = 0  # this one, with an empty body
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None  # close the connection after so many bytes
    stall: int | None = None  # send no more after so many bytes
    whole: bool = False  # take no notice of Range
    shift: int = 0  # send a range that starts so many bytes later
    flip: bool = False  # change the last byte
    endless: bool = False  # do not say how long it is, and send more
    after: Callable[[], object] = lambda: True  # no answer until this holds
    pause: float = 0.0  # seconds before the answer
    drip: float = 0.0  # seconds after each byte
    slow_headers: float = 0.0  # seconds after each byte of the headers


@dataclass
class Request:
    """A line of the server's log."""

    method: str
    path: str
    headers: Mapping[str, str]
    sent: int = 0


class Mirror(ThreadingHTTPServer):
    """Serves `files`, by path; the next answers for a path go wrong as its `faults` say."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.log: list[Request] = []
        self.released = threading.Event()  # ends what stalls
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Do nothing: the tests disconnect clients."""

    def sent(self, path: str) -> int:
        """The bytes of `path` that were sent in all."""
        return sum(request.sent for request in self.log if request.path == path)

    def ranges(self, path: str) -> list[str | None]:
        """The ranges that the requests for `path` asked for."""
        return [request.headers.get("Range") for request in self.log if (request.method, request.path) == ("GET", path)]

    def add_content(self, wiki: str, date: str, files: Mapping[str, bytes], *, complete: bool = True) -> list[str]:
        """A dump in the layout of 2026, its files by the page ranges in their names; returns the files' paths."""
        folder = f"/other/mediawiki_content_current/{wiki}/{date}/xml/bzip2/"
        named = {f"{wiki}-{date}-{pages}.xml.bz2": content for pages, content in files.items()}
        self.files |= {folder + name: content for name, content in named.items()}
        if complete:
            lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in named.items()]
            self.files[folder + "SHA256SUMS"] = "".join(lines).encode()
        return [folder + name for name in named]

    def add_legacy(self, wiki: str, date: str, files: Mapping[str, bytes], *, status: str = "done") -> list[str]:
        """A dump in the layout before, its files by the ends of their names; returns the files' paths."""
        folder = f"/{wiki}/{date}/"
        prefix = f"{wiki}-{date}-pages-articles-multistream"
        named = {f"{prefix}{end}.bz2": content for end, content in files.items()}
        described = {
            name: {"size": len(content), "url": folder + name, "sha1": hashlib.sha1(content).hexdigest()}
            for name, content in named.items()
        }
        jobs = {
            "articlesmultistreamdump": {"status": status, "updated": "2024-01-02 03:04:05", "files": described},
            "pagetable": {"status": "waiting", "updated": ""},
            "metahistorybz2dump": {"status": "in-progress", "files": {f"{wiki}-{date}-pages-meta-history.xml.bz2": {}}},
        }
        self.files |= {folder + name: content for name, content in named.items()}
        self.files[folder + "dumpstatus.json"] = json.dumps({"jobs": jobs, "version": "0.8"}).encode()
        return [folder + name for name in named]

    def index(self, folder: str) -> bytes | None:
        """The list of a folder as nginx writes it; None if there is no such folder."""
        names = {path.removeprefix(folder).split("/")[0] for path in self.files if path.startswith(folder)}
        if not names:
            return None
        lines = ['<html><body><h1>Index</h1><hr><pre><a href="../">../</a>\n']
        for name in sorted(names):
            content = self.files.get(folder + name)
            shown, amount = (f"{name}/", "-") if content is None else (name, str(len(content)))
            lines.append(f'<a href="{shown}">{shown[:47]}</a>   01-Jul-2026 08:15   {amount}\r\n')
        return "".join([*lines, "</pre><hr></body></html>"]).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Mirror
    at_once = 0

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.at_once = 1
        with self.server.lock:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            self.answer(body=True)
        except OSError:
            self.close_connection = True  # the client has gone
        finally:
            self.finish()

    def finish(self) -> None:
        """Count the request at hand as over, once: before its last byte is sent, as far as the client can see."""
        with self.server.lock:
            self.server.at_once -= self.at_once
        self.at_once = 0

    def answer(self, *, body: bool) -> None:
        server = self.server
        request = Request(self.command, self.path, dict(self.headers))
        with server.lock:
            server.log.append(request)
            queue = server.faults.get(self.path, [])
            fault = queue.pop(0) if queue and body else Fault()
        wait_until(fault.after)
        time.sleep(fault.pause)
        content = server.files.get(self.path)
        if content is None and self.path.endswith("/"):
            content = server.index(self.path)
        if fault.status or content is None:
            self.send(fault.status or 404, {"Content-Length": "0", **fault.headers})
            return
        headers = dict(fault.headers)
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and not fault.whole:
            start = int(asked[1]) + fault.shift
            if start >= len(content):
                self.send(416, {"Content-Length": "0", "Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if fault.flip:
            content = content[:-1] + bytes([content[-1] ^ 1])
        if fault.endless:
            headers["Connection"] = "close"
            content *= 2
        else:
            headers["Content-Length"] = str(len(content) - start)
        self.send(206 if "Content-Range" in headers else 200, headers, fault.slow_headers)
        if body:
            self.pour(memoryview(content)[start:], fault, request)
        if fault.endless:
            self.close_connection = True

    def send(self, status: int, headers: Mapping[str, str], seconds: float = 0.0) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" * bool(seconds):
            self.wfile.write(bytes([byte]))
            time.sleep(seconds)
        if not seconds:
            self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def pour(self, content: memoryview, fault: Fault, request: Request) -> None:
        limits = [limit for limit in (fault.cut, fault.stall) if limit is not None]
        end = min([len(content), *limits])
        size = 1 if fault.drip else PIECE
        for at in range(0, end, size):
            piece = content[at : min(at + size, end)]
            if at + size >= len(content):
                self.finish()
            request.sent += len(piece)  # before the client can have it and look
            self.wfile.write(piece)
            time.sleep(fault.drip)
        if fault.stall is not None:
            self.server.released.wait(HANG)
        if limits:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Into `Mirror.log` alone."""


@contextmanager
def serving() -> Iterator[Mirror]:
    """A mirror with nothing on it, until the block ends."""
    with Mirror() as mirror:
        thread = threading.Thread(target=mirror.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield mirror
        finally:
            mirror.released.set()
            mirror.shutdown()
            thread.join()
