"""Words that the vocabulary lacks, and those that it has of nearly the same spelling."""

from collections.abc import Collection, Iterable, Sequence

from pipeline.run.console import UserError

SUGGESTED = 3


def nearest(word: str, known: Sequence[str], number: int = SUGGESTED) -> list[str]:
    """The `known` words that fewest edits part from `word`: the first `number` of them, so the most frequent.

    An edit is a letter more, less or another, or two letters that change places. No more than a third of the letters
    may differ, or two of a short word, but never all.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    edits = max(0, min(max(2, len(word) // 3), len(word) - 1))
    found = process.extract(word, known, scorer=OSA.distance, limit=number, score_cutoff=edits)
    return [near for near, distance, _ in found if distance == found[0][1]]


def check_known(words: Iterable[str], known: Sequence[str], index: Collection[str], whose: str) -> None:
    """Raise `UserError` where some `words` are not in the `index` of the `known` ones, which are `whose`."""
    lacking = [word for word in dict.fromkeys(words) if word not in index]
    if lacking:
        told = "; ".join(f"{word!r}{_like(nearest(word, known))}" for word in lacking)
        raise UserError(f"not among the {len(known):,} words of {whose}: {told}")


def _like(near: list[str]) -> str:
    return f" (nearest in spelling: {', '.join(near)})" if near else " (and none is spelled nearly so)"
