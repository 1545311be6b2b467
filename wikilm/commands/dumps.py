"""List the dumps of a wiki that can be downloaded."""

import argparse
import socket
from typing import get_args
from urllib.parse import urlsplit

from pipeline.run.errors import UserError
from pipeline.settings.params import load_params
from pipeline.settings.text_sections import Wiki
from wikilm.commands.answer import Answer, table
from wikilm.given import check_settings

SECONDS = 2.0  # in which a server must answer
PORTS = {"http": 80, "https": 443}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", metavar="WIKI", help="enwiki, simplewiki, ltgwiki ...")
    parser.add_argument("--mirror", metavar="URL", help="the address of the server (default: wiki.mirror)")
    layouts = get_args(Wiki.model_fields["layout"].annotation)
    parser.add_argument("--layout", choices=layouts, help="how the server names its files (default: wiki.layout)")


def check_reachable(url: str) -> None:
    """Raise `UserError` if a server accepts no connection within `SECONDS`; requests would try for minutes."""
    from requests.utils import get_environ_proxies

    try:
        address = urlsplit(url)
        if not address.hostname or get_environ_proxies(url):
            return  # requests says what is wrong with such an address, or with a proxy
        socket.create_connection((address.hostname, address.port or PORTS[address.scheme]), SECONDS).close()
    except (OSError, ValueError) as error:  # a name may be unknown or malformed
        raise UserError(f"{url}: cannot be reached ({error}); are you online?") from None


def dumps(arguments: argparse.Namespace) -> Answer:
    """Return the date of each complete dump of a wiki, the number of its files and, where known, their bytes."""
    from pipeline.dumps.web import Web
    from pipeline.dumps.wikimedia import LAYOUTS

    params = load_params()
    given = {key: vars(arguments)[key] for key in ("project", "mirror", "layout") if vars(arguments)[key] is not None}
    wiki = check_settings(Wiki, {**params.wiki.model_dump(), **given})
    server = LAYOUTS[wiki.layout](Web(params.runtime.contact), wiki.mirror, wiki.project)
    check_reachable(server.home)
    found = []
    for day, files in server.available().items():
        sizes = [file.bytes for file in files if file.bytes is not None]
        total = sum(sizes) if len(sizes) == len(files) else None
        found.append({"date": str(day), "files": len(files), "bytes": total})
    if not found:
        raise UserError(f"{server.home}: no complete dump there")
    rows = [
        (str(dump["date"]), f"{dump['files']} file(s)", "" if dump["bytes"] is None else f"{dump['bytes']:,} bytes")
        for dump in found
    ]
    return Answer(found, table(rows, "<>>"))
