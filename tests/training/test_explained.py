from tests.conftest import ROOT
from tests.test_house import imported
from tests.training.explained import modules, page

MOST_MODULES, MOST_LINES = 62, 5700


def test_what_trains_the_default_gru_is_a_list_that_a_person_can_read() -> None:
    found = modules()
    print(page(found))
    assert len(found) <= MOST_MODULES
    assert sum(module.lines for module in found) <= MOST_LINES
    rooms = {module.path.rpartition("/")[0] for module in found}
    below = {"batches", "checks", "learning", "run", "scores", "settings", "store", "trained", "training"}
    assert rooms == {"models", "models/recurrent", "pipeline", *(f"pipeline/{room}" for room in below)}


def test_training_reads_no_analogy_questions_and_evaluates_no_vectors() -> None:
    needed = {file for path in (ROOT / "pipeline/training").glob("*.py") for file in imported(path)}
    assert [file.name for file in needed if file.is_relative_to(ROOT / "pipeline/vectors")] == ["word2vec_format.py"]
