"""Commands on text: a language model writes some, or says how well it predicts some.

What can be found out without torch, which takes seconds to load, is found out before.
"""

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.commands.answer import Answer, table
from pipeline.commands.database import open_sequences
from pipeline.commands.options import choose_sampling, choose_seed, how_many
from pipeline.commands.spelling import check_known
from pipeline.commands.which import metrics, model_that_writes, needed, settings
from pipeline.run.console import UserError
from pipeline.run.outputs import read_json
from pipeline.settings import Params
from pipeline.store.sequences import Article, Sequences, build
from pipeline.store.vocabulary import END, START, remap
from pipeline.text.splitting import offsets_of, only_long, split_text, split_words

if TYPE_CHECKING:
    from models.language_model import LanguageModel
    from pipeline.batches.rows import SequenceData

AS_PREDICTED = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}


def generate(arguments: argparse.Namespace) -> Answer:
    """How a language model goes on from a prompt, until it ends the sentence or has written enough."""
    sampling, seed = choose_sampling(arguments, AS_PREDICTED), choose_seed(arguments.seed)
    most = how_many("--words", arguments.most)
    name, why = model_that_writes(arguments.data, settings(arguments.data), arguments.model)
    sequences = open_sequences(arguments.data)
    words = sequences.words()
    ids = {word: id for id, word in enumerate(words)}
    split, _ = split_words([" ".join(" ".join(arguments.prompt).split())])
    prompt = split.to_pylist()
    check_known(prompt, words[2:-1], ids, name)

    import torch

    from models.sample import Sampling, sample

    model = _read_model(arguments.data, name, sequences)
    (drawn,) = sample(
        model,
        torch.tensor([[START, *(ids[word] for word in prompt)]]),
        most,
        Sampling(**sampling),
        end=END,
        banned=[START, len(words) - 1],
        generator=torch.Generator().manual_seed(seed),
    )
    text = " ".join([*prompt, *(words[id] for id in drawn)])
    ended = len(drawn) < most
    data = {"model": name, "seed": seed, **sampling, "prompt": prompt, "words": len(drawn), "ended": ended}
    how = "ended its sentence" if ended else "stopped by --words"
    note = f"{name}{f' ({why})' if why else ''}, seed {seed}; {how} after {len(drawn)} word(s)"
    return Answer({**data, "text": text}, [text], note)


class Text(NamedTuple):
    """A text as the pipeline sees it: the ids of its sequences' words, their lengths, how many were too short."""

    ids: np.ndarray
    lengths: np.ndarray
    too_short: int


def score(arguments: argparse.Namespace) -> Answer:
    """The perplexity of a text, counted as the stage train counts that of the test split."""
    params = settings(arguments.data)
    name, why = model_that_writes(arguments.data, params, arguments.model)
    sequences = open_sequences(arguments.data)
    language = read_json(needed(arguments.data / "articles/stats.json", "extract"))["language"]
    text = _as_ids(arguments.file, params, language, sequences.words())

    from pipeline.batches.rows import SequenceData
    from pipeline.training.saved import DRAWN, TARGET_COUNTS

    model = _read_model(arguments.data, name, sequences)
    folder = arguments.data / "models" / name
    train = read_json(needed(folder / DRAWN, f"train@{name}"))  # as it was trained, whatever params.yaml says by now
    try:
        counts = np.load(needed(folder / TARGET_COUNTS, f"train@{name}"))
        drawn = {key: train[key] for key in ("batch_tokens", "end_fraction", "seed")}
    except (ValueError, EOFError, KeyError, TypeError):
        problem = f"{DRAWN} or {TARGET_COUNTS} is damaged"
        raise UserError(f"{folder}: {problem}; run `dvc repro --force train@{name}`") from None
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "text.db"
        # As the one article of the test split, it is read as that split is.
        article = Article(1, arguments.file, "test", text.ids, offsets_of(text.lengths).to_numpy())
        build(database, [article], [], sequences.meta)
        found = _measured(model, SequenceData(database, **drawn), counts)
    unknown = int(np.count_nonzero(text.ids == len(counts) - 1))
    data: dict[str, Any] = {
        "file": arguments.file,
        "model": name,
        "sequences": len(text.lengths),
        "too_short": text.too_short,
        "tokens": len(text.ids),
        "unknown": unknown,
        "unknown_share": unknown / len(text.ids),
        "end_fraction": train["end_fraction"],
        "ends": found["targets"] - len(text.ids),
        **found,
        "test_perplexity": metrics(arguments.data, f"train-{name}").get("test_perplexity"),
    }
    return Answer(data, list(_score_lines(data, params)), f"{name}{f': {why}' if why else ''}")


