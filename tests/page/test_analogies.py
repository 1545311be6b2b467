from pathlib import Path

import numpy as np

from pipeline import report
from pipeline.page.analogies import explorer
from pipeline.records.analogies import AnalogyReport
from pipeline.run.outputs import read_json
from pipeline.vectors.evaluation.similarity import shipped_pairs
from pipeline.vectors.evaluation.wording import TRIVIAL
from tests.page.conftest import FAMILY, ask, plotted, render, write_curves, write_vectors


def test_vectors_that_can_ask_nothing(in_tmp: Path) -> None:
    words = [f"vuords{number}" for number in range(20)]
    write_vectors("gru", words, np.random.default_rng(0).normal(size=(20, 3)))
    ask("gru")
    write_curves("skipgram", cosine_total=[0.0, 0.0], words_read=[1000, 3000])
    html = render()
    tables = sorted(Path("data/plots/models").glob("*/*.tsv"))  # a header alone where there is nothing
    lines = {path.stem: path.read_text(encoding="utf-8").count("\n") for path in tables}
    assert lines == {"analogies_by_epoch": 3, "perplexity": 1}
    for absent in 'class="unasked"', "on analogies by words read.", 'class="cell"', "Coloured: the best":
        assert absent not in html
    missing = ", ".join(f"<bdi>{word}</bdi>" for word in ("man", "king", "woman", "queen"))
    judged = "cannot be judged by analogies: no question of the test half can be asked."
    none = "<td>0<small>0.0%</small><small>20 words</small></td><td>-"  # no share of none is right
    for told in f"{missing} are not among the words.", "vuords7", 'id="map"', none, judged:
        assert told in html
    Path("data/reports/vectors.json").unlink()  # the vectors of all models were not compared
    report.main(["data", "data/index.html", "data/plots/models"])
    assert none in Path("data/index.html").read_text(encoding="utf-8")


def test_questions_of_ones_own_are_examples_and_similarity_has_its_interval(in_tmp: Path) -> None:
    words = sorted({word for pair in shipped_pairs()[0].pairs for word in (pair.one, pair.other)} - {*FAMILY})
    king, *family = FAMILY.values()
    vectors = [king, *np.random.default_rng(0).normal(size=(len(words), 3)) - [9, 9, 0], *family]
    write_vectors("gru", ["könig", *words, *list(FAMILY)[1:]], np.array(vectors))
    Path("questions").mkdir()
    Path("questions/book.txt").write_text("man könig woman queen\n", encoding="utf-8")
    ask("gru")
    found = read_json(Path("data/reports/analogies/gru.json"))["similarity"]["wordsim353"]
    assert 300 < found["known"] < 353
    row = f'<tr><td>WordSim-353</td><td class="text">Spearman</td><td>{found["known"]}<small>of 353</small></td><td>-'
    interval = f"<small>{found['low']:.2f} to {found['high']:.2f}</small>"
    html = render()
    assert f"{row}</td><td>{found['spearman']:.3f}{interval}</td></tr>" in html
    assert ' class="example">könig - man + woman</button>' in html


def test_models_are_compared_in_one_table_and_the_explorer_has_a_cell_for_each_section(in_tmp: Path) -> None:
    """One of true offsets, and one whose word for a female king is another; the latter was asked as it trained."""
    true = np.array(list(FAMILY.values()), float)
    for name, vectors in (("gru", true), ("skipgram", true[[0, 5, 2, 3, 4, 1]])):
        write_vectors(name, list(FAMILY), vectors)
        ask(name)
    mine = "king queen boy girl\nnot four\nking queen duke duchess\n"
    Path("questions/mine.txt").write_text(mine, encoding="utf-8")
    ask("gru")
    write_curves("skipgram", cosine_total=[0.25, 0.5], words_read=[1000, 3000])
    html = render()
    assert "side by side and centred; 6 words, 6 of 19,544 questions asked." in html
    assert "<li>skipgram: from 25 at 1,000 to 50 at 3,000</li>" in html
    assert plotted("analogies_by_epoch")[2] == ["skipgram", "2", "3000.0", "0.5"]
    results = {name: read_json(Path(f"data/reports/analogies/{name}.json")) for name in ("gru", "skipgram")}
    best = "gru"  # the first, since no question is in the development half
    for name, result in results.items():
        accuracy = result["accuracy"]["cosine"]
        (row,) = (line for line in html.splitlines() if f">{name}<small>input, raw</small>" in line)
        # All pairs of the family that the model knows are in the test half.
        note = "" if name == best else f"<small>level with {best}</small>"
        assert f">{accuracy['test']:.1%}{note}</td>" in row
        assert f"<td>{result['accuracy']['euclidean']['test']:.1%}</td>" in row
        assert "<td>3</td><td>-</td><td>6<small>0.0%</small><small>6 words</small></td>" in row
        assert f"%<small>of {result['asked_test']}</small></td><td>-<small>of 0</small></td>" in row  # none syntactic
    assert "<td>mine.txt</td><td>2<small>1 malformed, left out</small></td>" in html
    assert "<td>1 of 1<small>Euclidean 1</small></td><td>-</td></tr>" in html  # skipgram was not asked those

    first, *others = explorer(
        {name: AnalogyReport.read(Path(f"data/reports/analogies/{name}.json")) for name in results}
    )
    family = results["gru"]["sections"]["family"]
    assert (first["name"], first["asked"], first["questions"]) == ("family", 6, 506)
    assert first["baseline"] == max(family[rule] for rule in TRIVIAL) / 6
    assert {(row["baseline"], *row["cells"].values()) for row in others} == {(None, None, None)}
    for name, cell in first["cells"].items():
        answers = results[name]["answers"]["family"]
        right = [q for q in answers if q["right"]]
        near = [q for q in answers if not q["right"] and q["expected"] in q["top5"]]
        assert (cell["right"], cell["asked"], cell["share"]) == (len(right), 6, len(right) / 6)
        assert cell["low"] is None  # three word pairs
        counts = {"Right": len(right), "Right among the five best answers": len(near), "Wrong": 6 - len(right + near)}
        assert {kind: count for kind, (count, _) in cell["kinds"].items()} == {k: n for k, n in counts.items() if n}
        assert all(len(some) == min(3, count) for count, some in cell["kinds"].values())
    assert (html.count('class="cell"'), html.count('class="unasked"')) == (2, 13 * 3)
