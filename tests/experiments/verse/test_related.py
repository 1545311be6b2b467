from pipeline.experiments.verse.poems import Poem, group_related


def poem(place: int, *lines: str) -> Poem:
    return Poem("ann", place, None, [list(lines)])


def test_poems_that_share_five_words_are_related_and_so_are_those_related_to_them() -> None:
    poems = [
        poem(0, "The wheel went round the weir"),
        poem(1, "The wheel went round the sea"),  # five of the first
        poem(2, "So it went on, and on, and on", "Over the old grey wall we came"),
        poem(3, "The wheel went round"),  # only four
        poem(4, "A wheel went round the sea", "Over the old grey wall"),  # of the second and the third
        poem(5, "Over the", "old grey wall we"),  # not within a line
    ]
    assert sorted(sorted(poem.poem for poem in group) for group in group_related(poems)) == [[0, 1, 2, 4], [3], [5]]
