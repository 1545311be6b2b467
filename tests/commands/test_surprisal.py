"""`wikilm score --words` and what goes with it, asked of the model that comes with wikilm and of a run of words."""

import contextlib
import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.claims import FIGURES
from pipeline.run.outputs import read_json
from tests.commands.conftest import Ask, Refused
from tests.conftest import ROOT
from tests.documents import blocks
from wikilm import Error, LanguageModel, Run
from wikilm.packed import SHIPPED
from wikilm.packed_model import PackedRun
from wikilm.surprisal import Surprisals

MODEL = "enwiki-40m"
TEXT = "The King rules the land. Ça va, it says!\n\nNaïve café; 東京 is large. "
LANGUAGES = {
    "en": "The boat's owner, Mr. Smith, left. \"He went (at 5:30) home\" – she said; don't ask.",
    "de": "Die Straße heißt jetzt »Am Großen Wannsee 56–58«. Z. B. wohnen dort, ähnlich wie früher, Übersetzer.",
    "tr": 'İstanbul\'da yağmur yağıyor. Çocuklar "şemsiye" istiyorlar; öğretmen ıslanmış, ağlıyor.',
    "ja": "東京は大きい。人口は約1400万人である。 「大きい」と彼は言った。",
}


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return Run().language_model(MODEL)


def plain_logs(ids: list[int]) -> Tensor:
    """The log-probabilities (n + 1, V) after END and each of the ids, by the weights in plain torch, and n-grams."""
    packed = PackedRun(SHIPPED / f"{MODEL}.zip")
    weights = {name: torch.from_numpy(own) for name, own in packed._weights.items()}
    own = {name.split(".")[-1]: value for name, value in weights.items() if "layers.0." in name}
    state, outputs = torch.zeros_like(own["hidden_bias"]), []
    for step in weights["embedding.weight"][[1, *ids]] @ own["input_weight"].T + own["bias"]:
        (r, u, c), (hr, hu, hc) = step.chunk(3), (own["hidden_weight"] @ state).chunk(3)
        candidate = torch.tanh(c + torch.sigmoid(r + hr) * (hc + own["hidden_bias"]))
        state = torch.lerp(state, candidate, torch.sigmoid(u + hu))
        outputs.append(state)
    hidden = torch.stack(outputs)
    clusters = hidden @ weights["output.clusters.weight"].T + weights["output.clusters.bias"]
    logits = hidden @ weights["embedding.weight"].T + weights["output.bias"]
    for number, (start, stop) in enumerate(((1000, 4000), (4000, 8000))):
        logits[:, start:stop] = logits[:, start:stop].log_softmax(1) + clusters[:, [number]]
    network = logits.double().log_softmax(1)
    odds = (hidden @ weights["gate.weight"].T + weights["gate.bias"]).double()
    counted = packed._ngrams.after(packed._ngrams.contexts(ids)).double().log()
    return torch.logaddexp(counted + F.logsigmoid(odds), network + F.logsigmoid(-odds))


def test_plain_torch_on_the_weights_gives_the_same_words(model: LanguageModel) -> None:
    text = "The boats rule, unlawfully."
    _, ids, _ = model.vocabulary.encode([text], lambda: NotImplemented)
    logs = plain_logs(ids.tolist())
    chances = -logs[range(len(ids)), ids.tolist()] / math.log(2)
    blank = [model.vocabulary.by_id[id][0] == "Ġ" or id == 1 for id in range(len(model.vocabulary))]
    ends = -logs[:, torch.tensor(blank)].logsumexp(1) / math.log(2)
    words = [[*range(len(ids))][a:b] for a, b in ((0, 1), (1, 3), (3, 5), (5, len(ids)))]
    pieces = [model.vocabulary.by_id[id] for id in ids.tolist()]
    assert [pieces[each[0]][0] == "Ġ" for each in words] == [False, True, True, True]
    expected = [chances[each].sum() + ends[each[-1] + 1] - (ends[each[0]] if each[0] else 0) for each in words]
    expected.append(-logs[-1, 1] / math.log(2) - ends[-1])
    assert [row.surprisal for row in model.surprisals(text).rows] == pytest.approx([*map(float, expected)], abs=1e-4)
    expected = [chances[each].sum() for each in words] + [-logs[-1, 1] / math.log(2)]
    found = model.surprisals(text, leading_blank=True).rows
    assert [row.surprisal for row in found] == pytest.approx([*map(float, expected)], abs=1e-4)
    entropies = [torch.special.entr(logs[each[0]].exp()).sum() / math.log(2) for each in [*words, [len(ids)]]]
    assert [row.entropy for row in found] == pytest.approx([*map(float, entropies)], abs=1e-4)
    assert [row.pieces for row in found] == [*map(len, words), 1]


