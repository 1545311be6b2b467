"""Stage: apply the vocabulary's remap and stream every sequence into sequences.db."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.records.text import RemapStats
from pipeline.run.arrays import read_array
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.errors import AGAIN, UserError, reading
from pipeline.run.outputs import whole_file
from pipeline.settings.checked import checked_params
from pipeline.settings.text_sections import Index
from pipeline.store.building import Article, build
from pipeline.store.sequences import FEW_ARTICLES, SPLITS
from pipeline.store.vocabularies import read_vocabulary
from pipeline.store.vocabulary import TOKENIZER, Vocabulary
from pipeline.words.layout import read_shard, remap_path, shards
from pipeline.words.splits import Splits

MUCH_UNKNOWN = 0.2  # share of all tokens
SMALL_TEXT = 2_000_000  # tokens, of a text for the preset `small`


@stage
def main(tokens: Path, vocabulary: Path, remaps: Path, database: Path) -> Metrics:
    """Number the words of TOKENS by VOCABULARY's REMAPS and write the sequences into DATABASE.

    If the vocabulary was cut from the text itself, the rows of REMAPS take the place of those of TOKENS.
    """
    params = checked_params("index").index
    known = read_vocabulary(vocabulary)
    if known.fingerprint != RemapStats.read(remaps / "stats.json").vocabulary:
        raise UserError(f"{vocabulary}, or {TOKENIZER} next to it: is not the one that {remaps} was made with; {AGAIN}")
    counts: Counter[str] = Counter()
    with whole_file(database) as file:
        build(file, indexed_articles(tokens, remaps, params, known, counts), known, params.end_fraction)
        check_splits(counts, params)
    rows = sum(counts[split] for split in SPLITS)
    share = counts["unknown"] / counts["tokens"]
    by_split = ", ".join(f"{split} {counts[split]:,}" for split in SPLITS)
    what = f"tokens, {share:.1%} of them UNKNOWN" if known.has_unknown else known.many
    say(f"index: {rows:,} rows ({by_split}), {counts['tokens']:,} {what}")
    if share > MUCH_UNKNOWN:
        say(f"index: {advice(counts['tokens'])}")
    return {
        "rows": rows,
        **{f"rows_{split}": counts[split] for split in SPLITS},
        "tokens": counts["tokens"],
        "unknown_share": share,
    }


def advice(tokens: int) -> str:
    """Return what to do where a large share of so many tokens is UNKNOWN."""
    preset = "small" if tokens < SMALL_TEXT else "subwords"
    return (
        "much is UNKNOWN: for a language model take pieces of words, which leave nothing UNKNOWN "
        f"(`wikilm preset {preset}`, docs/small_wikis.md), for word vectors a larger vocabulary.size"
    )


def check_splits(counts: Counter[str], params: Index) -> None:
    """Raise `UserError` if a split has no article with words; warn if the test split has too few for intervals."""
    articles = ", ".join(f"{split} {counts[f'{split} articles']:,}" for split in SPLITS)
    if not all(counts[f"{split} articles"] for split in SPLITS):
        raise UserError(
            f"params.yaml: index ({params}) leaves a split empty, with articles {articles}; give more articles or "
            "other fractions, or, if the text has its own splits, words in each file; in other .txt files a blank "
            "line ends an article"
        )
    if counts["test articles"] < FEW_ARTICLES:
        say(f"index: warning: few articles ({articles}); below {FEW_ARTICLES} in test, perplexities have no intervals")


def indexed_articles(
    tokens: Path, remaps: Path, params: Index, vocabulary: Vocabulary, counts: Counter[str]
) -> Iterator[Article]:
    """Yield the articles of all shards with their words renumbered; count rows by split, tokens and UNKNOWN."""
    splits = Splits.read(tokens, params)
    paths = shards(tokens if vocabulary.of_tokens else remaps)
    for path in progress("index", len(paths), "shard", paths):
        table = read_shard(path, "page_id", "title", "sequences")
        sequences = table["sequences"].combine_chunks()
        with reading(own := remap_path(remaps, path)):
            new_id = read_array(own)
            if new_id.ndim != 1 or not (new_id.min(initial=0) >= 0 and new_id.max(initial=0) < len(vocabulary)):
                raise ValueError(f"it has ids beyond the vocabulary's {len(vocabulary):,}")
            ids = new_id.astype(vocabulary.dtype)[sequences.values.values.to_numpy()]  # of every article
        for article in _articles(table.drop_columns("sequences"), sequences, ids, splits.of(path, table)):
            counts[article.split] += len(article.offsets) - 1
            counts[f"{article.split} articles"] += bool(len(article.tokens))
            counts["tokens"] += len(article.tokens)
            counts["unknown"] += int(np.count_nonzero(article.tokens == vocabulary.unknown))
            yield article


def _articles(table: pa.Table, sequences: pa.ListArray, ids: np.ndarray, splits: Sequence[str]) -> Iterator[Article]:
    """Yield a shard's articles, which are in `splits`, with the words of `sequences` as `ids`."""
    article_bounds, word_bounds = sequences.offsets.to_numpy(), sequences.values.offsets.to_numpy()
    described = table.to_pylist()
    for row, (about, split) in enumerate(zip(described, splits, strict=True)):
        page_id, size = about["page_id"], (about["bytes"], about["words"]) if "bytes" in about else None
        bounds = word_bounds[article_bounds[row] : article_bounds[row + 1] + 1]
        yield Article(page_id, about["title"], split, ids[bounds[0] : bounds[-1]], bounds - bounds[0], size)


if __name__ == "__main__":
    main()
