"""A mixture of a run's models: their probabilities, averaged with the weights that the stage compare found."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.run.errors import UserError
from pipeline.scores.mixture import mix
from wikilm.prediction import LanguageModel

if TYPE_CHECKING:
    from models.sample import SamplingParams
    from pipeline.scores.next_words import ChancesAfter
    from pipeline.scores.sentences import Logs, Rows
    from pipeline.scores.targets import Targets
    from wikilm.cutting import SplitText
    from wikilm.run import Run


class MixtureModel(LanguageModel):
    """A mixture of language models; its `weights` are by name, and it has no network."""

    def __init__(self, run: "Run", name: str, weights: Mapping[str, float]) -> None:
        self.weights = {part: weight for part, weight in weights.items() if weight}
        self.parts = [run.language_model(part) for part in self.weights]
        self.run, self.name, self.why = run, name, ""
        self.record = self.parts[0].record

    def __repr__(self) -> str:
        told = " + ".join(f"{weight:.2f} {part}" for part, weight in self.weights.items())
        return f"<wikilm language model {self.name}: {told}>"

    @property
    def network(self) -> Any:
        """Raises `UserError`: there are several, of which each has states and surprisals of its own."""
        raise UserError(f"{self.name}: is an average of {', '.join(self.weights)}; ask one of them")

    def chances_after(self, ids: list[int]) -> "ChancesAfter":
        weights, parts = np.array([*self.weights.values()]), [part.chances_after(ids) for part in self.parts]
        return lambda rows: np.tensordot(weights, [after(rows) for after in parts], 1)

    def logs(self, rows: "Rows") -> "Logs":
        parts = [(np.log(w), part.logs(rows)) for w, part in zip(self.weights.values(), self.parts, strict=True)]
        return [np.logaddexp.reduce([log + own[n] for log, own in parts]) for n in range(len(rows))]

    def split_scores(self, split: "SplitText") -> "tuple[np.ndarray, Targets]":
        scores, targets = zip(*(part.split_scores(split) for part in self.parts), strict=True)
        return mix(scores, np.array([*self.weights.values()])), targets[0]

    def score(self, text: str, **how: Any) -> dict[str, Any]:
        """Return what `LanguageModel.score` does, without accuracies: which word is the likeliest is not computed."""
        return {key: None if "accuracy" in key else value for key, value in super().score(text, **how).items()}

    def target_counts(self) -> np.ndarray:
        return self.parts[0].target_counts()

    def draw(self, ids: list[int], most: int, sampling: "SamplingParams", seed: int) -> list[int]:
        """Return the ids that follow `ids`, at most so many, drawn with a seed until END; each reads all anew."""
        import torch

        from models.sample import chances
        from pipeline.store.vocabulary import END
        from pipeline.trained.predictions import never_drawn

        generator, banned, drawn = torch.Generator().manual_seed(seed), never_drawn(self.vocabulary), list[int]()
        while len(drawn) < most:
            logits = torch.from_numpy(self.chances([*ids, *drawn])).log()
            logits[banned if drawn else [*banned, END]] = -torch.inf
            word = int(torch.multinomial(chances(logits, sampling), 1, generator=generator))
            if word == END:
                break
            drawn.append(word)
        return drawn
