"""How well surprisals follow people who read: the program of docs/surprisal.md, and the same for a 5-gram.

    python -m benchmarks.reading_times data --words 35000000

runs the page's program, which asks the model that comes with wikilm, then counts a Kneser-Ney 5-gram in so many pieces
of the training split of a run, and prints the gains of both in log-likelihood, with standard errors over stories.
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import wikilm
from benchmarks.measure import ROOT, parser_of, record
from models.batch import Batch
from models.gate import Parts
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.text import training_text
from pipeline.records.models import ModelRecord
from wikilm.prediction import LanguageModel

PAGE = ROOT / "docs/surprisal.md"
ORDER = 5


class CountedAlone:
    """N-grams in the place of a network: a gate that is open to them alone."""

    gate, device, in_float32 = True, torch.device("cpu"), nullcontext

    def __init__(self, ngrams: Any) -> None:
        self.ngrams = ngrams

    def eval(self) -> None:
        """Nothing is trained."""

    def contexts(self, batch: Batch) -> Tensor:
        """Return a value for each place, because a network has some."""
        return torch.ones(*batch.inputs.shape, 1)

    def parts(self, hidden: Tensor, ngram_contexts: Tensor) -> Parts:
        """Return what the n-grams give to all words."""
        logs = self.ngrams.after(ngram_contexts).log()
        return Parts(logs, logs, logs, hidden[:, 0])


def five_gram(run: wikilm.Run, words: int) -> LanguageModel:
    """Return a 5-gram of a run's training split as a model that answers."""
    text = training_text(run.sequences, words, 1)
    model = LanguageModel.__new__(LanguageModel)
    model.run, model.name, model.why = run, "five_gram", ""
    model.record = ModelRecord(seed=1, vocabulary_size=0, vocabulary="", settings={"batches": {"kind": "stream"}})
    ngrams = kneser_ney(SortedText(text, ORDER, len(run.vocabulary)), ORDER, run.end_fraction)
    vars(model)["network"] = CountedAlone(ngrams)
    return model


def main() -> None:
    """Print the figures; record them."""
    parser = parser_of(__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--words", type=int, default=35_000_000)
    arguments = parser.parse_args()
    page: dict[str, Any] = {}
    program = PAGE.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]
    exec(compile(program, PAGE.name, "exec"), page)
    counted = five_gram(wikilm.open(arguments.data), arguments.words)
    words = page["words"].to_dict("records")
    others = {
        "five_gram": counted.add_surprisals(words, lines=True),
        "leading_blank": page["model"].add_surprisals(words, lines=True, leading_blank=True),
    }
    for name, other in others.items():
        page["table"][name] = [row["surprisal"] for row in other.rows]
    base = page["log_likelihood"]("length", "frequency")
    gains = {name: page["log_likelihood"]("length", "frequency", name) - base for name in ("surprisal", *others)}
    both = page["log_likelihood"]("length", "frequency", "surprisal", "five_gram") - base
    gains |= {"both": both, "network - five_gram": gains["surprisal"] - gains["five_gram"]}
    found: dict[str, float] = {}
    for name, gain in gains.items():
        mean, error = map(float, page["told"](gain))
        print(f"{name}: {mean:.4f} nats a word, standard error {error:.4f}, {gain.count():,} words")
        found |= {f"reading_times.{name}": mean, f"reading_times.{name}.error": error}
    record(arguments, found)


if __name__ == "__main__":
    main()
