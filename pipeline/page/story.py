"""One sentence of the test split, from the dump to what a model expects in it: the story with which the page opens."""

from itertools import chain

from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import ForTemplate, Results
from pipeline.records.example import Example
from pipeline.records.models import Guesses
from pipeline.vectors.evaluation.choice import best_language_model


def section(results: Results) -> ForTemplate | None:
    """Return what the page tells of its sentence; None without one, or if the text was split otherwise."""
    if not (found := results.example) or not found.sentence:
        return None
    unknown = results.sequences.vocabulary.unknown
    return {
        **found.sentence.model_dump(),
        "ids": found.ids,
        "known": [id != unknown for id in found.ids],
        "vocabulary": found.vocabulary and found.vocabulary.model_dump(),
        "learning": learning(results, found),
    }


def learning(results: Results, found: Example) -> ForTemplate | None:
    """Return what the best language model expected after each epoch, and how the best n-gram model was surprised."""
    best = best_language_model(results.language_models)
    guesses = Guesses.read_if_there(results.data / f"models/{best}/guesses.json")
    if not best or not guesses or len(guesses.epochs[0].bits) != len(found.ids):  # of another text
        return None
    known = results.sequences.vocabulary
    epochs: list[ForTemplate] = [
        {
            "bits": [round(bits, 2) for bits in epoch.bits],
            "guesses": [[known.text([id]) or known.by_id[id] for id in ids] for ids in epoch.guesses],
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
        surprise = results.json(f"baselines/{rival}/surprise.json")
        learnt |= {"rival": NGRAM_LABELS[rival], "surprise": surprise}
    return learnt | {"longest": max(chain(learnt.get("surprise", []), *(epoch["bits"] for epoch in epochs)))}
