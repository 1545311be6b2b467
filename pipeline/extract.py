"""Stage: dumps and other texts to prose, with one Parquet row for each article."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pipeline.dumps.definitions import Definitions
from pipeline.dumps.dump import Page, Piece, pages
from pipeline.dumps.manifest import listed_pieces, read_manifest
from pipeline.dumps.prose.numbered import prose_articles
from pipeline.dumps.prose.plain import BadLine, ProseArticle
from pipeline.languages.language import DEFAULT
from pipeline.records.text import ArticlesAccount, Manifest, TemplatesAccount, WikiRecord
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_directory, workers_folder
from pipeline.run.runtime import Runtime
from pipeline.run.workers import ALONE, map_in_order
from pipeline.settings.checked import checked_params
from pipeline.settings.params import Params
from pipeline.settings.text_sections import Extract
from pipeline.wikitext import Prose, Site, strip_page
from pipeline.wikitext.pages import is_disambiguation, redirect_target
from pipeline.wikitext.site import base_code
from pipeline.wikitext.templates.reading import How
from pipeline.words.layout import shard_path, stats_path
from pipeline.words.shards import write_articles

MOST_TEMPLATES = 20  # names of templates in the account
NAMED = 1000  # bad lines in the account
PREFIX = "piece-{0.number:05}"  # of the shards of a piece, until the number of earlier shards is known


@stage
def main(raw: Path, templates: Path, articles: Path) -> Metrics:
    """Read the files that RAW's manifest names and write their prose to ARTICLES as Parquet shards.

    The markup of dumps is stripped; the TEMPLATES that they define are shown.
    """
    params, manifest = checked_params("extract"), read_manifest(raw, verify=True)
    with whole_directory(articles) as directory:
        if manifest.kind == "dump":
            about, account = extract_dumps(manifest, templates, directory, params)
        else:
            about, account = extract_prose(manifest, directory)
        if not account.kept:
            told = "; ".join([str(account), *account.bad_lines[:1]])
            raise UserError(f"{', '.join(file.path for file in manifest.files)}: no article in it: {told}")
    account.of(about).write(stats_path(articles))  # not among the shards, which others read as one
    say(f"extract: {account}")
    for first in account.bad_lines[:1]:
        say(f"extract: {account.dropped['bad_line']:,} bad line(s) left out; {first}; see {stats_path(articles)}")
    figures = {"pages": account.pages, "articles": account.kept, "characters": account.characters}
    return {**figures, "shards": account.shards}


class PageRules(NamedTuple):
    """The rules for all pages of a dump."""

    params: Extract
    definitions: Definitions
    disambiguation: frozenset[str]  # the names of the templates that mark such pages


@dataclass
class Account:
    """The account of the pages that were read, and how many characters and shards were written."""

    pages: int = 0
    kept: int = 0
    characters: int = 0
    shards: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    bad_lines: list[str] = field(default_factory=list)  # the place and the reason of each, up to the limit
    failed: list[tuple[int, str, str]] = field(default_factory=list)  # id, title and error of pages that were lost
    templates: Counter[tuple[How, str]] = field(default_factory=Counter)  # in prose, by how they were read and by name

    def add(self, other: "Account") -> None:
        """Add the counts of `other`, and its pages that were lost."""
        for name in ("pages", "kept", "characters", "shards", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.dropped.update(other.dropped)
        self.templates.update(other.templates)  # `+=` goes through all that was counted before

    def keeps(self, text: str, split: str | None = None) -> bool:
        """Count an article's prose; return whether there is any, or need not be in a `split` that a corpus has."""
        if not (text or split):
            self.dropped["too_short"] += 1
            return False
        self.kept += 1
        self.characters += len(text)
        return True

    def of(self, wiki: WikiRecord) -> ArticlesAccount:
        """Return the record of the account; the same on every run that loses no page.

        Of the templates in prose it has their numbers by how they were read, and the names that were dropped most.
        """
        by_how = {how.value: sum(n for (h, _), n in self.templates.items() if h is how) for how in How}
        unread = [(name, count) for (how, name), count in self.templates.items() if how is How.DROPPED]
        most = sorted(unread, key=lambda item: (-item[1], item[0]))[:MOST_TEMPLATES]
        return ArticlesAccount(
            **wiki.model_dump(),
            pages=self.pages,
            kept=self.kept,
            dropped=dict(sorted(self.dropped.items())),
            bad_lines=self.bad_lines,
            failed=[page for page, _, _ in self.failed],
            characters=self.characters,
            templates=TemplatesAccount(met=self.templates.total(), **by_how, most_dropped=dict(most)),
        )

    def __str__(self) -> str:
        dropped = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in sorted(self.dropped.items()))
        return f"{self.pages:,} pages: {self.kept:,} articles kept; dropped: {dropped or 'none'}"


