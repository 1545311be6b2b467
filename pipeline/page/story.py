"""One sentence of the test split, from the dump to what a model expects in it: the story with which the page opens."""

from collections.abc import Sequence
from itertools import chain

from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import ForTemplate, Results
from pipeline.records.example import Example
from pipeline.records.models import Guesses
from pipeline.vectors.evaluation.choice import best_language_model


def section(results: Results) -> ForTemplate | None:
    """Return what the page tells of its sentence; None without one, or if the text was split otherwise."""
    found, traced, known = results.example, results.traced, results.vocabulary
    if not found or not traced or not traced.sentence or not known:
        return None
    if len(traced.sentence.words) != len(found.ids):
        return None
    return {
        **traced.sentence.model_dump(),
        "ids": found.ids,
        "known": [id != len(known.texts) - 1 for id in found.ids],  # the last one is UNKNOWN's
        "vocabulary": traced.vocabulary and traced.vocabulary.model_dump(),
        "learning": learning(results, found, known.texts),
    }


def learning(results: Results, found: Example, texts: Sequence[str]) -> ForTemplate | None:
    """Return what the best language model expected after each epoch, and how the best n-gram model was surprised."""
    best = best_language_model(results.language_models)
    guesses = Guesses.read_if_there(results.data / f"models/{best}/guesses.json")
    if not best or not guesses or len(guesses.epochs[0].bits) != len(found.ids):  # of another text
        return None
    if not {id for epoch in guesses.epochs for id in chain.from_iterable(epoch.guesses)} <= {*range(len(texts))}:
        return None
    epochs: list[ForTemplate] = [
        {
            "bits": [round(bits, 2) for bits in epoch.bits],
            "guesses": [[texts[id] for id in ids] for ids in epoch.guesses],
        }
        for epoch in guesses.epochs
    ]
    learnt: ForTemplate = {
        "model": best,
        "epochs": epochs,
        "kept": results.language_models[best]["best_epoch"],
        "rival": None,
    }
    if rival := best_language_model(results.rows("baselines", NGRAM_LABELS)):
        learnt |= {"rival": NGRAM_LABELS[rival], "surprise": results.guesses_of(rival).epochs[0].bits}
    return learnt | {"longest": max(chain(learnt.get("surprise", []), *(epoch["bits"] for epoch in epochs)))}
