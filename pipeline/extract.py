"""Stage: dumps to prose, one Parquet row an article."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.corpus.articles import write_articles
from pipeline.corpus.dump import Dump, Page
from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.files import read_json, whole_directory, write_json
from pipeline.run.params import Extract, load_params
from pipeline.run.workers import Lost, map_in_order
from pipeline.wikitext import Prose, Site, strip_page


@stage
def main(raw: Path, articles: Path) -> Metrics:
    """Stream the dumps that RAW's manifest names, strip their markup and write ARTICLES as Parquet shards."""
    params = load_params()
    files = read_json(raw / "manifest.json")["files"]
    extraction = Extraction(params.extract, params.runtime.workers)
    with whole_directory(articles) as directory:
        shards = write_articles(extraction.articles(files), directory)
        stats = extraction.stats()
        if not stats["kept"]:
            raise UserError(f"{', '.join(file['path'] for file in files)}: no article in it: {summary(stats)}")
        write_json(directory / "stats.json", stats)
    say(f"extract: {summary(stats)}")
    return {
        "pages": stats["in"],
        "articles": stats["kept"],
        "fell_back": len(stats["fell_back"]),
        "characters": stats["characters"],
        "shards": shards,
    }


class Candidate(NamedTuple):
    """A page that is an article, on its way to a worker."""

    page: Page
    site: Site


def strip(candidate: Candidate, *, lists: bool) -> Prose:
    """What a worker does."""
    return strip_page(candidate.page.text, candidate.site, lists=lists)


class Extraction:
    """The articles of some dumps, with an account of every page that was read."""

    def __init__(self, params: Extract, workers: int) -> None:
        self.params = params
        self.workers = workers
        self.site: Site | None = None
        self.pages = self.kept = self.characters = 0
        self.dropped: Counter[str] = Counter()
        # Ids of pages that went to the parser, and of pages that were lost.
        self.named: dict[str, list[int]] = {"fell_back": [], "timed_out": [], "worker_died": [], "failed": []}

    def articles(self, files: list[dict[str, Any]]) -> Iterator[tuple[int, str, str]]:
        """(page id, title, text) of each article kept, in dump order; `files` are a manifest's entries."""
        stripped = map_in_order(
            partial(strip, lists=self.params.lists),
            self._candidates(files),
            weight=lambda candidate: len(candidate.page.text),
            workers=self.workers,
            seconds=self.params.page_seconds,
        )
        for (page, _), prose in stripped:
            if isinstance(prose, Lost):
                say(f"extract: warning: page {page.id} ({page.title}) is lost: {prose.error}")
                self.named[prose.reason].append(page.id)
                self.dropped[prose.reason] += 1
                continue
            if prose.fell_back:
                self.named["fell_back"].append(page.id)
            if len(prose.text) < self.params.min_characters:
                self.dropped["too_short"] += 1
                continue
            self.kept += 1
            self.characters += len(prose.text)
            yield page.id, page.title, prose.text

    def _candidates(self, files: list[dict[str, Any]]) -> Iterator[Candidate]:
        """The pages that are articles; the others are counted."""
        with progress("extract", sum(file["bytes"] for file in files), "B") as bar:
            for file in files:
                before = bar.n
                with Dump(Path(file["path"])) as dump:
                    for page in dump.pages():
                        self._check_wiki(dump)
                        self.pages += 1
                        reason = reason_to_drop(page)
                        if reason:
                            self.dropped[reason] += 1
                        else:
                            yield Candidate(page, dump.site)
                        bar.update(before + dump.position - bar.n)
                if dump.sha1 != file["sha1"]:
                    raise UserError(f"{file['path']}: changed since it was listed; run `dvc repro -f download`")

    def _check_wiki(self, dump: Dump) -> None:
        self.site = self.site or dump.site
        if dump.site.name != self.site.name:
            raise UserError(
                f"{dump.path}: is of {dump.site.name}, the files before it of {self.site.name}; "
                "give wiki.source the files of one wiki"
            )

    def stats(self) -> dict[str, Any]:
        """What came in, what was kept, what was dropped and why; the same on every run that loses no page."""
        return {
            "wiki": self.site.name if self.site else "",
            "language": self.site.language if self.site else "",
            "in": self.pages,
            "kept": self.kept,
            "dropped": dict(sorted(self.dropped.items())),
            **self.named,
            "characters": self.characters,
        }


def reason_to_drop(page: Page) -> str | None:
    """Why a page is no article, None if it is one."""
    if page.namespace != 0:
        return "other_namespace"
    if page.redirect:
        return "redirect"
    if page.model != "wikitext":
        return "not_wikitext"
    return None


def summary(stats: dict[str, Any]) -> str:
    """The account of the pages in one line."""
    dropped = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in stats["dropped"].items())
    fell_back = f"; {len(stats['fell_back']):,} fell back to the parser" if stats["fell_back"] else ""
    return f"{stats['in']:,} pages: {stats['kept']:,} articles kept; dropped: {dropped or 'none'}{fell_back}"


if __name__ == "__main__":
    main()