def extract_prose(manifest: Manifest, directory: Path) -> tuple[WikiRecord, Account]:
    """Write the articles of plain prose into `directory`; return a description of their source, and their account.

    One shard is in memory at a time, and all its articles are in one split.
    """
    account, splits = Account(), list[str | None]()
    for split, some in groupby(kept_prose(manifest, account), key=lambda article: article.split):
        account.shards += write_articles((article[:3] for article in some), directory, first=account.shards)
        splits += [split] * (account.shards - len(splits))
    language = base_code(manifest.language or DEFAULT)
    return WikiRecord(wiki="own text", language=language, splits=splits if manifest.kind == "lines" else None), account


def kept_prose(manifest: Manifest, account: Account) -> Iterator[ProseArticle]:
    """Yield the articles that have prose, or all if the corpus has its own splits; count all."""
    for article in progress("extract", None, "article", prose_articles(manifest)):
        account.pages += 1
        if isinstance(article, BadLine):
            account.dropped["bad_line"] += 1
            if len(account.bad_lines) < NAMED:
                account.bad_lines.append(str(article))
        elif account.keeps(article.text, article.split):
            yield article


def extract_dumps(manifest: Manifest, templates: Path, directory: Path, params: Params) -> tuple[WikiRecord, Account]:
    """Write the articles of dumps into `directory`, in their order; return a description of their source, and account.

    Each piece has shards of its own, which get their numbers here.
    """
    pieces, total = listed_pieces(manifest), Account()
    site = pieces[0].site
    definitions = Definitions(templates, site.language)
    rules = PageRules(params.extract, definitions, definitions.disambiguation_names())
    size = sum(piece.end - piece.start for piece in pieces)
    with workers_folder(directory) as folder, progress("extract", size, "B") as bar:
        for piece, account in extracted(pieces, folder, rules, params.runtime):
            for page, title, error in account.failed:
                say(f"extract: warning: page {page} ({title}) is lost: {error}")
            for shard in range(account.shards):
                shard_path(folder, shard, PREFIX.format(piece)).replace(shard_path(directory, total.shards + shard))
            total.add(account)
            bar.update(piece.end - piece.start)
    return WikiRecord(wiki=site.name, language=site.language), total


def extracted(pieces: list[Piece], folder: Path, rules: PageRules, runtime: Runtime) -> Iterator[tuple[Piece, Account]]:
    """Yield each piece, in order, when its shards are in `folder`, with the account of its pages."""
    for is_part, some in groupby(pieces, key=lambda piece: bool(piece.head)):
        # A file that cannot be split is read here, and the workers strip its pages.
        outer, inner = (runtime, ALONE) if is_part else (ALONE, runtime)
        work = partial(extract_piece, directory=folder, rules=rules, runtime=inner)
        yield from map_in_order(work, list(some), outer)


def extract_piece(piece: Piece, *, directory: Path, rules: PageRules, runtime: Runtime) -> Account:
    """Write the articles of one piece into `directory`; the workers of `runtime` strip its pages."""
    account = Account()
    outcomes = map_in_order(partial(strip, site=piece.site, rules=rules), to_strip(piece, rules, account), runtime)
    account.shards = write_articles(keep(outcomes, account), directory, PREFIX.format(piece))
    return account


def to_strip(piece: Piece, rules: PageRules, account: Account) -> Iterator[Page]:
    """Yield the pages of a piece that are articles; count all."""
    for page in pages(piece):
        account.pages += 1
        reason = reason_to_drop(page)
        if not reason and rules.params.disambiguation == "drop" and is_disambiguation(page.text, rules.disambiguation):
            reason = "disambiguation"
        if reason:
            account.dropped[reason] += 1
        else:
            yield page


def reason_to_drop(page: Page) -> str | None:
    """Return why a page is not an article; None if it is one."""
    if page.namespace != 0:
        return "other_namespace"
    if page.redirect is not None or (page.model == "wikitext" and redirect_target(page.text) is not None):
        return "redirect"
    if page.model != "wikitext":
        return "not_wikitext"
    return None


def strip(page: Page, *, site: Site, rules: PageRules) -> Prose | str:
    """Return a page's prose; an error, which is returned as text, loses this page alone, unless it is a `UserError`."""
    try:
        return strip_page(page.text, site, lists=rules.params.lists, title=page.title, lookup=rules.definitions)
    except UserError:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def keep(outcomes: Iterable[tuple[Page, Prose | str]], account: Account) -> Iterator[tuple[int, str, str]]:
    """Yield (page id, title, text) of the articles that have prose; count all, and the errors that lost some."""
    for page, prose in outcomes:
        if isinstance(prose, str):
            account.failed.append((page.id, page.title, prose))
            account.dropped["failed"] += 1
            continue
        account.templates.update(prose.templates)
        if account.keeps(prose.text):
            yield page.id, page.title, prose.text


if __name__ == "__main__":
    main()
