"""Text in pieces of words, and GPT-2's network, for `python -m benchmarks.language_models`."""

import logging
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
from torch import Tensor, nn

from models.batch import Batch
from models.gate import Gate
from models.language_model import RecurrentLanguageModel
from models.recurrent.devices import multiplies_bfloat16
from models.softmax import make_softmax
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.store.building import Article, build
from pipeline.store.vocabularies.subwords import Subwords
from pipeline.store.vocabulary import WORDS, cut_texts
from pipeline.words.layout import shards
from pipeline.words.sentences import split_text
from pipeline.words.words import split_words

PIECES, CONTEXT, HEAD = 8_000, 256, 32  # HEAD: values of an attention head
HELD_OUT_BYTES = 1_000_000

Text = tuple[str, str]  # title, text


def drawn_texts(articles: Path, most: float, seed: int = 0) -> Iterator[Text]:
    """Yield (title, text) of articles in random order until they have so many bytes."""
    tables = [pq.read_table(path, columns=["title", "text"]) for path in shards(articles)]
    titles, texts = (list(chain.from_iterable(t[name].to_pylist() for t in tables)) for name in ("title", "text"))
    size = 0
    for number in np.random.default_rng(seed).permutation(len(texts)):
        if size >= most:
            return
        size += len(texts[number].encode())
        yield titles[number], texts[number]


def make_pieces_database(train: Path, held_out: Path, megabytes: float, path: Path) -> None:
    """Write a database of so many MB of the articles of one folder, and of a MB of another one for each other split."""
    training = drawn_texts(train, 1e6 * megabytes)
    build_pieces([*(("train", *each) for each in training), *held_out_texts(held_out)], PIECES, "en", path)


def held_out_texts(
    articles: Path, valid: float = HELD_OUT_BYTES, test: float = HELD_OUT_BYTES
) -> Iterator[tuple[str, str, str]]:
    """Yield (split, title, text) of articles: so many bytes to validate, and to test."""
    size = 0
    for title, text in drawn_texts(articles, valid + test):
        size += len(text.encode())
        yield "test" if size > valid else "valid", title, text


def build_pieces(splits: Sequence[tuple[str, str, str]], size: int, language: str, path: Path) -> None:
    """Write a database of articles (split, title, text), with a vocabulary of pieces learnt from the training split."""
    training = (row for split, _, text in splits if split == "train" for row in split_text(text, "sentence", language))
    learnt = Subwords.learn(training, size - WORDS.start)
    rows = [cut_texts(learnt, [*split_text(text, "sentence", language)]) for _, _, text in splits]
    counts = np.sum([np.bincount(ids, minlength=learnt.get_vocab_size()) for ids, _ in rows], 0)
    vocabulary, new = Subwords.by_frequency(learnt, counts, rows=sum(len(lengths) for _, lengths in rows))

    def articles() -> Iterator[Article]:
        for number, ((split, title, text), (ids, lengths)) in enumerate(zip(splits, rows, strict=True)):
            words = int(split_words([*split_text(text, "sentence", language)], language)[1].sum())
            size = len(text.encode()), words
            yield Article(number, title, split, new[ids].astype(vocabulary.dtype), np.cumsum([0, *lengths]), size)

    build(path, articles(), vocabulary, end_fraction=1.0)


class GPT(RecurrentLanguageModel):
    """GPT-2 (Radford et al. 2019) by transformers, with our softmax, on the batches of our models.

    In tests each place is predicted from the 128 to 255 places before it. Products are in bfloat16 by autocast, where
    the processor has them.
    """

    def __init__(self, settings: LanguageModelEntry, words: int, counts: Tensor) -> None:
        nn.Module.__init__(self)
        from transformers import GPT2Config, GPT2Model

        logging.getLogger("transformers").setLevel(logging.ERROR)
        width, layers, drop = settings.hidden_sizes[0], len(settings.hidden_sizes), settings.dropout.output
        self.body = GPT2Model(
            GPT2Config(
                vocab_size=1, n_positions=CONTEXT, n_embd=width, n_layer=layers, n_head=width // HEAD,
                resid_pdrop=drop, embd_pdrop=drop, attn_pdrop=drop, use_cache=False,
                activation_function="gelu_pytorch_tanh",  # gelu_new's function in one operation
            )
        )  # fmt: skip
        self.output = make_softmax(width, words, counts, bfloat16=settings.bfloat16, **settings.loss.model_dump())
        self.embedding = nn.Embedding(words, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.output.weight = self.embedding.weight
        self.gate = Gate(width) if settings.ngram_order else None
        self.before = torch.empty(0, 0, dtype=torch.int64)

    def contexts(self, batch: Batch) -> Tensor:
        """Return the hidden values at each place: (batch, time, values)."""
        if self.training:
            return self._read(batch.inputs)
        half, inputs = CONTEXT // 2, batch.inputs
        if len(self.before) != len(inputs) or (batch.fresh is not None and batch.fresh.any()):
            self.before = inputs[:, :0]
        found = []
        for new in inputs.split(half, 1):
            found.append(self._read(torch.cat([self.before, new], 1))[:, self.before.shape[1] :])
            self.before = torch.cat([self.before, new], 1)[:, -half:]
        return torch.cat(found, 1)

    def _read(self, ids: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and multiplies_bfloat16(self.device)):
            found: Tensor = self.body(inputs_embeds=self.embedding(ids)).last_hidden_state
        return found.float()

    def loss(self, batch: Batch) -> Tensor:
        """Return what training minimizes."""
        return self.cross_entropy(self.contexts(batch), batch)[1]
