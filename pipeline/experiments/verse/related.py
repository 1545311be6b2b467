"""Poems that share words, such as editions of one poem: a split keeps them together."""

from collections.abc import Sequence

from pipeline.experiments.verse.novelty import Line, ngrams
from pipeline.experiments.verse.poems import Poem, words_of

SHARED_WORDS = 5  # in a row; few poems share so many by chance


def group_related(poems: Sequence[Poem]) -> list[list[Poem]]:
    """Return a poet's poems in groups; two poems are in one group if they share `SHARED_WORDS` words in a row.

    Poems that are each related to a third are in one group, too. Related poems are editions of one poem, or stanzas
    with one refrain where each stanza counts as a poem. A model that learns one of them has seen part of the other.
    """
    groups = {poem.poem: [poem] for poem in poems}
    first: dict[Line, int] = {}  # the first poem that has these words in a row
    for poem in poems:
        for line in poem.lines:
            for run in ngrams(words_of(line), SHARED_WORDS):
                other = groups[first.setdefault(run, poem.poem)]
                own = groups[poem.poem]
                if other is not own:
                    other += own
                    groups |= dict.fromkeys((member.poem for member in own), other)
    return list({id(group): group for group in groups.values()}.values())
