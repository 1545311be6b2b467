"""`wikilm similarity` and `wikilm odd`."""

import json
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from tests.commands.conftest import Ask, Refused
from tests.picture import PICTURE
from wikilm.commands.similarity import PAIRS, random_cosines


def cosine(one: str, other: str) -> float:
    """The cosine of two words of the picture."""
    vectors = [np.array(PICTURE[word], float) for word in (one, other)]
    return float(vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1]))


def test_similarity_is_the_cosine_and_its_place_among_random_pairs(picture: Path, ask: Ask) -> None:
    found = json.loads(ask("similarity", "King", "queen", "--json")[0])
    assert found["question"] == "king, queen"
    assert found["cosine"] == pytest.approx(cosine("king", "queen"))
    # Of all pairs of different words, each is drawn as often as any other.
    others = [cosine(one, other) for one in PICTURE for other in PICTURE if one != other]
    lower = [value < cosine("king", "queen") - 1e-6 for value in others]
    assert found["random_pairs"] == PAIRS
    assert found["below"] == pytest.approx(PAIRS * np.mean(lower), abs=4 * np.sqrt(PAIRS))
    printed, note = ask("similarity", "king", "queen")
    assert printed == f"{found['cosine']:.3f}  higher than {found['below']:,} of 10,000 random pairs\n"
    assert note == "king, queen; gru: cosine of raw input vectors (the first of 1 in params.yaml; not compared)\n"
    assert ask("similarity", "queen", "king")[0] == printed
    assert not random_cosines(np.eye(2)).any()  # only a word's cosine with itself is not 0


def test_the_odd_word_is_the_one_that_gensim_finds(picture: Path, ask: Ask, refused: Refused) -> None:
    keyed = KeyedVectors(4)
    keyed.add_vectors(list(PICTURE), np.array(list(PICTURE.values()), np.float32))
    for words in (["king", "queen", "woman", "land"], ["man", "boy", "the", "girl"], list(PICTURE)):
        found = json.loads(ask("odd", *words, "--json")[0])
        expected = keyed.rank_by_centrality(words)[::-1]
        assert found["question"] == ", ".join(words)
        assert found["words"][0]["word"] == keyed.doesnt_match(words)
        assert [each["word"] for each in found["words"]] == [word for _, word in expected]
        assert [each["cosine"] for each in found["words"]] == pytest.approx([value for value, _ in expected], abs=1e-6)
    assert ask("odd", *words, "--model", "gru")[1].endswith("; gru: cosine of raw input vectors\n")
    assert refused("odd", "king", "queen") == "odd: 2 word(s); give 3 or more"


@pytest.mark.parametrize("question", ["neighbours", "similarity king", "odd king queen", "analogy king man"])
@pytest.mark.usefixtures("picture")
def test_an_unknown_word_is_guessed_from_its_spelling_if_asked(ask: Ask, refused: Refused, question: str) -> None:
    unknown = [*question.split(), "Frenchman"]  # "man" and "woman" share parts with it
    assert refused(*unknown).startswith("not among the ")
    assert json.loads(ask(*unknown, "--guess", "--json")[0])["guessed"] == ["frenchman"]
    assert ask(*unknown, "--guess")[1].endswith("; guessed from their spelling: frenchman\n")
    assert "guessed" not in "".join(ask(*question.split(), "girl", "--guess", "--json"))
    problem = refused(*question.split(), "qqq", "--guess")
    assert problem == f"not among the {len(PICTURE)} words of gru: 'qqq' (no word has a similar spelling)"


def test_a_guess_by_distance_is_not_counted_among_the_known_words(picture: Path, ask: Ask, refused: Refused) -> None:
    assert ask("neighbours", "frenchman", "--distance", "euclidean", "--guess", "--top", "1")[0].split()[0] in PICTURE
    assert refused("similarity", "frenchman", "qqq", "--guess").startswith(f"not among the {len(PICTURE)} words of gru")
