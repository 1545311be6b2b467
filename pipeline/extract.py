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
        shards = write_articles(extraction.articles(raw, files), directory)
        stats = extraction.stats()
        if not stats["kept"]:
            raise UserError(
                f"{', '.join(file['path'] for file in files)}: no article in it: {summary(stats)}"
            )
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
        self.wikis: list[str] = []
        self.pages = self.kept = self.characters = 0
        self.dropped: Counter[str] = Counter()

    def articles(self, raw: Path, files: list[dict[str, Any]]) -> Iterator[tuple[int, str, str]]:
        """(page id, title, text) of each article kept, in dump order; `files` are entries of RAW's manifest."""
        with progress("extract", sum(file["bytes"] for file in files), "B") as bar:
            for file in files:
                with Dump(
                    raw / file["path"] if (raw / file["path"]).exists() else Path(file["path"])
                ) as dump:
                    for page in dump.pages():
                        yield from self._article(page, dump.site)
                        bar.update(dump.position - bar.n)
                if dump.sha1 != file["sha1"]:
                    raise UserError(
                        f"{file['path']}: has changed since it was listed; `dvc repro -f download`"
                    )

    def _article(self, page: Page, site: Site) -> Iterator[tuple[int, str, str]]:
        self.pages += 1
        reason, text = self._judge(page, site)
        if reason:
            self.dropped[reason] += 1
            return
        self.kept += 1
        self.characters += len(text)
        yield page.id, page.title, text