def check_sums(found: Surprisals, text: str) -> None:
    """Rows sum to the totals, and words are where they say."""
    spent = {end: [row.surprisal or 0 for row in found.rows if (row.length == 0) == end] for end in (False, True)}
    assert found.total_bits == pytest.approx(sum(spent[True] + spent[False]), abs=1e-6)
    assert found.end_bits == pytest.approx(sum(spent[True]), abs=1e-6)
    lines = text.split("\n")
    words = [row for row in found.rows if row.length]
    assert [lines[row.line - 1][row.start : row.start + row.length] for row in words] == [row.word for row in words]
    assert "".join(row.word for row in words) == "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_sum_to_the_total_and_give_back_the_text(model: LanguageModel, language: str) -> None:
    text = LANGUAGES[language] + " \n\n " + LANGUAGES[language]
    totals = set()
    for leading_blank in (False, True):
        check_sums(found := model.surprisals(text, leading_blank=leading_blank), text)
        totals.add(found.total_bits)
    assert len({*totals, model.surprisals(text, pieces=True).total_bits}) == 1
    pieces = "".join(row.word for row in model.surprisals(text, pieces=True).rows if row.word != "END")
    read = re.sub(rb"\\x(..)", lambda byte: bytes.fromhex(byte[1].decode()), pieces.encode())
    assert read.decode() == text.replace("\n \n", "\n").replace("\n", "")


def test_shared_sentences_sum_to_the_total_and_give_back_the_text(model: LanguageModel, shared: Path) -> None:
    for language in ("en", "de", "tr"):
        lines = (shared / f"data/sentences/{language}-dev.jsonl").read_text(encoding="utf-8").splitlines()[:10]
        text = "\n".join(" ".join(json.loads(line)) for line in lines)
        check_sums(model.surprisals(text, lines=True), text)


def test_lines_start_anew_and_else_the_text_runs_on(model: LanguageModel) -> None:
    text = "The cat sat.\n\nOne. Two three four.\n" + "A long line. " * 700 + "\n"
    alone = [model.surprisals(line).rows for line in text.split("\n") if line]
    found = model.surprisals(text, lines=True)
    assert [row.line for row in found.rows] == [n for n, own in zip((1, 3, 4), alone, strict=True) for _ in own]
    expected = [row.surprisal for own in alone for row in own]
    assert [row.surprisal for row in found.rows] == pytest.approx(expected, abs=1e-4)
    running = model.surprisals(text).rows
    first = len(alone[0])
    assert [row.surprisal for row in running[:first]] == pytest.approx(expected[:first], abs=1e-4)
    assert running[first].surprisal != pytest.approx(expected[first], abs=0.1)
    assert model.surprisals(text, lines=True, whole=True).rows[-1].sentence == 3
    bits = model.score(text, lines=True)["bits_per_byte"] * len(text.replace("\n\n", "\n").strip("\n").encode())
    assert bits == pytest.approx(found.total_bits, rel=0.01)  # products in bfloat16


def test_lines_of_a_run_of_words_are_not_dropped(run: Path, ask: Ask) -> None:
    Path("items").write_text("So!\nThe king rules.\n")
    assert json.loads(ask("score", "items", "--json")[0])["sequences"] == 1
    found = json.loads(ask("score", "items", "--lines", "--words", "--json")[0])
    assert [row["word"] for row in found["words"]] == ["so", "END", "the", "king", "rules", "END"]
    assert json.loads(ask("score", "items", "--lines", "--json")[0])["tokens"] == 4


def as_table(answer: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(answer), delimiter="\t")]


def test_a_table_of_words_comes_back_with_their_surprisals(model: LanguageModel, in_tmp: Path, ask: Ask) -> None:
    found = model.surprisals(TEXT, lines=True)
    words = [row for row in found.rows if row.length]
    rows = [f'{row.line}\t{row.word}\t{n}\t"a' for n, row in enumerate(words)]
    Path("words.tsv").write_text("\n".join(["line\tword\ttime\tquote", *rows]) + "\n", encoding="utf-8")
    answer, _ = ask("score", "words.tsv", "--words", "--lines", "--model", MODEL)
    table = as_table(answer)
    assert [[row["line"], row["word"], row["time"], row["quote"]] for row in table] == [
        [str(row.line), row.word, str(n), '"a'] for n, row in enumerate(words)
    ]
    assert [*table[0]][4:] == [
        *("sentence", "number", "start", "surprisal", "entropy", "length", "pieces", "log_frequency", "unknown"),
        *("network", "ngrams", "gate", "recut"),
    ]
    # The text's last blank alone is missing.
    assert [float(row["surprisal"]) for row in table[:-1]] == pytest.approx([row.surprisal for row in words[:-1]])
    assert {row["recut"] for row in table} == {"0"}
    told = json.loads(ask("score", "words.tsv", "--words", "--lines", "--model", MODEL, "--json")[0])
    assert told["total_bits"] == pytest.approx(sum(row["surprisal"] for row in told["table"]) + told["end_bits"])
    Path("again.tsv").write_text("\n".join(line.rpartition("\t")[0] for line in ["word\t", *(
        f"{row.word}\t" for row in words)]) + "\n", encoding="utf-8")  # fmt: skip
    assert [row["word"] for row in as_table(ask("score", "again.tsv", "--words")[0])] == [row.word for row in words]


