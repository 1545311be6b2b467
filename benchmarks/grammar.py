"""What language models know of grammar, and what it costs to ask: half of BLiMP by field and term, SyntaxGym by suite.

    python -m benchmarks.grammar data

measures the model that comes with wikilm, and the language models and the mixture `mixture` of a run, with CPU seconds
and memory of a process for each; and the first one sentence by sentence.
"""

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import torch

import wikilm
from benchmarks.measure import SHARED, parser_of, record
from models.recurrent.layers import Layer
from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.text import training_text
from pipeline.records.figures import Perplexities
from pipeline.records.grammar import SetGrammar
from pipeline.run.command import peak_megabytes
from pipeline.scores.grammar import FIVEGRAM, NETWORK_ALONE, UNIGRAM, figures, judge, scored_by
from pipeline.scores.minimal_pairs import MinimalPairs
from pipeline.scores.sentences import Logs, Rows, network_logs
from pipeline.scores.sets import read_set
from pipeline.store.vocabulary import END
from pipeline.trained.learnt import before_sentence

SETS, SHIPPED = SHARED / "data/evaluation", "enwiki-40m"
ORDERS = {"bigram_kneser_ney": 2, "trigram_kneser_ney": 3, "fivegram_kneser_ney": 5}


class Cost(NamedTuple):
    """The figures of a set by model, and what they took."""

    found: SetGrammar
    cpu_seconds: float
    megabytes: float


def measure(data: Path, name: str, set_of: str) -> Cost:
    """Judge a set by a model, or by a mixture and the 5-gram of a run; counting n-grams is not timed."""
    run = wikilm.Run(data)
    weights = Perplexities.read(data / "reports/perplexities.json").weights[name] if name == "mixture" else {name: 1.0}
    models = {each: run.language_model(each) for each in weights if each not in ORDERS}
    first = next(iter(models.values()))
    tables = {}
    if name == "mixture":
        text = training_text(run.sequences)
        for each in {*weights, "fivegram_kneser_ney"} & {*ORDERS}:
            order = ORDERS[each]
            tables[each] = kneser_ney(SortedText(text, order, len(run.vocabulary)), order, run.end_fraction)
    start = process_time()
    networks = {each: (own.network, before_sentence(own.record)) for each, own in models.items()}
    every = scored_by(networks, first.run.target_counts(first.name), tables)

    def score(rows: Rows) -> dict[str, Logs]:
        found = every(rows)
        alone = {each: found[each] for each in found if each == NETWORK_ALONE.format(name)}
        kept = {UNIGRAM: found[UNIGRAM], name: mixed(found, weights), **alone}
        return kept | ({FIVEGRAM: found["fivegram_kneser_ney"]} if tables else {})

    unknown = first.vocabulary.unknown if first.vocabulary.has_unknown else -1
    judged = judge(read_set([SETS / set_of]), first.rows, score, unknown, mean=False, end=True)
    return Cost(figures(judged), process_time() - start, peak_megabytes())


def mixed(found: Mapping[str, Logs], weights: Mapping[str, float]) -> Logs:
    """Return the logs of the weighted mean of models' probabilities."""
    shares = [(found[each], np.log(share)) for each, share in weights.items()]
    return [np.logaddexp.reduce([own[n] + share for own, share in shares]) for n in range(len(shares[0][0]))]


def one_by_one() -> tuple[float, float, float]:
    """Return the accuracy on BLiMP by the shipped network in float32, a sentence at a time, and its CPU seconds.

    The third is the greatest difference of a sentence's log-probability.
    """
    model, pairs = wikilm.Run().language_model(SHIPPED), read_set([SETS / "blimp"])
    assert isinstance(pairs, MinimalPairs)
    rows, network = model.rows([*pairs.good, *pairs.bad]), model.network
    for layer in network.recurrent.layers:
        assert isinstance(layer, Layer)
        layer.in_bfloat16 = False
    start, totals = process_time(), []
    with torch.no_grad():
        for row in rows:
            hidden, _ = network(torch.tensor([[before_sentence(model.record), *row]]))
            logs = torch.log_softmax(network.output(hidden[0]), -1)
            totals.append(float(logs.gather(1, torch.tensor([*row, END])[:, None]).double().sum()))
    seconds, (good, bad) = process_time() - start, np.split(np.array(totals), 2)
    ours = [each.sum() for each in network_logs(network, before_sentence(model.record), rows)[1]]
    right = (good > bad) + 0.5 * (good == bad)
    return float(right.mean()), seconds, float(np.abs(np.subtract(ours, totals)).max())


def main() -> None:
    """Print the tables; record the figures."""
    parser = parser_of(__doc__)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    data, run = arguments.data, wikilm.open(arguments.data)
    own = [name for name, entry in run.params.models.items() if entry.kind == "language_model"]
    new: dict[str, Any] = {}
    for set_of in ("blimp", "syntaxgym"):
        columns: dict[str, SetGrammar] = {}
        for name in (SHIPPED, *own, "mixture"):
            cost = in_process(measure, data, name, set_of)
            columns[name] = cost.found
            key = f"grammar.{name}.{set_of}"
            new |= {f"{key}.seconds": cost.cpu_seconds, f"{key}.megabytes": cost.megabytes}
            print(f"{name}, {set_of}: {cost.cpu_seconds:.1f} CPU s, {cost.megabytes:.0f} MB")
        shown = {name: found.models[name] for name, found in columns.items()}
        alone = NETWORK_ALONE.format(SHIPPED)
        shown |= {alone: columns[SHIPPED].models[alone], f"{UNIGRAM} of {SHIPPED}": columns[SHIPPED].models[UNIGRAM]}
        shown |= {each: columns["mixture"].models[each] for each in (UNIGRAM, FIVEGRAM)}
        print(f"\n| {set_of} | {' | '.join(shown)} |\n|{'---|' * (len(shown) + 1)}")
        cells = {"all": shown} | {
            group: {name: each.groups[level][group] for name, each in shown.items()}
            for level, groups in next(iter(shown.values())).groups.items()
            for group in groups
            if level != "paradigm"
        }
        for group, by in cells.items():
            print(f"| {group} | {' | '.join(f'{100 * each.accuracy:.1f}' for each in by.values())} |")
            new |= {f"grammar.{name}.{set_of}.{group}": each.accuracy for name, each in by.items()}
        for name, each in shown.items():
            new[f"grammar.{name}.{set_of}.interval"] = each.accuracy, each.low, each.high
            new[f"grammar.{name}.{set_of}.items"] = each.micro_accuracy
        new[f"grammar.{set_of}.unknown"] = columns["mixture"].unknown_share
    accuracy, seconds, apart = in_process(one_by_one)
    print(
        f"\n{SHIPPED}, the network alone, one by one: {accuracy:.2%} in {seconds:.1f} CPU s; "
        f"sentences differ by {apart:.2g}"
    )
    ratio = seconds / new[f"grammar.{SHIPPED}.blimp.seconds"]
    record(arguments, new | {"grammar.plain": accuracy, "grammar.plain.seconds": seconds, "grammar.plain.ratio": ratio})


def in_process(work: Any, *arguments: Any) -> Any:
    """Return what a call in a process of its own returns."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


if __name__ == "__main__":
    main()
