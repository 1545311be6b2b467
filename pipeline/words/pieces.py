"""Articles as rows of pieces of words."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.settings.text_sections import Tokens
from pipeline.words.layout import read_shard
from pipeline.words.sentences import paragraphs_of, split_text
from pipeline.words.splits import Splits
from pipeline.words.words import offsets_of, split_words


def write_pieces(
    path: Path, directory: Path, tokenizer: str, settings: Tokens, language: str, splits: Splits
) -> tuple[np.ndarray, int, int]:
    """Write a shard of articles into `directory` as rows of pieces, with each article's bytes in UTF-8 and words.

    Blank lines count only where each line is a row. `tokenizer` is the content of its file. Returns how often each id
    occurs in the training articles, and their number of rows and of bytes.
    """
    from tokenizers import Tokenizer

    from pipeline.store.vocabulary import cut_texts

    table, pieces = read_shard(path, "page_id", "title", "text"), Tokenizer.from_str(tokenizer)
    texts = ["\n".join(paragraphs_of(text.as_py(), settings.unit)) for text in table["text"]]
    split = [list(split_text(text, settings.unit, language)) for text in texts]
    rows = [row for each in split for row in each]
    ids, lengths = cut_texts(pieces, rows)
    per_article = [len(each) for each in split]
    words = np.add.reduceat(np.append(split_words(rows, language, settings)[1], 0), np.cumsum([0, *per_article[:-1]]))
    own = pa.ListArray.from_arrays(
        offsets_of(np.array(per_article)), pa.ListArray.from_arrays(offsets_of(lengths), pa.array(ids))
    )
    found = table.select(["page_id", "title"]).append_column("sequences", own)
    sizes = pc.binary_length(pa.array(texts, pa.string()))
    found = found.append_column("bytes", sizes).append_column("words", pa.array(words))
    filled = found.filter(pa.array(np.array(per_article) > 0))
    pq.write_table(filled, directory / path.name, compression="zstd", use_dictionary=False)
    training = splits.training(path, table)
    own = np.repeat(training, per_article)  # rows
    counts = np.bincount(ids[np.repeat(own, lengths)], minlength=pieces.get_vocab_size())
    return counts, int(own.sum()), int(sizes.to_numpy()[training].sum())
