"""Stage: dumps to prose, one Parquet row an article."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.corpus.articles import shard_path, write_articles
from pipeline.corpus.dump import Page, Piece, pages, split
from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.files import read_json, whole_directory, write_json
from pipeline.run.params import Extract, Runtime, load_params
from pipeline.run.workers import Lost, try_in_order
from pipeline.wikitext import Prose, Site, strip_page

PIECE_SECONDS = 120  # what a piece takes at most, on a slow machine, when no page of it runs away

Outcomes = Iterator[tuple[Page, Prose | Lost]]


@stage
def main(raw: Path, articles: Path) -> Metrics:
    """Read the dumps that RAW's manifest names, strip their markup and write ARTICLES as Parquet shards."""
    params = load_params()
    files = read_json(raw / "manifest.json")["files"]
    jobs = [Job(number, piece) for number, piece in enumerate(split_files(files))]
    site = jobs[0].piece.site
    with whole_directory(articles) as directory:
        with ThreadPoolExecutor(1) as hashing:  # this process only waits for the others
            unchanged = hashing.submit(check_digests, files)
            account = extract(jobs, directory, params.extract, params.runtime)
            unchanged.result()
        if not account.kept:
            raise UserError(f"{', '.join(file['path'] for file in files)}: no article in it: {account}")
        stats = {"wiki": site.name, "language": site.language, **account.stats()}
        write_json(directory / "stats.json", stats)
    say(f"extract: {account}")
    return {
        "pages": account.pages,
        "articles": account.kept,
        "fell_back": len(account.fell_back),
        "characters": account.characters,
        "shards": account.shards,
    }


class Job(NamedTuple):
    """A piece of a dump, and its number among the pieces of all dumps."""

    number: int
    piece: Piece

    @property
    def prefix(self) -> str:
        """Of the names of its shards, until the number of shards before them is known."""
        return f"piece-{self.number:05}"


@dataclass
class Account:
    """What became of the pages that were read, and how many characters and shards were written."""

    pages: int = 0
    kept: int = 0
    characters: int = 0
    shards: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    fell_back: list[int] = field(default_factory=list)  # ids of pages that went to the parser
    lost: list[tuple[int, str, Lost]] = field(default_factory=list)  # id, title and why

    def add(self, other: "Account") -> None:
        """Count in what `other` counted."""
        self.pages += other.pages
        self.kept += other.kept
        self.characters += other.characters
        self.shards += other.shards
        self.dropped += other.dropped
        self.fell_back += other.fell_back
        self.lost += other.lost

    def stats(self) -> dict[str, Any]:
        """The account as JSON: the same on every run that loses no page."""
        lost = {
            reason: [page for page, _, why in self.lost if why.reason == reason]
            for reason in ("timed_out", "worker_died", "failed")
        }
        dropped = dict(sorted(self.dropped.items()))
        counts = {"in": self.pages, "kept": self.kept, "dropped": dropped, "fell_back": self.fell_back}
        return {**counts, **lost, "characters": self.characters}

    def __str__(self) -> str:
        dropped = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in sorted(self.dropped.items()))
        fell_back = f"; {len(self.fell_back):,} fell back to the parser" if self.fell_back else ""
        return f"{self.pages:,} pages: {self.kept:,} articles kept; dropped: {dropped or 'none'}{fell_back}"


def split_files(files: list[dict[str, Any]]) -> list[Piece]:
    """The pieces of all the dumps that a manifest lists, in order."""
    pieces: list[Piece] = []
    for file in files:
        path = Path(file["path"])
        if path.exists() and path.stat().st_size != file["bytes"]:
            raise changed(file)
        pieces += split(path)
    return pieces


def check_digests(files: list[dict[str, Any]]) -> None:
    """Raise `UserError` where a file is no longer the one that the manifest lists."""
    for entry in files:
        with Path(entry["path"]).open("rb") as file:
            if hashlib.file_digest(file, "sha1").hexdigest() != entry["sha1"]:
                raise changed(entry)


def changed(file: dict[str, Any]) -> UserError:
    """What to say of a file that is no longer the one that the manifest lists."""
    return UserError(f"{file['path']}: changed since it was listed; run `dvc repro -f download`")


def extract(jobs: list[Job], directory: Path, params: Extract, runtime: Runtime) -> Account:
    """Write the articles of all pieces into `directory` as shards, in the order of the dumps."""
    total = Account()
    work = partial(extract_piece, directory=directory, params=params)
    limit = PIECE_SECONDS + params.page_seconds
    with progress("extract", sum(piece.end - piece.start for _, piece in jobs), "B") as bar:
        for job, account in try_in_order(work, jobs, runtime, seconds=limit):
            if isinstance(account, Lost):
                say(f"extract: {job.piece.path}: page by page behind byte {job.piece.start:,}, since {account.error}")
                account = work(job, isolated=runtime.model_copy(update={"scheduler": "local", "workers": 1}))
            for page, title, why in account.lost:
                say(f"extract: warning: page {page} ({title}) is lost: {why.error}")
            for shard in range(account.shards):
                shard_path(directory, shard, job.prefix).replace(shard_path(directory, total.shards + shard))
            total.add(account)
            bar.update(job.piece.end - job.piece.start)
    for leftover in directory.glob("*piece-*"):  # of a worker that died
        leftover.unlink()
    return total


def extract_piece(job: Job, *, directory: Path, params: Extract, isolated: Runtime | None = None) -> Account:
    """Write the articles of one piece into `directory`; `isolated` pages cost only themselves what they do wrong."""
    account = Account()
    articles = sort_out(pages(job.piece), account)
    work = partial(strip, site=job.piece.site, lists=params.lists)
    outcomes: Outcomes
    if isolated:
        outcomes = try_in_order(work, articles, isolated, seconds=params.page_seconds)
    else:
        outcomes = ((page, work(page)) for page in articles)
    rows = keep(outcomes, params.min_characters, account)
    account.shards = write_articles(rows, directory, job.prefix)
    return account


def sort_out(pages: Iterable[Page], account: Account) -> Iterator[Page]:
    """The pages that are articles; all are counted."""
    for page in pages:
        account.pages += 1
        reason = reason_to_drop(page)
        if reason:
            account.dropped[reason] += 1
        else:
            yield page


def reason_to_drop(page: Page) -> str | None:
    """Why a page is no article, None if it is one."""
    if page.namespace != 0:
        return "other_namespace"
    if page.redirect:
        return "redirect"
    if page.model != "wikitext":
        return "not_wikitext"
    return None


def strip(page: Page, *, site: Site, lists: bool) -> Prose | Lost:
    """A page's prose; an error costs that page alone."""
    try:
        return strip_page(page.text, site, lists=lists)
    except Exception as error:
        return Lost("failed", f"{type(error).__name__}: {error}")


def keep(outcomes: Outcomes, min_characters: int, account: Account) -> Iterator[tuple[int, str, str]]:
    """(page id, title, text) of the articles that are long enough; all are counted."""
    for page, prose in outcomes:
        if isinstance(prose, Lost):
            account.lost.append((page.id, page.title, prose))
            account.dropped[prose.reason] += 1
            continue
        if prose.fell_back:
            account.fell_back.append(page.id)
        if len(prose.text) < min_characters:
            account.dropped["too_short"] += 1
            continue
        account.kept += 1
        account.characters += len(prose.text)
        yield page.id, page.title, prose.text


if __name__ == "__main__":
    main()
