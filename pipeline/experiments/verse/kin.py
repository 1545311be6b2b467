"""Poems that belong together, since one tells what the other says."""

from collections.abc import Sequence

from pipeline.experiments.verse.novelty import Line, grams
from pipeline.experiments.verse.poems import Poem, words_of

KIN = 5  # words in a row; few poems have so many in common by chance


def kindred(poems: Sequence[Poem]) -> list[list[Poem]]:
    """A poet's poems by kin: two that have a run of `KIN` words in common, or are of the kin of a third, are together.

    They are editions of one poem, or its stanzas with their refrain where stanzas count as poems. Parted by a split,
    one would tell what the other says.
    """
    kin = {poem.poem: [poem] for poem in poems}
    first: dict[Line, int] = {}  # the poem that has a run of words first
    for poem in poems:
        for line in poem.lines:
            for run in grams(words_of(line), KIN):
                other = kin[first.setdefault(run, poem.poem)]
                own = kin[poem.poem]
                if other is not own:
                    other += own
                    kin |= dict.fromkeys((member.poem for member in own), other)
    return list({id(group): group for group in kin.values()}.values())
