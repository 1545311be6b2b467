"""Compare poets' language models with Kneser-Ney trigrams on several splits, since one has few test lines.

    python -m benchmarks.poetry [--seeds 5] [FOLDER]

Each seed splits the poems anew and trains the model that writes, with the settings of params.yaml. What counts is the
ratio of test perplexities; its mean is geometric.
"""

import argparse
import math
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline import poems, poetry_generation
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.verse.poems import Poem
from pipeline.run.runtime import Runtime
from pipeline.settings import load_params


def main() -> None:
    """Print a row for each poet and seed, and a last one for each poet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.poetry", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="NAME.txt files; the built-in verse by default")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    settings = load_params().poetry_generation or PoetryGeneration()
    found = poems.read_folder(arguments.folder or poems.SAMPLE)
    print("| poet | seed | test targets | Kneser-Ney trigrams | model | ratio |\n|---|---|---|---|---|---|")
    for poet, (own, _) in found.items():
        logs = []
        for seed in range(1, arguments.seeds + 1):
            targets, peer, ours = measure(own, seed, settings)
            print(f"| {poet} | {seed} | {targets:.0f} | {peer:.1f} | {ours:.1f} | {ours / peer:.3f} |", flush=True)
            logs.append(math.log(ours / peer))
        spread = f" +- {statistics.stdev(logs):.3f}" if len(logs) > 1 else ""
        print(f"| {poet} | all | | | | {math.exp(statistics.mean(logs)):.3f}{spread} |", flush=True)


def measure(own: list[Poem], seed: int, settings: PoetryGeneration) -> tuple[float, float, float]:
    """Return the number of test targets of one split, the trigrams' perplexity and the model's."""
    writer = settings.writer
    only = {"seed": seed, "models": {writer: settings.models[writer]}, "novelty_lines": 1, "temperatures": [1.0]}
    with TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        found = poetry_generation.train_poet(
            own, models / own[0].poet, models, settings.model_copy(update=only), Runtime()
        )
    peer = found["baselines"][poetry_generation.BASELINE]["test_perplexity"]
    return found["test_targets"], peer, found["models"][writer]["test_perplexity"]


if __name__ == "__main__":
    main()
