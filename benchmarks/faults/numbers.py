"""Texts and settings at the limits of what a model can learn from, and weights that overflow.

Each case runs the stages from `download` to `train` on a text of its own. It must work, or be refused in one line.
"""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch

from benchmarks.faults.project import copy, finished_project
from benchmarks.faults.report import Tried
from benchmarks.faults.stages import command_of, failed, refusal, run_stage
from models.trainable import TrainableLanguageModel
from tests.conftest import change_params

STAGES = (
    "download",
    "templates",
    "extract",
    "tokens",
    "vocabulary",
    "index",
    "baselines",
    "train@gru",
    "train@skipgram",
)
WORDS = ["the", "king", "and", "queen", "of", "old", "lands", "rule", "over", "men", "who", "live", "there"]


def text(articles: int, sentences: int = 40, length: int | None = None) -> str:
    """Return a plain text: articles with sentences of `length` words, or of varying lengths."""
    lines = []
    for article in range(articles):
        for number in range(sentences):
            words = length or 3 + (article + number) % 8
            drawn = [WORDS[(article * 7 + number * 3 + place) % len(WORDS)] for place in range(words)]
            lines.append(" ".join(drawn).capitalize() + ".")
        lines.append("")
    return "\n".join(lines)


class Case(NamedTuple):
    """A text with settings; the stage that refuses it, and what its error must contain; None: all stages work."""

    prose: str = text(30)
    settings: Mapping[str, Any] = MappingProxyType({})
    refused_by: str | None = None
    says: str = ""
    fault: Callable[[], object] = lambda: None


def not_a_number_at(step: int) -> Callable[[], object]:
    """Return a fault that makes the loss of this training step NaN."""

    def fault() -> None:
        honest, steps = TrainableLanguageModel.training_step, iter(range(10**9))

        def training_step(self: TrainableLanguageModel, batch: Any, batch_idx: int) -> torch.Tensor:
            loss = honest(self, batch, batch_idx)
            return loss * math.nan if next(steps) == step else loss

        TrainableLanguageModel.training_step = training_step  # type: ignore[method-assign]

    return fault


CASES = {
    "a plain text": Case(),
    "a vocabulary larger than the text": Case(settings={"vocabulary.size": 1_000_000}),
    "one sentence": Case("The king and the queen rule.\n", refused_by="baselines", says="use more articles"),
    "one article": Case(text(1), refused_by="baselines", says="use more articles"),
    "two articles": Case(text(2), refused_by="baselines", says="use more articles"),
    "rows all of one length": Case(text(30, length=6)),
    "one word": Case("king king king king.\n" * 40, refused_by="baselines", says="use more articles"),
    "a learning rate that overflows": Case(
        settings={"models.gru.learning_rate": 1e30, "models.gru.gradient_clip": 0},
        refused_by="train@gru",
        says="models.gru.learning_rate",
    ),
    "a model of some four times the memory": Case(
        settings={"models.gru.embedding_size": os.sysconf("SC_PHYS_PAGES") * 5}, refused_by="train@gru", says="memory"
    ),
    "vectors larger than memory": Case(
        settings={"models.skipgram.embedding_size": 4 * 10**9}, refused_by="train@skipgram", says="memory"
    ),
    **{
        f"NaN at step {step}": Case(
            settings={"models.gru.batches.tokens": 64},
            refused_by="train@gru",
            says="not a finite number",
            fault=not_a_number_at(step),
        )
        for step in (0, 1, 20)
    },
}


def run(scratch: Path) -> Tried:
    """Try every case and return the results."""
    finished_project(scratch / "finished")
    tried = Tried("numbers that go wrong")
    for name, case in CASES.items():
        root = copy(scratch / "finished", scratch / "numbers")
        (root / "own.txt").write_text(case.prose, encoding="utf-8")
        change_params(root / "params.yaml", {"wiki.source": "own.txt", **case.settings})
        tried.add(name, wrong(root, case))
    return tried


def wrong(root: Path, case: Case) -> list[str]:
    """Run the stages on a case; return what is wrong."""
    for stage in STAGES:
        ended = run_stage(root, command_of(root, stage), case.fault)
        if stage == case.refused_by:
            return refusal(ended, [case.says])
        if problems := failed(ended):
            return [f"{stage}: {each}" for each in problems]
    return []
