"""Asking a web server politely: who asks, which answers are worth another try, and how long to wait before it."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import NoReturn

import requests
import tenacity
from requests.exceptions import TooManyRedirects

from pipeline.run.console import say
from pipeline.run.errors import UserError

TIMEOUT = (10.0, 30.0)  # seconds until a connection stands, and between two pieces of an answer
TRIES = 6  # in a row that bring nothing
PATIENCE = 600.0  # the longest wait, in seconds, that a server may ask for
BACKOFF: tenacity.wait.wait_base = tenacity.wait_random_exponential(multiplier=1, max=60)
UNUSABLE = (ValueError, TooManyRedirects)  # addresses; urllib3 and urllib raise other ValueErrors than requests
PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that go away by themselves


class PassingError(UserError):
    """An error that another try may avoid, at least `wait` seconds from now."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class NotFoundError(UserError):
    """The server has nothing at this address."""


def retrying(
    stop: tenacity.stop.StopBaseT | None = None, sleep: Callable[[float], None] = tenacity.nap.sleep
) -> tenacity.Retrying:
    """Calls a function again on `PassingError`, each time later, and says so; ends in a `UserError`."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(PassingError),
        wait=lambda state: max(_problem(state).wait, BACKOFF(state)),
        stop=stop or tenacity.stop_after_attempt(TRIES),
        sleep=sleep,
        before_sleep=lambda state: say(f"{_problem(state)}; trying again in {state.upcoming_sleep:.0f} s"),
        retry_error_callback=_give_up,
    )


def _problem(state: tenacity.RetryCallState) -> PassingError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, PassingError)
    return error


def _give_up(state: tenacity.RetryCallState) -> NoReturn:
    raise UserError(f"{_problem(state)}; tried {state.attempt_number} times; run it again later")


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
            with requests.request(method, url, headers=headers, stream=True, timeout=TIMEOUT) as response:
                _check(response)
                yield response
        except UNUSABLE as error:
            raise UserError(f"{url}: {error}") from None
        except requests.RequestException as error:
            cause = _innermost(error)
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise UserError(f"{url}: its certificate is not trusted: {cause.verify_message}") from None
            raise PassingError(f"{url}: {str(cause) or type(cause).__name__}") from None

    @retrying().wraps
    def text(self, url: str) -> str:
        """Return the whole answer as text; tries several times."""
        with self.ask("GET", url) as response:
            return response.content.decode("utf-8", errors="replace")

    @retrying().wraps
    def length(self, url: str) -> int:
        """Return the number of bytes of a file, by its headers."""
        with self.ask("HEAD", url) as response:
            length = response.headers.get("Content-Length", "")
        if not is_length(length):
            raise UserError(f"{url}: the server does not say how long it is; use another mirror")
        return int(length)


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
    """Return the seconds that the header Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3)."""
    if is_length(value):
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _innermost(error: BaseException) -> BaseException:
    """Return the first cause of an error: requests and urllib3 wrap it in several layers that name themselves."""
    while error.__context__:
        error = error.__context__
    return error
