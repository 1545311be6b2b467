from pipeline.experiments.verse.poems import Poem, RawPoem, deduplicate, group_related


def poem(place: int, *lines: str) -> Poem:
    return Poem("ann", place, place, None, [list(lines)])


def test_poems_that_share_five_words_are_related_and_so_are_those_related_to_them() -> None:
    poems = [
        ["The wheel went round the weir"],
        ["The wheel went round the sea"],  # five of the first
        ["So it went on, and on, and on", "Over the old grey wall we came"],
        ["The wheel went round"],  # only four
        ["A wheel went round the sea", "Over the old grey wall"],  # of the second and the third
        ["Over the", "old grey wall we"],  # not within a line
    ]
    assert group_related([RawPoem([lines]) for lines in poems]) == [0, 0, 0, 3, 0, 5]


def test_an_edition_without_the_lines_of_the_other_is_related_to_it() -> None:
    mill = [["The wheel went round, the wheel went round", "And nobody was there"]]
    found = [RawPoem([["A heron"]]), RawPoem(mill), RawPoem([[mill[0][0], "And no one saw it"]]), RawPoem(mill)]
    poems, _ = deduplicate("ann", found)
    assert [(poem.poem, poem.group, poem.lines) for poem in poems] == [
        (0, 0, ["A heron"]),
        (1, 1, mill[0]),
        (2, 1, ["And no one saw it"]),
    ]
