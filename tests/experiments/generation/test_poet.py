from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from models.sample import SamplingParams
from pipeline.experiments.generation.poet import find_poet, read_poet, write_lines
from pipeline.experiments.generation.poet_data import index_poems
from pipeline.run.errors import UserError
from pipeline.run.outputs import write_json
from pipeline.settings.experiment_sections import PoetModel
from pipeline.store.sequences import Sequences
from pipeline.trained.learnt import Learnt, record_of, write_learnt
from pipeline.training.language_model import make_language_model
from tests.experiments.generation.test_poet_data import SPLIT


def test_a_model_that_is_read_again_writes_known_words(tmp_path: Path) -> None:
    index_poems(tmp_path / "sequences.db", SPLIT)
    vocabulary = Sequences(tmp_path / "sequences.db").vocabulary
    unit = {"kind": "rated", "activation": "relu"}
    chosen = PoetModel.model_validate({"unit": unit, "hidden_size": 4}).recurrent_model()
    torch.manual_seed(0)
    model = make_language_model(chosen, 6, torch.tensor([0, 3, 3, 2, 2, 1]))
    write_learnt(tmp_path, Learnt(record_of(chosen, 1, vocabulary), model.state_dict(), {}, []))
    poet = read_poet(tmp_path)
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(poet.model.state_dict()[name], weight)
    lines = write_lines(poet, 50, SamplingParams(temperature=5.0), seed=3)
    assert {word for line in lines for word in line} == {"the", "weir", "wheel"}
    assert {len(line) for line in lines} == {1, 2, 3, 4}
    assert lines == write_lines(poet, 50, SamplingParams(temperature=5.0), seed=3)


POETS = ["edgar_allan_poe", "frost", "robert_browning", "robert_frost"]


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (POETS, "Robert Frost", "robert_frost"),
        (POETS, "frost", "frost"),  # a whole name before part of one
        (POETS, "BROWN", "robert_browning"),
        (["ann"], "", "ann"),
        (POETS, "robert", "poet 'robert': must be one of robert_browning, robert_frost, or"),
        (POETS, "keats", f"poet 'keats': must be one of {', '.join(POETS)}, or"),
        (POETS, "", f"name a poet: there are {', '.join(POETS)}"),
        ([], "keats", "holds no poet; run `dvc repro poetry_generation`"),
    ],
)
def test_part_of_a_name_is_enough_if_it_is_one_poets(tmp_path: Path, names: list[str], asked: str, found: str) -> None:
    (tmp_path / "gru").mkdir()
    for name in names:
        write_json(tmp_path / name / "model.json", {})
    with pytest.raises(UserError, match=found) if " " in found else nullcontext():
        assert find_poet(tmp_path, asked) == found
