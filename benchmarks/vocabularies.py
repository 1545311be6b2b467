"""The cost of a training step for word vectors by vocabulary size: `python -m benchmarks.vocabularies`.

CPU milliseconds of a step (median of `--steps`) and memory that the training adds to the process, on one thread, for
random words with the frequencies of subsampled text. All settings but the sizes are the defaults.
"""

import argparse
import multiprocessing
import statistics
import time

import psutil
import torch

from models.batch import Batch
from models.embedding_model import EmbeddingModel
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.rows import clip_gradients
from pipeline.settings.vector_sections import EmbeddingEntry

WORDS, SIZES = (10_000, 50_000, 200_000), (128, 300)


def step_cost(words: int, size: int, steps: int) -> tuple[float, float]:
    """Return the CPU seconds of a step and the MB that the training takes, for `words` words and vectors of `size`."""
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()
    torch.manual_seed(1)
    memory = psutil.Process().memory_info
    before = memory().rss
    settings = EmbeddingEntry(kind="embedding", embedding_size=size)
    counts = 1e6 / torch.arange(1.0, words + 1).sqrt()  # Zipf's law after word2vec's subsampling
    arguments = settings.model_dump(exclude={"kind", "start", "gradient_clip", "epochs", "data"})
    model = EmbeddingModel(words, **arguments, counts=counts)
    optimizer = model.configure_optimizers()
    rows, fresh = settings.data.rows, torch.zeros(settings.data.rows, dtype=torch.bool)
    spent = []
    for _ in range(steps):
        ids = torch.multinomial(counts, rows * settings.data.steps, replacement=True).view(rows, -1)
        start = time.process_time()
        optimizer.zero_grad()
        model.loss(Batch(ids, ids, fresh)).backward()
        clip_gradients(model.parameters(), settings.gradient_clip)
        optimizer.step()
        spent.append(time.process_time() - start)
    return statistics.median(spent), (memory().rss - before) / 1e6


def main() -> None:
    """Print the table, each line from a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    steps = parser.parse_args().steps
    print(f"{'words':>8} {'values':>7} {'ms a step':>10} {'MB':>7}")
    for size in SIZES:
        for words in WORDS:
            with multiprocessing.get_context("fork").Pool(1) as pool:
                seconds, memory = pool.apply(step_cost, (words, size, steps))
            print(f"{words:>8,} {size:>7} {seconds * 1000:>10.1f} {memory:>7,.0f}", flush=True)


if __name__ == "__main__":
    main()
