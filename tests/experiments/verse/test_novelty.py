import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.experiments.verse.novelty import novelty

SOURCE = ["the wheel went round and round", "no one was there", "so it goes"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["then the wheel went round again"], (4, 2 / 3, 0.0)),
        (["so it goes", "was there so it goes on"], (3, 1.0, 0.5)),  # a run within one line of each
        (["no one was there", "no one was there", "all of it is new"], (4, 2 / 4, 2 / 3)),
    ],
)
def test_novelty_by_hand(lines: list[str], expected: tuple[int, float, float]) -> None:
    found = novelty([line.split() for line in lines], [line.split() for line in SOURCE])
    assert (found.longest_run, found.novel_4grams, found.copied_lines) == expected


lines = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=7), min_size=1, max_size=5)


@settings(deadline=None)
@given(lines, lines)
def test_the_longest_run_is_what_trying_every_run_finds(source: list[list[str]], written: list[list[str]]) -> None:
    def stands(run: list[str]) -> bool:
        return any(line[at : at + len(run)] == run for line in source for at in range(len(line)))

    runs = [line[i:j] for line in written for i in range(len(line)) for j in range(i + 1, len(line) + 1)]
    found = novelty(written, source)
    assert found.longest_run == max((len(run) for run in runs if stands(run)), default=0)
    fours = [run for run in runs if len(run) == 4]
    assert found.novel_4grams == (sum(not stands(run) for run in fours) / len(fours) if fours else None)
