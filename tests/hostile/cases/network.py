"""Servers and addresses of others; tests/dumps/test_fetch.py has servers that drip or never end."""

from pathlib import Path

from tests.conftest import change_params
from tests.hostile.case import Case, Make
from tests.hostile.limits import SECRET

DOWNLOAD = "pipeline.download data/raw"
ADDRESS = "it must be an address such as https://example.org, with its user and password in ~/.netrc"


def mirror(address: str) -> Make:
    """Return what names a server for dumps."""
    wiki = {"source": "dumps", "project": "simplewiki", "date": "2026-07-01", "mirror": address}

    def make(folder: Path) -> None:
        change_params(folder / "params.yaml", {f"wiki.{key}": value for key, value in wiki.items()})

    return make


CASES = [
    Case(f"an address with a password, {kind}", mirror(address), command, (ADDRESS,))
    for kind, address, command in (
        ("checked", f"http://ada:{SECRET}@127.0.0.1:9/", "wikilm check"),
        ("asked", f"http://ada:{SECRET}@127.0.0.1:9/", DOWNLOAD),
        ("with a slash in it", f"http://ada:x/{SECRET}@127.0.0.1:9/", DOWNLOAD),
        ("as a user", f"http://{SECRET}@127.0.0.1:9/", DOWNLOAD),
        ("with an escape", f"http://\x1b[31m{SECRET}@127.0.0.1:9/", DOWNLOAD),
        ("with no host", f"http://ada:{SECRET}@", DOWNLOAD),
    )
]
