"""What models expect as the next word: those whose weights fit compute it on the page, others know some beginnings."""

from typing import Any

from pipeline.page.charts import Palette
from pipeline.page.perplexities import NGRAM_LABELS
from pipeline.page.results import ForTemplate, Results
from pipeline.records.models import NETWORK_ROOM, Guesses, RecordedNetwork
from pipeline.store.vocabulary import WORDS
from pipeline.vectors.evaluation.choice import best_language_model


def section(results: Results, palette: Palette) -> ForTemplate | None:
    """Return what `next.html` shows of the language models and the best n-gram model; None without language models.

    Weights are held in the order of params.yaml; a model that no longer fits into `NETWORK_ROOM` is left out.
    """
    guesses = results.of_models(results.language_models, "guesses.json", Guesses)
    if not guesses or not (known := results.vocabulary):
        return None
    networks = results.of_models(guesses, "network.json", RecordedNetwork, "embeddings")
    models: list[dict[str, Any]] = []
    size = 0
    for name, found in guesses.items():
        models.append({"name": name, "colour": palette[name], "next": found.next})
        if (own := networks.get(name)) and size + own.characters <= NETWORK_ROOM:
            size += own.characters
            models[-1] |= own.model_dump()
    if rival := best_language_model(results.rows("baselines", NGRAM_LABELS)):
        label = NGRAM_LABELS[rival]
        models.append({"name": label, "colour": palette[label], "next": results.guesses_of(rival).next})
    told = [beginning.text for beginning in results.example.beginnings] if results.example else []
    pieces = any(each.pieces for model in models for each in model["next"])
    return {
        "words": known.texts[WORDS],
        "of_tokens": results.kind.of_tokens,
        "pieces": pieces,
        "models": [model | {"next": [each.words for each in model["next"]]} for model in models],
        "beginnings": told,
    }
