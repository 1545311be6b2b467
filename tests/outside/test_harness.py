"""lm-evaluation-harness gives the sums of wikilm on its own BLiMP tasks, which read a local file."""

import csv
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.store.vocabulary import END
from wikilm.prediction import LanguageModel

pytestmark = pytest.mark.outside
PARADIGMS = ("adjunct_island", "anaphor_gender_agreement")
SIDES = ("sentence_good", "sentence_bad")


def write_tasks(folder: Path, pairs: list[dict[str, str]]) -> list[str]:
    """Write the harness's tasks for the paradigms of `pairs`, reading these; return their names."""
    import lm_eval

    own, names = Path(lm_eval.__file__).parent / "tasks/blimp", []
    for paradigm in dict.fromkeys(pair["UID"] for pair in pairs):
        lines = [json.dumps(pair) for pair in pairs if pair["UID"] == paradigm]
        (file := folder / f"{paradigm}.jsonl").write_text("\n".join(lines))
        task: dict[str, Any] = {
            "include": str(own / f"{paradigm}.yaml"),
            "task": f"own_{paradigm}",
            "dataset_path": "json",
        }
        task |= {"dataset_name": None, "dataset_kwargs": {"data_files": {"train": str(file)}}}
        task |= {"target_delimiter": ""}  # else a blank stands before each sentence
        (folder / f"{paradigm}.yaml").write_text(json.dumps(task))  # JSON is YAML
        names.append(f"own_{paradigm}")
    return names


@torch.no_grad()
def summed(model: LanguageModel, sentence: str) -> float:
    """Return the log-probability of a sentence in nats, without its end."""
    _, ids = model.read(sentence)
    hidden, _ = model.network(torch.tensor([[END, *ids[:-1]]]))
    logs = model.network.logits(hidden[0], model.network.contexts_in(ids[:-1])).log_softmax(1)
    return float(logs.gather(1, torch.tensor(ids)[:, None]).sum())


def test_sums_and_accuracy_are_those_of_wikilm(
    folder: Path, shipped: LanguageModel, shared: Path, tmp_path: Path, tokenizer: Any
) -> None:
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    with lzma.open(shared / "data/evaluation/blimp/pairs.tsv.xz", "rt", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        pairs = [row for row in rows if row["UID"] in PARADIGMS and int(row["pairID"]) < 100]
    names = write_tasks(tmp_path, pairs)
    model = HFLM(str(folder), trust_remote_code=True, batch_size=64, device="cpu")
    tasks = TaskManager(include_path=str(tmp_path))
    found = lm_eval.simple_evaluate(model, tasks=names, task_manager=tasks, bootstrap_iters=0)
    for name in names:
        own = [[summed(shipped, pair[side]) for side in SIDES] for pair in pairs if f"own_{pair['UID']}" == name]
        samples = sorted(found["samples"][name], key=lambda sample: sample["doc_id"])
        theirs = [[sums for sums, _ in sample["filtered_resps"]] for sample in samples]
        assert theirs == [pytest.approx(each, abs=1e-3) for each in own]
        right = sum(good >= bad for good, bad in own) / len(own)
        assert found["results"][name]["acc,none"] == pytest.approx(right)
