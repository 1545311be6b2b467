"""A text that a test takes to the page in one process, by the commands of the stages."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline import baselines, compare, embeddings, report, tokens, train
from pipeline.words.shards import write_articles
from tests.conftest import number_words
from tests.page.conftest import write_account

TEXT = ["data/sequences.db", "data/example.json"]


def to_page(texts: Iterable[str], name: str) -> None:
    """Train the language model `name` of params.yaml on the texts of articles, and make the page."""
    to_comparison(texts, name)
    export(name)
    report.main(["data", "data/index.html", "data/plots"])


def to_comparison(texts: Iterable[str], name: str) -> None:
    """Train the language model `name` of params.yaml on the texts of articles, and compare it with the baselines."""
    to_example(texts, language="en")
    score_baselines()
    train_model(name)
    folders = ["data/sequences.db", "data/models", "data/baselines", "data/reports/perplexities.json"]
    compare.main([*folders, "--metrics", "data/metrics/compare"])


def to_example(texts: Iterable[str], **account: Any) -> None:
    """Write texts as articles with an `account` of them, and run the stages up to `example`."""
    Path("data/articles").mkdir(parents=True)
    write_articles(((n, f"Page {n}", text) for n, text in enumerate(texts)), Path("data/articles"))
    write_account(**account)
    tokens.main(["data/articles", "data/tokens"])
    number_words("data/", "data/metrics/")


def score_baselines() -> None:
    baselines.main([*TEXT, "data/baselines", "--metrics", "data/metrics/baselines"])


def train_model(name: str) -> None:
    train.main([name, *TEXT, f"data/models/{name}", "--metrics", f"data/metrics/train/{name}.json"])


def export(name: str) -> None:
    embeddings.main([name, f"data/models/{name}", "data/vocabulary.tsv", f"data/embeddings/{name}"])