def _as_ids(file: str, params: Params, language: str, vocabulary: list[str]) -> Text:
    """Read a text (`-`: from stdin), a paragraph a line, and split it as the stages tokens and index would."""
    name = "stdin" if file == "-" else file
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{file}: not found; give the name of a text file, or - for stdin") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: is not UTF-8 text: {error.reason} at byte {error.start:,}") from None
    words, lengths = split_words(list(split_text(text, params.tokens.unit, language)))
    words, kept = only_long(words, lengths, params.tokens.min_words)
    if not kept.any():
        raise UserError(f"{name}: no {params.tokens.unit} of {params.tokens.min_words} or more words in it")
    ids = remap(words.dictionary, vocabulary)[words.indices.to_numpy()]
    return Text(ids, lengths[kept], int(np.count_nonzero(lengths[~kept])))


def _measured(model: "LanguageModel", data: "SequenceData", counts: np.ndarray) -> dict[str, Any]:
    """Targets, perplexity and accuracy on the test split of `data`, and the perplexity of the training's `counts`."""
    import torch

    from models.language_model import perplexity
    from pipeline.training.language_model import unigram_perplexity

    loss = 0.0
    correct = targets = 0
    with torch.no_grad():
        for batch in data.loader("test"):
            found = model.output.score(model.contexts(batch), batch.targets)
            loss, correct, targets = loss + found.loss.item(), correct + int(found.correct), targets + int(found.words)
    reached = perplexity(loss / targets)
    return {
        "targets": targets,
        "perplexity": reached if math.isfinite(reached) else None,
        "accuracy": correct / targets,
        "unigram_perplexity": unigram_perplexity(data, counts, "test"),
    }


def _score_lines(found: dict[str, Any], params: Params) -> list[str]:
    tested = f"; {found['test_perplexity']:.1f} on the test split" if found["test_perplexity"] else ""
    short = f"; {found['too_short']:,} shorter left out" if found["too_short"] else ""
    reached = "infinite" if found["perplexity"] is None else f"{found['perplexity']:,.1f}"
    rows = [
        ("perplexity", reached, f"of {found['model']}{tested}"),
        (
            "unigram",
            f"{found['unigram_perplexity']:,.1f}",
            "by words' frequencies in training, on the same targets",
        ),
        ("accuracy", f"{found['accuracy']:.1%}", "of the targets ranked first"),
        ("tokens", f"{found['tokens']:,}", f"in {found['sequences']:,} {params.tokens.unit}(s){short}"),
        ("UNKNOWN", f"{found['unknown_share']:.1%}", f"of the tokens ({found['unknown']:,}), a target like a word"),
        (
            "END",
            f"{found['ends']:,}",
            f"of {found['sequences']:,} are targets, drawn as in training (train.end_fraction {found['end_fraction']})",
        ),
    ]
    return table(rows, "<><")


def _read_model(data: Path, name: str, sequences: Sequences) -> "LanguageModel":
    """The language model, ready to predict; raises `UserError` where it was trained with another vocabulary."""
    from pipeline.training.saved import read_language_model

    folder, size = data / "models" / name, int(sequences.meta["vocabulary_size"])
    model = read_language_model(folder)
    if (knows := model.embedding.num_embeddings) != size:
        raise UserError(
            f"{folder}: knows {knows:,} word ids, {sequences.path} has {size:,}; run `dvc repro train@{name}`"
        )
    return model.eval()
