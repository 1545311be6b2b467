"""How well surprisals follow people who read: the program of docs/surprisal.md, and the same for a 5-gram.

    python -m benchmarks.reading_times data --words 35000000

runs the page's program, which asks the model that comes with wikilm, then counts a Kneser-Ney 5-gram in so many pieces
of the training split of a run, and prints the gains of both in log-likelihood, with standard errors over stories.
"""

from pathlib import Path
from typing import Any

import wikilm
from benchmarks.measure import ROOT, parser_of, record
from pipeline.scores.markov_scores import markov_model
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.trained.ngrams_alone import ngrams_alone
from wikilm.prediction import LanguageModel

PAGE = ROOT / "docs/surprisal.md"


def five_gram(run: wikilm.Run, words: int) -> LanguageModel:
    """Return a 5-gram of so many pieces of a run's training split as a model that answers."""
    model = run.language_model(NGRAM_MODELS[-1])
    ngrams = markov_model(run.sequences, model.name, words, model.record.seed)
    vars(model)["network"] = ngrams_alone(ngrams, len(run.vocabulary))
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
