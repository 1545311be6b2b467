"""N-grams of a packed model that do not fit it, or one another, or are too many."""

from collections.abc import Callable

import numpy as np

from tests.hostile.archives import MODEL, PACK, Change, of_tensors, repacked
from tests.hostile.case import Case
from tests.hostile.cases.archives import AGAIN, length_of_header, settings

Tensors = dict[str, np.ndarray]
NEXT, SCORE = f"wikilm next the king --model {PACK}", f"wikilm score King. --model {PACK} --json"
MEMBER = f"{MODEL}/ngrams.safetensors"


def sets(name: str, value: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Return what puts another tensor in the place of one, which it is made from."""
    return of_tensors(lambda tensors: tensors.update({name: value(tensors[name])}))


def with_value(value: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda tensor: np.append(tensor[:-1], np.array(value, tensor.dtype))


def as_columns(tensors: Tensors) -> None:
    """Let 20,000 words be a column, which a row of as many keys would make a matrix of gigabytes."""
    tensors["5.words"] = tensors["5.words"][:, None]


def with_weights(tensors: Tensors) -> None:
    """Let contexts weigh what follows from shorter ones as they like."""
    for name in [name for name in tensors if name.endswith("sizes")]:
        length = name[0]
        tensors[f"{length}.weights"] = np.full(len(tensors[name]), 1e30, np.float32)
        if length > "1":
            tensors[f"{length}.probabilities"] = np.full(len(tensors[f"{length}.words"]), 1e-5, np.float32)


def swapped(words: np.ndarray) -> np.ndarray:
    return np.concatenate([words[1::-1], words[2:]])


def millions(tensors: Tensors) -> None:
    """Let each word have 700 others behind it, which an archive repeats in no room, and nothing longer follow."""
    tensors["2.words"] = np.tile(np.arange(700, dtype=np.uint16), 8001)
    tensors["2.sizes"] = np.full(8001, 700, np.uint16)
    tensors["2.probabilities"] = np.full(len(tensors["2.words"]), 254, np.uint8)
    tensors["3.sizes"] = np.zeros(len(tensors["2.words"]), np.uint8)
    for name in [name for name in tensors if name[0] in "345" and name != "3.sizes"]:
        tensors[name] = tensors[name][:0]


CASES = [
    *(
        Case(f"n-grams {name}", repacked(PACK, {MEMBER: change}), NEXT, (PACK, MEMBER, *says, AGAIN))
        for name, change, *says in (
            ("that are not there", None, "missing"),
            ("without a tensor", of_tensors(lambda tensors: tensors.pop("3.sizes")), "of 5 words"),
            ("with another tensor", of_tensors(lambda own: own.update({"6.words": own["5.words"]})), "of 5 words"),
            ("of another vocabulary", sets("vocabulary", with_value(0)), "another vocabulary"),
            ("beyond the vocabulary", sets("5.words", with_value(8001)), "not in the vocabulary"),
            ("out of order", sets("2.words", swapped), "not in order"),
            ("whose words are a column", of_tensors(as_columns), "5.words"),
            ("whose words are below zero", sets("2.words", lambda own: -own.astype(np.int32)), "2.words"),
            ("whose counts are below zero", sets("2.sizes", lambda own: -own.astype(np.int32)), "2.sizes"),
            ("whose counts are too large", sets("2.sizes", lambda own: own.astype(np.uint64) << 40), "fit"),
            ("with a count more", sets("3.sizes", with_value(9)), "fit"),
            ("with a probability that is no number", sets("1.probabilities", with_value(np.nan)), "finite"),
            ("with an infinite probability", sets("1.probabilities", with_value(np.inf)), "finite"),
            ("with a probability below zero", sets("1.probabilities", with_value(-1)), "beyond"),
            ("that are twice as probable", sets("1.probabilities", lambda own: own * 2), "sum to"),
            ("that are all certain", sets("2.probabilities", np.zeros_like), "sum to more than 1"),
            ("in 64 bits", sets("1.probabilities", lambda own: own.astype(np.float64)), "1.probabilities"),
            ("whose END is more than certain", sets("end_fraction", with_value(5)), "end_fraction"),
            ("whose END is less than impossible", sets("end_fraction", with_value(-1)), "end_fraction"),
            ("whose END has no share", sets("end_fraction", lambda own: own[:0]), "end_fraction"),
            ("with weights of their own", of_tensors(with_weights), "of 5 words"),
            ("with a header of 1 TB", length_of_header),
        )
    ),
    *(
        Case(f"a pack whose {key} is {value}", settings(**{key: value}), NEXT, (PACK, key, AGAIN))
        for key, value in (("ngram_order", 10**6), ("ngram_order", -1), ("most_ngrams", 10**15), ("most_ngrams", -1))
    ),
    Case("n-grams that are five million", repacked(PACK, {MEMBER: of_tensors(millions)}), NEXT),
    Case("a pack with n-grams of fewer words than it says", settings(ngram_order=4), NEXT, (PACK, "of 4 words", AGAIN)),
    Case("a pack with n-grams that it does not name", settings(ngram_order=0), NEXT, (PACK, AGAIN)),
    Case(
        "a pack whose settings want all n-grams",
        settings(most_ngrams=None),
        SCORE,
        (PACK, "most_ngrams", AGAIN),
    ),
]
