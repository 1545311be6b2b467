"""The log-probabilities of sentences by a language model, by n-grams and by the unigram, each sentence by itself.

A network reads the beginnings that sentences share once. Sentences are sorted by their ids, so that the distinct
beginnings of one length are a batch, and each takes up the state of the beginning that is one id shorter.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from models.language_model import RecurrentLanguageModel
from pipeline.ngrams.ngram_counts import text_of
from pipeline.ngrams.table import NGramTable
from pipeline.run.console import progress
from pipeline.settings.text_sections import Tokens
from pipeline.store.vocabulary import END, START, Vocabulary
from pipeline.words.words import split_words

CELLS_AT_ONCE = 1 << 18  # sentences that are read together, times the places of the longest one

Rows = Sequence[Sequence[int]]  # the ids of sentences, without END
# Of each sentence, the logs (natural) of the probabilities of its ids and of END, float64.
Logs = list[np.ndarray]


def sentence_rows(vocabulary: Vocabulary, texts: Sequence[str], language: str, settings: Tokens) -> list[list[int]]:
    """Return the ids of texts, each read whole as one row: nothing is split into sentences, and nothing dropped."""
    as_one = [" ".join(text.split()) for text in texts]
    _, ids, lengths = vocabulary.encode(texts, lambda: split_words(as_one, language, settings))
    ends = lengths.cumsum().tolist()
    return [ids[start:end].tolist() for start, end in zip([0, *ends], ends, strict=False)]


def network_logs(
    model: RecurrentLanguageModel, before: int, rows: Rows, cells: int = CELLS_AT_ONCE
) -> tuple[Logs, Logs]:
    """Return the logs of rows by a model, and by its network alone, which differs where a gate weighs n-grams.

    The model starts anew with each row, and reads `before` first. Products are in float32, whatever it was trained in.
    More `cells` at once take more memory, and change nothing else.
    """
    distinct = sorted({tuple(row) for row in rows})
    whole: list[np.ndarray] = []
    alone: list[np.ndarray] = []
    with torch.no_grad(), model.in_float32(), progress("sentences", len(distinct), "sentence") as bar:
        for block in _blocks(distinct, cells):
            logs, odds = _read(model.eval(), before, block)
            ends = np.cumsum([len(row) + 1 for row in block])[:-1]
            alone += (both := np.split(logs, ends))
            if model.gate:
                assert isinstance(model.ngrams, NGramTable)
                counted = np.concatenate(table_logs(model.ngrams, block))
                both = np.split(np.logaddexp(_log_sigmoid(odds) + counted, _log_sigmoid(-odds) + logs), ends)
            whole += both
            bar.update(len(block))
    number = {row: place for place, row in enumerate(distinct)}
    places = [number[tuple(row)] for row in rows]
    return [whole[place] for place in places], [alone[place] for place in places]


def table_logs(table: NGramTable, rows: Rows) -> Logs:
    """Return the logs of rows by an n-gram model."""
    lengths = np.array([len(row) for row in rows])
    text = text_of(np.fromiter((id for row in rows for id in row), np.int64, int(lengths.sum())), lengths)
    with np.errstate(divide="ignore"):  # of END where it is never a target
        logs = np.log(table.read(text)[0][text != START], dtype=np.float64)
    return np.split(logs, np.cumsum(lengths + 1)[:-1])


def unigram_logs(counts: np.ndarray, rows: Rows) -> Logs:
    """Return the logs of rows by the unigram of these `counts` (V,), to each of which 1 is added."""
    logs = np.log((counts + 1) / (counts + 1).sum())
    return [logs[[*row, END]] for row in rows]


def _read(model: RecurrentLanguageModel, before: int, rows: Rows) -> np.ndarray:
    """Return the logs of distinct rows in order by a network, and the logits of its gate or zeros: (2, places)."""
    lengths = np.array([len(row) + 1 for row in rows])
    ids = np.full((len(rows), lengths.max()), -1)
    for own, row in zip(ids, rows, strict=True):
        own[: len(row) + 1] = (*row, END)
    # How many ids a row shares with the one before it, which has read them.
    shared = np.append(0, np.logical_and.accumulate(ids[1:] == ids[:-1], 1).sum(1))
    found = np.zeros((2, *ids.shape))
    inputs, state, beginnings = torch.tensor([[before]], device=model.device), None, np.zeros(len(rows), np.int64)
    for place in range(ids.shape[1]):
        hidden, after = model(inputs, state)
        new = (lengths > place) & (shared <= place)
        some = np.flatnonzero(new)
        values = hidden[torch.from_numpy(beginnings[some]).to(model.device), 0]
        logs = model.output.log_probabilities(values, torch.from_numpy(ids[some, place]).to(model.device))
        found[0, some, place] = logs.cpu()
        if model.gate:
            found[1, some, place] = model.gate(values)[:, 0].cpu()
        latest = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
        found[:, :, place] = found[:, latest, place]
        longer = new & (lengths > place + 1)
        if not longer.any():
            break
        inputs = torch.from_numpy(ids[longer, place])[:, None].to(model.device)
        taken = torch.from_numpy(beginnings[longer]).to(model.device)
        state = [tuple(part[taken] for part in layer) for layer in after]
        beginnings = np.cumsum(longer) - 1
    places: np.ndarray = found[:, np.arange(ids.shape[1]) < lengths[:, None]]
    return places


def _blocks(rows: Rows, cells: int) -> Iterator[Rows]:
    """Yield as many rows in turn as have at most so many `cells` with the places of the longest one, or one."""
    start = longest = 0
    for number, row in enumerate(rows):
        longest = max(longest, len(row) + 1)
        if number > start and (number + 1 - start) * longest > cells:
            yield rows[start:number]
            start, longest = number, len(row) + 1
    if start < len(rows):
        yield rows[start:]


def _log_sigmoid(values: np.ndarray) -> np.ndarray:
    found: np.ndarray = -np.logaddexp(0, -values)
    return found
