"""Word vectors as gensim's object."""

from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from pipeline.vectors.keyed import keyed_vectors


def test_they_are_shown_without_an_address_and_saved_as_gensim_saves_its_own(tmp_path: Path) -> None:
    vectors = keyed_vectors(["king", "sea"], np.eye(2, 3, dtype=np.float32))
    assert f"{vectors} {vectors!r}" == " ".join(["<wikilm word vectors: 2 words, 3 values each>"] * 2)
    vectors.save(str(path := tmp_path / "own"))
    found = KeyedVectors.load(str(path))
    assert type(found) is KeyedVectors
    assert found.most_similar("king") == [("sea", 0.0)]
