"""The undamaged files with which every case begins."""

import bz2
import contextlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline import compare, download, grammar, templates
from tests.commands.conftest import SMALL, make_run
from tests.conftest import change_params
from tests.small_dumps import a_dump
from tests.to_page import score_baselines
from wikilm.__main__ import main as wikilm
from wikilm.packed import shipped
from wikilm.packed_model import ZIP

PAIR = {"good": "the king rules", "bad": "the rules king", "kind": "order"}
ITEM = {"a": ["The king", "rules ."], "b": ["The", "king ."]}
REGIONS = [{"region_number": 2, "content": "rules"}, {"region_number": 1, "content": "The king"}]
ITEMS = [{"item_number": 1, "conditions": [{"condition_name": name, "regions": REGIONS} for name in "ab"]}]
PREDICTIONS = [{"type": "formula", "formula": "[(2;%a%) < (*;%b%)] & [(1;%a%) + 1 > (1;%b%) - (2;%b%)]"}]
SETS = {
    "pairs/mine.jsonl": f"{json.dumps(PAIR)}\n" * 3,
    "pairs/table.tsv": 'good\tbad\tkind\nthe king rules\tking the rules\torder\na man\t"a ""men"""\tnumber\n',
    "pairs/short.json": json.dumps({"suite": "s", "formulas": ["(2;%a%) < (2;%b%)"], "items": {"1": ITEM}}),
    "pairs/suite.json": json.dumps({"meta": {"name": "suite"}, "predictions": PREDICTIONS, "items": ITEMS}),
    "words.tsv": "word\tline\tsentence\tblank\nThe\t1\t1\t1\nking\t1\t1\t1\n.\t1\t1\t0\nSo\t2\t1\t1\n",
}


def main(arguments: Sequence[str]) -> None:
    """Make a run with its dump in a new folder, beside packed vectors and the language model that comes with wikilm."""
    (root := Path(arguments[0])).mkdir()
    make_run(root, {"models": {}} | {key: value for key, value in SMALL.items() if "embedding" not in key})
    with contextlib.chdir(root):
        Path("tiny.xml.bz2").write_bytes(bz2.compress(a_dump().encode()))
        change_params(Path("params.yaml"), {"wiki.source": "tiny.xml.bz2", "wiki.project": "enwiki"})
        download.main(["data/raw"])
        templates.main(["data/raw", "data/templates.db"])
        score_baselines()
        folders = ["data/sequences.db", "data/models", "data/baselines", "data/reports/perplexities.json"]
        compare.main([*folders, "--metrics", "data/metrics/compare"])
        for name, content in SETS.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(content)
        judged = ["data/sequences.db", "data/articles.json", "data/models", "data/metrics/train"]
        grammar.main([*judged, "data/reports/grammar.json", "--metrics", "data/metrics/grammar"])
        wikilm(["pack", "svd", "svd.npz", "--source", "Twelve articles", "--licence", "CC0"])
    shutil.copy(shipped(ZIP)["enwiki-40m"], root)
