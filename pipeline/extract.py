"""Stage: dumps to prose, one Parquet row an article."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mwparserfromhell.parser import ParserError

from pipeline.corpus.articles import write_articles
from pipeline.corpus.dump import Dump, Page
from pipeline.run.console import Metrics, UserError, progress, say, stage
from pipeline.run.files import read_json, whole_directory, write_json
from pipeline.run.params import Extract, load_params
from pipeline.wikitext import Site, strip_markup


@stage
def main(raw: Path, articles: Path) -> Metrics:
    """Stream the dumps that RAW's manifest names, strip their markup and write ARTICLES as Parquet shards."""
    params = load_params().extract
    files = read_json(raw / "manifest.json")["files"]
    extraction = Extraction(params)
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
        "characters": stats["characters"],
        "shards": shards,
    }


class Extraction:
    """The articles of some dumps, with an account of every page that was read."""

    def __init__(self, params: Extract) -> None:
        self.params = params
        self.site: Site | None = None
        self.pages = self.kept = self.characters = 0
        self.dropped: Counter[str] = Counter()

    def articles(self, files: list[dict[str, Any]]) -> Iterator[tuple[int, str, str]]:
        """(page id, title, text) of each article kept, in dump order; `files` are a manifest's entries."""
        with progress("extract", sum(file["bytes"] for file in files), "B") as bar:
            for file in files:
                before = bar.n
                with Dump(Path(file["path"])) as dump:
                    for page in dump.pages():
                        self._check_wiki(dump)
                        yield from self._article(page, dump.site)
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

    def _article(self, page: Page, site: Site) -> Iterator[tuple[int, str, str]]:
        self.pages += 1
        reason = reason_to_drop(page)
        text = ""
        if not reason:
            try:
                text = strip_markup(page.text, site, lists=self.params.lists)
                reason = None if text else "empty"
            except ParserError:
                reason = "not_parsed"
        if reason:
            self.dropped[reason] += 1
            return
        self.kept += 1
        self.characters += len(text)
        yield page.id, page.title, text

    def stats(self) -> dict[str, Any]:
        """What came in, what was kept, what was dropped and why; the same on every run."""
        return {
            "wiki": self.site.name if self.site else "",
            "language": self.site.language if self.site else "",
            "in": self.pages,
            "kept": self.kept,
            "dropped": dict(sorted(self.dropped.items())),
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
    return f"{stats['in']:,} pages: {stats['kept']:,} articles kept; dropped: {dropped or 'none'}"


if __name__ == "__main__":
    main()
