from tests.conftest import ROOT
from tests.test_house import imported
from tests.training.explained import modules, page

MOST_MODULES, MOST_CODE, MOST_LINES = 45, 2800, 300  # 55 modules had 3,336 lines of code where training also measured


def test_what_fits_the_default_gru_is_a_list_that_a_person_can_read() -> None:
    found = modules()
    print(page(found))
    assert len(found) <= MOST_MODULES
    assert sum(module.code for module in found) <= MOST_CODE
    assert max(module.lines for module in found) <= MOST_LINES
    rooms = {module.path.rpartition("/")[0] for module in found if module.path.startswith("pipeline/")}
    below = "batches", "run", "settings", "store", "store/vocabularies", "training"
    assert rooms == {"pipeline", *(f"pipeline/{room}" for room in below)}


def test_training_reads_no_analogy_questions_and_evaluates_no_vectors() -> None:
    needed = {file for path in (ROOT / "pipeline/training").glob("*.py") for file in imported(path)}
    assert [file.name for file in needed if file.is_relative_to(ROOT / "pipeline/vectors")] == ["word2vec_format.py"]