def test_each_word_is_cut_alone(model: LanguageModel) -> None:
    def given(*words: tuple[str, int], **more: Any) -> list[dict[str, Any]]:
        return model.add_surprisals([{"word": word, "blank": blank} for word, blank in words], **more).rows

    english = given(("He", 1), ("work", 1), ("ing", 0), ("", 1), ("here", 1), (".", 0))
    assert [row["recut"] for row in english] == [False, True, True, False, False, False]
    assert [row["surprisal"] is None for row in english] == [False, False, False, True, False, False]
    japanese = [(word, int(n == 0)) for n, word in enumerate(("東京", "は", "大きい", "。", "人", "も", "多い", "。"))]
    found = given(*japanese)
    assert [row["sentence"] for row in found] == [1] * 4 + [2] * 4
    assert not any(row["recut"] for row in found)
    text = model.surprisals("".join(word for word, _ in japanese))
    assert sum(row["surprisal"] for row in found) == pytest.approx(text.total_bits - text.end_bits, abs=1e-4)
    assert {row["sentence"] for row in given(*japanese, whole=True)} == {1}


def test_a_word_of_which_a_model_of_words_reads_nothing_is_empty(run: Path) -> None:
    table = [{"word": word, "sentence": n} for n in (7, 8) for word in ("The", "–", "queen's", "xylophone", "--")]
    found = Run().language_model("gru").add_surprisals(table)
    assert [row["surprisal"] is None for row in found.rows] == [False, True, False, False, True] * 2
    assert [row["unknown"] for row in found.rows] == [False, False, True, True, False] * 2
    assert [row["log_frequency"] is None for row in found.rows] == [False, True, True, True, True] * 2
    assert found.total_bits == pytest.approx(found.end_bits + sum(row["surprisal"] or 0 for row in found.rows))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("time\twords\n1\tHe\n", ", line 1: has no column word; it has time, words"),
        ("word\ttime\nHe\t1\ngoes\n", ", line 3: has 1 column(s), and line 1 has 2"),
        ("word\tword\nHe\tgoes\n", ", line 1: has 2 columns 'word'; rename all but one"),
        ("word\tsurprisal\nHe\t1\n", ", line 1: has a column surprisal, which wikilm adds; rename it"),
        ("word\ttime\n369.0\tHe\n368.2\tgoes\n", ", line 2: word is '369.0'; no row has a letter; give text"),
        ("word\tblank\nHe\t1\ngoes\tno\n", ", line 3: blank is 'no'; it must be 0 or 1"),
        ("word\ttime\n", ": has no words"),
        ("word\ttime\nHe\t1\nça\t2\n".encode("latin-1"), ", line 3: is not UTF-8 text: invalid continuation byte"),
    ],
)
def test_a_table_that_is_none_of_words_is_refused(
    in_tmp: Path, refused: Refused, content: str | bytes, problem: str
) -> None:
    Path("w.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert refused("score", "w.tsv", "--words", "--model", MODEL).startswith(f"w.tsv{problem}")


def test_other_mistakes_are_told_in_a_line(model: LanguageModel, in_tmp: Path, refused: Refused) -> None:
    with pytest.raises(Error, match=r"^the table, line 2: word is 5.0, a float; it must be text$"):
        model.add_surprisals([{"word": "He"}, {"word": 5.0}])
    assert refused("score", "He.", "--leading-blank", "--model", MODEL).startswith("--leading-blank: ")
    assert refused("score", "He.", "--lines", "--dynamic", "--model", MODEL).startswith("lines: dynamic evaluation")
    assert refused("score", "He.", "--words", "--model", "enwiki-16m").startswith("enwiki-16m: no such language model")


def test_quotes_are_the_words_own_unless_a_spreadsheet_wrote_them(in_tmp: Path, ask: Ask) -> None:
    for content in (
        'word\n"Go\n"Hi"\n"\nhe\n',
        'word\n"""Go"\n"""Hi"""\n""""\nhe\n',
        '"word"\n"""Go"\n"""Hi"""\n""""\n"he"\n',
    ):
        Path("w.tsv").write_text(content)
        table = as_table(ask("score", "w.tsv", "--words", "--model", MODEL)[0])
        assert [row["word"] for row in table] == ['"Go', '"Hi"', '"', "he"]


def test_the_pages_program_takes_reading_times_to_a_gain_in_likelihood(
    shared: Path, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,) = blocks(ROOT / "docs/surprisal.md", "python")
    assert len([line for line in program.splitlines() if line]) <= 30
    Path("project").mkdir()
    Path("shared").symlink_to(shared)
    found: dict[str, Any] = {}
    with contextlib.chdir("project"):
        exec(compile(program, "docs/surprisal.md", "exec"), found)
    figures = {key: value for run in read_json(FIGURES) for key, value in run["figures"].items()}
    expected = [figures["reading_times.surprisal"], figures["reading_times.surprisal.error"]]
    assert [*found["told"](found["gain"])] == pytest.approx(expected, rel=1e-3)
    assert f"{expected[0]:.4f} nats a word, standard error {expected[1]:.4f}" in capsys.readouterr().out
