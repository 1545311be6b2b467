"""What the sentences before are worth to a model that was trained on a stream.

    python -m benchmarks.reading data gru

prints the test perplexity of a run's model as it was trained to read, as one stream, and with the initial state at each
sentence, where the END of the sentence before is still read; and their ratio, paired over test articles.
"""

from pathlib import Path

import wikilm
from benchmarks.language_models import told
from benchmarks.measure import parser_of, record
from models.batch import Batch
from pipeline.batches.order import Draw
from pipeline.batches.rows import SequenceData
from pipeline.scores.figures import mean_losses, perplexity_ratio, with_interval
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import Stream
from pipeline.store.vocabulary import END


class ResetRows(SequenceData):
    """Rows of a split, each read from the initial state after an END, which takes START's place in a stream."""

    def __getitem__(self, draw: Draw) -> Batch:
        batch = super().__getitem__(draw)
        batch.inputs[:, 0] = END
        return batch


def main() -> None:
    """Print the figures; record them."""
    parser = parser_of(__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("model")
    arguments = parser.parse_args()
    run, name = wikilm.open(arguments.data), arguments.model
    model, database = run.language_model(name), arguments.data / "sequences.db"
    if model.record.settings["batches"]["kind"] != "stream":
        parser.error(f"{name} was not trained on a stream")
    targets = read_targets(run.sequences, "test")
    stream = SequenceData(database, seed=1, batches=Stream(kind="stream"))
    read = {"stream": stream, "reset": ResetRows(database, seed=1)}
    scores = {how: score_split(name, model.network, data, "test") for how, data in read.items()}
    found = {how: with_interval("perplexity", *mean_losses(own, targets)) for how, own in scores.items()}
    found["reset / stream"] = perplexity_ratio(scores["reset"], scores["stream"], targets)
    for how, figures in found.items():
        print(f"{name}, {how}: {told(*figures.values(), digits=3)}")
    record(arguments, {f"reading.{name}.{how}": [*figures.values()] for how, figures in found.items()})


if __name__ == "__main__":
    main()
