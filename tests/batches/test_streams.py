from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.batch import IGNORED
from pipeline.batches.order import ALL, Draw, Drawing, Share, StreamOrder
from pipeline.batches.rows import SequenceData
from pipeline.batches.settings import Sentences, Stream
from pipeline.store.sequences import build
from tests.store.test_sequences import VOCABULARY, an_article

ARTICLES = [[3, 1, 4], [1], [5, 9, 2, 6], [5, 3], [5]]  # the lengths of their sentences

Step = tuple[int, int, int]  # article, sentence, step within it


def order(articles: list[list[int]], rows: int = 2, steps: int = 4, share: Share = ALL, seed: int = 1) -> StreamOrder:
    lengths = np.array([length for article in articles for length in article], np.int32)
    article_ids = np.repeat(np.arange(7, 7 + len(articles)), list(map(len, articles)))
    drawing = Drawing(seed, 0.3, True, share)
    return StreamOrder(np.arange(len(lengths)), lengths, drawing, article_ids=article_ids, rows=rows, steps=steps)


def read(articles: list[list[int]], draw: Draw) -> list[list[Step]]:
    """The steps in each row of a batch."""
    sentences = [(a, s, length) for a, article in enumerate(articles) for s, length in enumerate(article)]
    laid = [(a, s, step) for a, s, length in (sentences[id_] for id_ in draw.ids) for step in range(length + 1)]
    return [laid[start:stop] for start, stop in draw.spans]


def whole(articles: list[list[int]]) -> list[Step]:
    return [
        (a, s, t) for a, article in enumerate(articles) for s, length in enumerate(article) for t in range(length + 1)
    ]


@given(
    st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5), min_size=1, max_size=8),
    st.integers(1, 6),
    st.integers(1, 12),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_articles_are_read_once_and_in_one_go(
    articles: list[list[int]], rows: int, steps: int, world: int, epoch: int
) -> None:
    every = whole(articles)
    follows = dict(pairwise(every))
    seen: list[Step] = []
    batches = set()
    for rank in range(world):
        shared = order(articles, rows, steps, Share(rank, world))
        shared.set_epoch(epoch)
        before: list[list[Step]] = []
        for number, draw in enumerate(shared):
            now = read(articles, draw)
            assert draw.fresh is not None
            for row, (line, fresh) in enumerate(zip(now, draw.fresh, strict=True)):
                assert len(line) <= steps
                assert all(follows[a] == b and a[0] == b[0] for a, b in pairwise(line))
                if line:
                    starts = line[0][1:] == (0, 0)
                    assert fresh == (starts or number == 0)
                    assert starts or number == 0 or follows[before[row][-1]] == line[0]
                seen += line
            before = now
        batches.add((number + 1, len(shared)))
    assert sorted(seen) == every
    assert len(batches) == 1


def test_only_the_last_piece_of_an_article_is_short() -> None:
    lines = [line for draw in order(ARTICLES) for line in read(ARTICLES, draw)]
    assert sorted(len(line) for line in lines if line)[-6:] == [4] * 6
    for line in lines:
        assert (
            len(line) == 4
            or not line
            or line[-1] == (line[-1][0], len(ARTICLES[line[-1][0]]) - 1, ARTICLES[line[-1][0]][-1])
        )


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    def drawn(epoch: int, seed: int = 1, first: int = 0) -> list[list[list[Step]]]:
        some = order(ARTICLES, seed=seed)
        some.start_at(epoch, first)
        return [read(ARTICLES, draw) for draw in some]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert drawn(3) != drawn(3, seed=2)
    assert drawn(3, first=2) == drawn(3)[2:]


def make_data(path: Path, end_fraction: float) -> SequenceData:
    articles = [
        an_article(n, [[2, 3, 4], [3, 2], [4] * (n + 1)], split)
        for n, split in enumerate(["train", "test", "train", "valid", "test", "train"])
    ]
    build(path, articles, VOCABULARY, end_fraction)
    return SequenceData(path, seed=3, batches=Stream(kind="stream", rows=2, steps=5))


def test_a_batch_holds_start_end_and_padding(tmp_path: Path) -> None:
    data = make_data(tmp_path / "all.db", 1.0)
    batches = list(data.loader("valid", Stream(kind="stream", rows=1, steps=6)))
    assert [batch.inputs.tolist() for batch in batches] == [[[0, 2, 3, 4, 0, 3]], [[2, 0, 4, 4, 4, 4]]]
    assert [batch.targets.tolist() for batch in batches] == [[[2, 3, 4, 1, 3, 2]], [[1, 4, 4, 4, 4, 1]]]
    assert [batch.fresh.tolist() for batch in batches] == [[True], [False]]
    data = make_data(tmp_path / "none.db", 0.0)
    batches = list(data.loader("valid", Stream(kind="stream", rows=2, steps=8)))
    assert [batch.inputs.tolist() for batch in batches] == [[[0, 2, 3, 4, 0, 3, 2, 0], [4, 4, 4, 4, 0, 0, 0, 0]]]
    assert batches[0].targets.tolist() == [
        [2, 3, 4, IGNORED, 3, 2, IGNORED, 4],
        [4, 4, 4, IGNORED, IGNORED, IGNORED, IGNORED, IGNORED],
    ]


def test_streams_and_sentences_have_the_same_targets(tmp_path: Path) -> None:
    data = make_data(tmp_path / "s.db", 0.5)
    sentences, streams = data.test_dataloader()
    small = data.loader("test", Sentences(kind="sentences", tokens=16))
    assert len(small) > len(sentences) == 1
    counts = [
        np.bincount(np.concatenate([batch.targets[batch.targets != IGNORED].numpy() for batch in loader]), minlength=5)
        for loader in (sentences, small, streams)
    ]
    assert counts[0].tolist() == counts[1].tolist() == counts[2].tolist()
    assert counts[0][1] not in (0, 6)  # END where it was drawn
