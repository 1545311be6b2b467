"""Asking a web server politely: who asks, which answers are worth another try, and how long to wait before it."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from importlib.metadata import version
from threading import Timer
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import TooManyRedirects
from urllib3 import HTTPConnectionPool, HTTPResponse, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidHeader

from pipeline.run.console import say
from pipeline.run.doors import MOST_LISTED, check_length
from pipeline.run.errors import UserError

TIMEOUT = (10.0, 30.0)  # seconds until a connection stands, and between two pieces of an answer
TRIES = 6  # in a row that bring nothing
SLOWEST = 1000  # bytes a second, on average over RATE_SECONDS
RATE_SECONDS = 120.0  # seconds
RECEIVED = 1 << 16  # bytes at most in a piece; the most that a cut can lose
PATIENCE = 600.0  # the longest wait, in seconds, that a server may ask for
POLICY = Retry(TRIES - 1, backoff_factor=1, backoff_max=60, backoff_jitter=1)
PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that go away by themselves
Returned = TypeVar("Returned")


class PassingError(UserError):
    """An error that another try may avoid, at least `wait` seconds from now."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class SlowError(PassingError):
    """The server sends so slowly that what it sent is no reason to go on for long."""


class NotFoundError(UserError):
    """The server has no such dump or file, or not yet."""


def persist(
    work: Callable[[], Returned], sleep: Callable[[float], object] = time.sleep, reached: Callable[[], int] = lambda: 0
) -> Returned:
    """Return what `work` returns; call it again on `PassingError`, each time later, and say so.

    Raises `UserError` after `TRIES` calls in a row after which `reached()` is no more than before.
    """
    tries, farthest, policy = 0, reached(), POLICY
    while True:
        try:
            return work()
        except PassingError as error:
            tries += 1
            if (now := reached()) > farthest and not isinstance(error, SlowError):
                farthest, policy = now, POLICY
            elif not policy.total:
                raise UserError(f"{error}; tried {tries} times; run it again later") from None
            else:
                policy = policy.increment(error=error)
            seconds = max(error.wait, policy.get_backoff_time())
            say(f"{error}; trying again in {seconds:.0f} s")
            sleep(seconds)


class Web:
    """A client that says who it is, as Wikimedia's policy on user agents asks.

    `contact` is an e-mail or web address of whoever runs it.
    """

    def __init__(self, contact: str | None) -> None:
        name = f"wikilm/{version('wikilm')} ({contact or 'no contact given'}) {requests.utils.default_user_agent()}"
        # Not compressed on the way: a dump is so already, and a range would be one of the compressed bytes.
        self.headers = {"User-Agent": name, "Accept-Encoding": "identity"}

    @contextmanager
    def ask(self, method: str, url: str, **headers: str) -> Iterator[requests.Response]:
        """Yield the answer, whose body is not read yet; raises an error above, or `UserError` if it is unusable.

        An error in the block, while the body is read, becomes a `PassingError`, too. Every call has its own connection,
        since a session of requests is not made for several threads.
        """
        try:
            headers |= self.headers
            with requests.Session() as session:
                session.mount("http://", _InTime())
                session.mount("https://", _InTime())
                with session.request(method, url, headers=headers, stream=True, timeout=TIMEOUT) as response:
                    _check(response)
                    yield response
        except (ValueError, TooManyRedirects) as error:  # urllib3 and urllib raise other ValueErrors than requests
            raise UserError(f"{url}: {error}") from None
        except (requests.RequestException, HTTPError) as error:
            cause: BaseException = error
            while cause.__context__:  # requests and urllib3 wrap it in several layers that name themselves
                cause = cause.__context__
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise UserError(f"{url}: its certificate is not trusted: {cause.verify_message}") from None
            raise PassingError(f"{url}: {str(cause) or type(cause).__name__}") from None

    def text(self, url: str) -> str:
        """Return the whole answer as text; tries several times; raises `UserError` if it is larger than any list."""
        return persist(lambda: self._body(url)).decode("utf-8", errors="replace")

    def length(self, url: str) -> int:
        """Return the number of bytes of a file, by its headers; tries several times."""
        length = persist(lambda: self._headers(url)).get("Content-Length", "")
        if not is_length(length):
            raise UserError(f"{url}: the server does not say how long it is; use another mirror")
        return int(length)

    def _headers(self, url: str) -> Mapping[str, str]:
        with self.ask("HEAD", url) as response:
            return response.headers

    def _body(self, url: str) -> bytearray:
        body = bytearray()
        with self.ask("GET", url) as response:
            for block in pieces(response):
                body += block
                check_length(len(body), url, MOST_LISTED)
        return body


class _Headers(HTTPConnection):
    """A connection that is closed where the headers of an answer take longer than `RATE_SECONDS`."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        end, shut = time.monotonic() + RATE_SECONDS, Timer(RATE_SECONDS, _shut, (self.sock,))
        shut.start()
        try:
            response = super().getresponse()
        except (HTTPException, OSError):
            if time.monotonic() < end:
                raise
        finally:
            shut.cancel()
        if time.monotonic() < end:
            return response
        raise TimeoutError(f"its headers take longer than {RATE_SECONDS:g} s")


class _SafeHeaders(_Headers, HTTPSConnection):
    """The same, encrypted."""


class _InTime(HTTPAdapter):
    """Connections of these kinds, through a proxy, too."""

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*arguments, **named)
        pool.ConnectionCls = _SafeHeaders if pool.scheme == "https" else _Headers
        return pool


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it was closed meanwhile
        connection.shutdown(socket.SHUT_RDWR)


def pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield the body of an answer in pieces; raises `SlowError` if a server sends less than `SLOWEST`."""
    start, received = time.monotonic(), 0
    while piece := response.raw.read1(RECEIVED):
        yield piece
        received += len(piece)
        if (now := time.monotonic()) > start + RATE_SECONDS:
            if received < SLOWEST * RATE_SECONDS:
                raise SlowError(f"{response.url}: sends less than {SLOWEST:,} bytes a second")
            start, received = now, 0


def _check(response: requests.Response) -> None:
    status = response.status_code
    # A range that cannot be had is for the caller, who asked for it.
    if status in (200, 206, 416):
        return
    problem = f"{response.url}: the server answers {status} {response.reason}"
    if status == 404:
        raise NotFoundError(problem)
    if status in PASSING:
        wait = _retry_after(response.headers.get("Retry-After", ""))
        if wait > PATIENCE:
            raise UserError(f"{problem} and asks to come back in {wait:,.0f} s; run it again then")
        raise PassingError(problem, wait)
    hint = "; it turns away who asks too much or does not say who it is: set runtime.contact" if status == 403 else ""
    raise UserError(problem + hint)


def is_length(header: str) -> bool:
    """Return whether a header gives a possible number of bytes."""
    return header.isdecimal() and len(header) < 18


def _retry_after(value: str) -> float:
    """Return the seconds that the header Retry-After asks for; 0 where it is missing or makes no sense."""
    with suppress(InvalidHeader, ValueError, OverflowError):
        return POLICY.parse_retry_after(value)
    return 0.0
