"""Unknown words, and the known words of nearly the same spelling."""

from collections.abc import Iterable, Sequence

from pipeline.run.console import UserError

SUGGESTED = 3


def nearest(word: str, known: Sequence[str], number: int = SUGGESTED) -> list[str]:
    """Return the `known` words with the fewest edits from `word`: the first `number` of them, so the most frequent.

    An edit adds, removes or changes a letter, or swaps two neighbouring letters. At most a third of the letters may
    differ, or two of a short word, but never all.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    edits = max(0, min(max(2, len(word) // 3), len(word) - 1))
    found = process.extract(word, known, scorer=OSA.distance, limit=number, score_cutoff=edits)
    return [near for near, distance, _ in found if distance == found[0][1]]


def check_known(words: Iterable[str], known: Sequence[str], model: str) -> None:
    """Raise `UserError` if some `words` are not among the words that a `model` knows."""
    index = set(known)
    if lacking := [word for word in dict.fromkeys(words) if word not in index]:
        told = "; ".join(f"{word!r}{_suggest(nearest(word, known))}" for word in lacking)
        raise UserError(f"not among the {len(known):,} words of {model}: {told}")


def _suggest(near: list[str]) -> str:
    return f" (nearest in spelling: {', '.join(near)})" if near else " (no word has a similar spelling)"
