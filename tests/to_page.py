"""A text that a test takes to the page in one process, by the commands of the stages."""

from collections.abc import Iterable
from pathlib import Path

from pipeline import baselines, compare, embeddings, report, tokens, train
from pipeline.words.shards import write_articles
from tests.conftest import number_words
from tests.page.conftest import write_account


def to_page(texts: Iterable[str], name: str) -> None:
    """Write the texts as articles, train the language model `name` of params.yaml on them, and make the page."""
    Path("data/articles").mkdir(parents=True)
    write_articles(((n, f"Page {n}", text) for n, text in enumerate(texts)), Path("data/articles"))
    write_account(language="en")
    tokens.main(["data/articles", "data/tokens"])
    number_words("data/", "data/metrics/")
    example = ["data/sequences.db", "data/example.json"]
    baselines.main([*example, "data/baselines", "--metrics", "data/metrics/baselines"])
    train.main([name, *example, f"data/models/{name}", "--metrics", f"data/metrics/train/{name}.json"])
    folders = ["data/sequences.db", "data/models", "data/baselines", "data/reports/perplexities.json"]
    compare.main([*folders, "--metrics", "data/metrics/compare"])
    embeddings.main([name, f"data/models/{name}", "data/vocabulary.tsv", f"data/embeddings/{name}"])
    report.main(["data", "data/index.html", "data/plots"])
