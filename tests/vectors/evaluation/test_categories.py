from pathlib import Path

import numpy as np
import pytest

from pipeline.run.errors import UserError
from pipeline.vectors.evaluation.categories import Member, cluster, purity, read_categories
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.space import VectorSpace


def test_a_csv_file_of_categories(tmp_path: Path) -> None:
    path = tmp_path / "ap.csv"
    path.write_text(',category,word\n0,animal,Cat\n1,"tree",oak\n2,tree,\n3,animal\n', encoding="utf-8")
    found = read_categories(path, {"Cat"})
    assert found.name == "ap"
    assert found.members == [Member("animal", "Cat"), Member("tree", "oak")]
    assert found.malformed == [
        f"{path}, line 4: found 'tree'; expected a category and a word",
        f"{path}, line 5: found 'animal'; expected a category and a word",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word,kind\noak,tree\n", "line 1 has no column category; expected the columns category, word"),
        ("", "line 1 has no column category"),
        ("category,word\ntree,\n", "holds no word with a category; .*line 2: found 'tree'"),
    ],
)
def test_a_file_without_categories_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "ap.csv").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"ap.csv: {message}"):
        read_categories(tmp_path / "ap.csv")


def test_purity_by_hand() -> None:
    # Of cluster 0 two are animals and one a tree; of cluster 1 two are trees and one is a tool; 2 is one tool.
    categories = ["animal", "animal", "tree", "tree", "tree", "tool", "tool"]
    assert purity(categories, [0, 0, 0, 1, 1, 1, 2]) == pytest.approx((2 + 2 + 1) / 7)
    assert purity(categories, [5] * 7) == pytest.approx(3 / 7)
    assert purity(categories, range(7)) == 1


def test_clusters_of_known_words_by_their_directions() -> None:
    # The directions are east, north and west; "log" is a tree, but points where animals do. "yew" is not known.
    vectors = {"cat": [1, 0], "dog": [9, 1], "log": [5, 0], "oak": [0, 1], "elm": [0.2, 8], "saw": [-1, 0]}
    categories = {"cat": "animal", "dog": "animal", "log": "tree", "oak": "tree", "elm": "tree", "yew": "tree"}
    members = [Member(category, word) for word, category in (categories | {"saw": "tool", "fog": "weather"}).items()]
    space = VectorSpace(list(vectors), np.array(list(vectors.values())))
    found = cluster(space, members)
    assert (found["words"], found["known"], found["categories"]) == (8, 6, 3)
    assert found["purity"] == pytest.approx(5 / 6)
    assert (found["low"], found["high"]) == wilson(5, 6)
    assert 0.5 <= found["shuffled"] < 5 / 6  # half of the words are trees
    assert cluster(space, members) == found


def test_vectors_that_know_nothing_are_as_pure_as_shuffled_categories() -> None:
    names = list(map(str, range(200)))
    space = VectorSpace(names, np.random.default_rng(1).standard_normal((200, 20), np.float32))
    found = cluster(space, [Member(str(int(name) % 20), name) for name in names])
    assert found["purity"] == pytest.approx(found["shuffled"], abs=0.02)
    assert 0.2 < found["shuffled"] < 0.4  # the largest category is 0.05 of the words


def test_nothing_is_known() -> None:
    found = cluster(VectorSpace(["a"], np.ones((1, 2))), [Member("tree", "oak")])
    assert found == {"words": 1, "known": 0, "categories": 0, "purity": 0, "shuffled": 0, "low": 0, "high": 1}
