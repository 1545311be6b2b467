"""Compare poets' language models with the best Markov model on several splits, since one has few test lines.

    python -m benchmarks.poetry [--seeds 5] [FOLDER]

Each seed splits the poems anew and trains the model that writes, with the settings of params.yaml. The best Markov
model of a split has the lowest validation perplexity. What counts is the ratio of test perplexities; its mean is
geometric. The 95% interval is of that mean over the splits (Student's t). Splits share poems, so it is too narrow.
"""

import argparse
import math
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from scipy.stats import t as student

from pipeline import poems, poetry_generation
from pipeline.experiments.verse.poems import Poem
from pipeline.run.runtime import Runtime
from pipeline.settings import load_params
from pipeline.settings.experiment_sections import PoetryGeneration


def main() -> None:
    """Print a row for each poet and seed, and a last one for each poet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.poetry", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="NAME.txt files; the built-in verse by default")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    settings = load_params().poetry_generation or PoetryGeneration()
    found = poems.read_folder(arguments.folder or poems.SAMPLE)
    print(
        "| poet | seed | test targets | best Markov model | its perplexity | the model's | ratio |\n"
        "|---|---|---|---|---|---|---|"
    )
    for poet, (own, _) in found.items():
        logs = []
        for seed in range(1, arguments.seeds + 1):
            targets, best, peer, ours = measure(own, seed, settings)
            print(
                f"| {poet} | {seed} | {targets:.0f} | {best} | {peer:.1f} | {ours:.1f} | {ours / peer:.3f} |",
                flush=True,
            )
            logs.append(math.log(ours / peer))
        print(f"| {poet} | all | | | | | {mean_ratio(logs)} |", flush=True)


def mean_ratio(logs: list[float]) -> str:
    """Return the geometric mean of ratios, from their logarithms, and the ends of its 95% interval."""
    mean = statistics.mean(logs)
    if len(logs) < 2:
        return f"{math.exp(mean):.3f}"
    error = student.ppf(0.975, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return f"{math.exp(mean):.3f} ({math.exp(mean - error):.3f} to {math.exp(mean + error):.3f})"


def measure(own: list[Poem], seed: int, settings: PoetryGeneration) -> tuple[float, str, float, float]:
    """Return the number of test targets of one split, its best Markov model, that one's perplexity and the model's."""
    writer = settings.writer
    only = {"seed": seed, "models": {writer: settings.models[writer]}, "novelty_lines": 1, "temperatures": [1.0]}
    with TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        found = poetry_generation.train_poet(
            own, models / own[0].poet, models, settings.model_copy(update=only), Runtime()
        )
    best = found["best_baseline"][settings.models[writer].reads]
    peer = found["baselines"][best]["test_perplexity"]
    return found["test_targets"], best, peer, found["models"][writer]["test_perplexity"]


if __name__ == "__main__":
    main()
