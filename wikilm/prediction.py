"""A trained language model: the next words, new text, the perplexity of a text."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from models.recurrent.units import UNITS
from pipeline.run.errors import UserError
from pipeline.run.section import SEEDS
from pipeline.trained.files import GATED_BY
from wikilm.given import check_number, check_sampling, choose_seed
from wikilm.run_folder import RunFolder, check_text

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from models.language_model import RecurrentLanguageModel
    from pipeline.store.vocabulary import Vocabulary
    from wikilm.scoring import Surprisal


class Continuation(NamedTuple):
    """A prompt and the words that follow it: how many, whether the model ended the sentence, and the seed."""

    text: str
    words: int
    ended: bool
    seed: int


class NextWords(NamedTuple):
    """The likeliest next words with their probabilities, and the probabilities of UNKNOWN and of the sentence's end."""

    words: list[tuple[str, float]]
    unknown: float
    end: float


class LanguageModel:
    """A language model of a run. `why` says why it was chosen; it is empty if the user named the model.

    `record` has the settings that it was trained with.
    """

    def __init__(self, run: RunFolder, name: str, why: str = "") -> None:
        self.run, self.name, self.why = run, name, why
        self.record = run.language_record(name)

    def __repr__(self) -> str:
        unit, many = UNITS[self.record.settings["unit"]["kind"]], self.run.params.vocabulary.chosen.many
        mixed = " with n-grams" * bool(self.record.settings[GATED_BY])
        return f"<wikilm language model {self.name}: {unit.label}{mixed}, {self.record.vocabulary_size - 1:,} {many}>"

    def next_words(self, text: str, top: int = 5) -> list[tuple[str, float]]:
        """Return the likeliest next words, or pieces of words, and their probabilities, the likeliest first.

        UNKNOWN and the sentence's end have probabilities, too, so the words' add up to less than 1. A word of the text
        that is not in the vocabulary is read as UNKNOWN.
        """
        return self.predict(text, top).words

    def generate(
        self,
        text: str = "",
        words: int = 30,
        *,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> str:
        """Return a text and the words with which the model continues it, at most `words`, until the sentence ends.

        Logits are divided by `temperature`. Words are drawn from the `top_k` likeliest (0: all), and from the likeliest
        whose probabilities add up to `top_p`. The same seed draws the same words; None: a new seed. A word of the text
        that is not in the vocabulary is read as UNKNOWN.
        """
        sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return self.continuations(text, words, sampling, seed)[0].text

    def perplexity(self, text: str) -> float:
        """Return the perplexity per word of a text, measured in the same way as the test split.

        The text has one paragraph on each line. Words outside the vocabulary count as UNKNOWN; `score` returns their
        share. The perplexity is infinite if a target has the probability 0. Raises `Error` if the text has no
        sentence that is long enough (`tokens.min_words`).
        """
        found = self.score(text)
        perplexity = found.get("word_perplexity", found["perplexity"])
        return float("inf") if perplexity is None else float(perplexity)

    def score(self, text: str, *, dynamic: bool = False, called: str = "the text") -> dict[str, Any]:
        """Return all figures of a text that `wikilm score` prints. Errors name the text as `called`.

        With `dynamic` also the perplexity with dynamic evaluation. Raises `Error` if training chose no hyperparameters
        for it.
        """
        if dynamic and self.record.dynamic_evaluation is None:
            if self.run.packed:
                raise UserError(f"{self.name}: is packed, without the gradients that dynamic evaluation needs")
            raise UserError(
                f"{self.name}: training chose nothing for dynamic evaluation; set models.{self.name}."
                f"dynamic_evaluation to true and batches to stream, and run `dvc repro train@{self.name}`"
            )
        from wikilm.scoring import score, split_as_run

        split = split_as_run(self.run, text, called, self.vocabulary)  # before the network, which takes seconds
        return score(self.run, self.name, self.record, self.network, split, dynamic)

    def surprisals(self, text: str, *, called: str = "the text") -> "list[Surprisal]":
        """Return the surprisal of each word of a text, in bits, and its rank. Errors name the text as `called`.

        The text has one paragraph on each line. Words that the model does not know have the figures of UNKNOWN. Raises
        `Error` if the text has no sentence that is long enough (`tokens.min_words`).
        """
        from wikilm.scoring import split_as_run, surprisals

        return surprisals(self.run, self.record, self.network, split_as_run(self.run, text, called, self.vocabulary))

    def states(self, text: str) -> "np.ndarray":
        """Return the hidden values of the last layer while the model reads a text: float32 (1 + words, hidden size).

        The first row is before the first word; each row predicts the word that follows. The text is read as the
        beginning of a sentence, as in `next_words`; `read` returns its words, or pieces of words, and their ids.
        """
        _, ids = self.read(text)

        from pipeline.trained.learnt import before_sentence
        from pipeline.trained.predictions import hidden_values

        found: np.ndarray = hidden_values(self.network, before_sentence(self.record), ids).float().numpy()
        return found

    def distribution(self, text: str) -> "np.ndarray":
        """Return the probability that each word id follows a text: float64 (V,), which adds up to 1.

        `vocabulary.by_id` has the word of each id: START is 0, END 1, and UNKNOWN the last; `vocabulary.text` gives the
        text of pieces. The text is read as the beginning of a sentence, as in `next_words`.
        """
        found: np.ndarray = self._chances(self.read(text)[1]).numpy()
        return found

    def _chances(self, ids: list[int]) -> "Tensor":
        from pipeline.trained.learnt import before_sentence
        from pipeline.trained.predictions import next_chances

        return next_chances(self.network, before_sentence(self.record), ids)

    def predict(self, text: str, top: int = 5) -> NextWords:
        """Return the likeliest `top` next words, and the probabilities of UNKNOWN and of the sentence's end."""
        number, (_, read) = check_number("top", top), self.read(text)

        from pipeline.trained.predictions import likeliest

        chances = self._chances(read)
        words = [(self.vocabulary.text([id]), chance) for id, chance in likeliest(chances, number)]
        return NextWords(words, float(chances[-1]), float(chances[1]))

    def continuations(
        self, text: str, words: int, sampling: dict[str, Any], seed: int | None, number: int = 1
    ) -> list[Continuation]:
        """Return several continuations of a text, drawn with `seed` and the seeds that follow it."""
        most, first, sampling = check_number("words", words), choose_seed(seed), check_sampling(sampling)
        (prompt, read), seeds = self.read(text), [(first + n) % SEEDS for n in range(number)]

        from models.sample import SamplingParams
        from pipeline.trained.predictions import write_sentences

        found = []
        for seed in seeds:
            (drawn,) = write_sentences(
                self.network, self.record, self.vocabulary, 1, most, SamplingParams(**sampling), read, seed=seed
            )
            written = self.vocabulary.continued(prompt, read, drawn)
            found.append(Continuation(written, len(drawn), len(drawn) < most, seed))
        return found

    def read(self, text: str) -> tuple[list[str], list[int]]:
        """Return the words of a user's text, or its pieces, and their ids."""
        check_text(text)
        words, ids, _ = self.vocabulary.encode([text.strip()], lambda: self.run.split(text))
        return words, ids.tolist()

    def as_read(self, text: str) -> str:
        """Return what to add to a note where the model reads words of a text as UNKNOWN; nothing where it knows all."""
        words, ids = self.read(text)
        unknown = self.vocabulary.unknown
        read = " ".join("UNKNOWN" if id == unknown else word for word, id in zip(words, ids, strict=True))
        return f"; reads {read}" if unknown in ids else ""

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The vocabulary of the run."""
        return self.run.vocabulary

    @cached_property
    def network(self) -> "RecurrentLanguageModel":
        """The model in torch, ready to predict; raises `UserError` if it was trained with another vocabulary."""
        return self.run.network(self.name)
