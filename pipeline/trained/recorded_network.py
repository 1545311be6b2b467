"""A trained language model for a page's script, which computes its answers."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from models.recurrent.recorded import recorded
from models.recurrent.units import unit_of
from pipeline.records.models import NETWORK_ROOM, ModelRecord, RecordedLayer, RecordedNetwork
from pipeline.records.vectors import CodedMatrix
from pipeline.store.vocabulary import END, START
from pipeline.trained.files import GATED_BY
from pipeline.vectors.coding import coded


def recorded_network(record: ModelRecord, weights: Mapping[str, np.ndarray]) -> RecordedNetwork | None:
    """Return a language model as the page's script takes it, its weights `coded`.

    None if its softmax is adaptive, if it has n-grams, or if it is larger than all that the page holds.
    """
    settings, unit = record.settings, unit_of(record.settings["unit"])
    fits = sum(values.size for values in weights.values()) * 4 // 3 <= NETWORK_ROOM
    if settings["loss"]["kind"] == "adaptive" or settings.get(GATED_BY) or not fits:
        return None
    own: list[dict[str, CodedMatrix]] = [{} for _ in settings["hidden_sizes"]]
    for name, values in weights.items():
        if name.startswith("recurrent."):
            _, _, number, parameter = name.split(".", 3)
            own[int(number)][parameter] = coded(values)
    sizes = pairwise([weights["embedding.weight"].shape[1], *settings["hidden_sizes"]])
    return RecordedNetwork(
        before=END if settings["batches"]["kind"] == "stream" else START,
        embedding=coded(weights["embedding.weight"]),
        output=coded(weights["output.weight"]) if "output.weight" in weights else None,
        bias=coded(weights["output.bias"]),
        layers=[
            RecordedLayer(size=n, **recorded(unit, below, n), weights=parameters)
            for (below, n), parameters in zip(sizes, own, strict=True)
        ],
    )
