"""A trained language model: the next words, new text, the perplexity of a text."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from models.recurrent.units import UNITS
from pipeline.run.errors import UserError
from pipeline.run.section import SEEDS
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.trained.files import GATED_BY
from wikilm.given import check_number, check_sampling, choose_seed
from wikilm.run_folder import RunFolder, check_text

if TYPE_CHECKING:
    import numpy as np

    from models.language_model import RecurrentLanguageModel
    from models.sample import SamplingParams
    from pipeline.records.models import NextWords
    from pipeline.scores.next_words import ChancesAfter
    from pipeline.scores.sentences import Logs, Rows
    from pipeline.scores.targets import Targets
    from pipeline.store.vocabulary import Vocabulary
    from wikilm.cutting import SplitText
    from wikilm.given_words import WordRows, WordTable
    from wikilm.surprisal import Surprisals


class Continuation(NamedTuple):
    """A prompt and the words that follow it: how many, whether the model ended the sentence, and the seed."""

    text: str
    words: int
    ended: bool
    seed: int


class LanguageModel:
    """A language model of a run. `why` says why it was chosen; it is empty if the user named the model.

    `record` has the settings that it was trained with.
    """

    def __init__(self, run: RunFolder, name: str, why: str = "") -> None:
        self.run, self.name, self.why = run, name, why
        self.record = run.language_record(name)

    def __repr__(self) -> str:
        settings, many = self.record.settings, self.run.params.vocabulary.chosen.many
        of = UNITS[settings["unit"]["kind"]].label + " with n-grams" * bool(settings[GATED_BY])
        of = f"{settings[GATED_BY]}-grams" if self.name in NGRAM_MODELS else of
        return f"<wikilm language model {self.name}: {of}, {self.record.vocabulary_size - 1:,} {many}>"

    def next_words(self, text: str, top: int = 5) -> list[tuple[str, float]]:
        """Return the likeliest next words and their probabilities, the likeliest first.

        UNKNOWN and the sentence's end have probabilities, too, so the words' add up to less than 1. A word of the text
        that is not in the vocabulary is read as UNKNOWN. A model of pieces gives whole words: a word's probability is
        that of its pieces and of its end, a blank or the sentence's. In a script without blanks it gives pieces.
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

    def score(
        self, text: str, *, dynamic: bool = False, lines: bool = False, whole: bool = False, called: str = "the text"
    ) -> dict[str, Any]:
        """Return all figures of a text that `wikilm score` prints. Errors name the text as `called`.

        Each of the `lines` starts from the initial state, and none is dropped; else the state runs on through the text.
        `whole` lines are not split into sentences. With `dynamic` also the perplexity with dynamic evaluation. Raises
        `Error` if training chose no hyperparameters for it.
        """
        if dynamic and lines:
            raise UserError("lines: dynamic evaluation learns from the lines before; leave out lines or dynamic")
        if dynamic and not self.run.packed and self.name not in self.run.params.models:
            raise UserError(f"{self.name}: only a network can learn while it is tested; ask one of models")
        if dynamic and self.record.dynamic_evaluation is None:
            if self.run.packed:
                raise UserError(f"{self.name}: is packed, without the gradients that dynamic evaluation needs")
            raise UserError(
                f"{self.name}: training chose nothing for dynamic evaluation; set models.{self.name}."
                f"dynamic_evaluation to true and batches to stream, and run `dvc repro train@{self.name}`"
            )
        from wikilm.cutting import split_as_run
        from wikilm.scoring import score

        split = split_as_run(self.run, text, called, self.vocabulary, lines=lines, whole=whole)
        return score(self, split, dynamic)

    def target_counts(self) -> "np.ndarray":
        """Return how often each word id was a target in the training, (V,)."""
        return self.run.target_counts(self.name)

    def split_scores(self, split: "SplitText") -> "tuple[np.ndarray, Targets]":
        """Return the scores at each place of a text, (places,) of dtype `SCORE`, and the targets there."""
        from wikilm.scoring import scores_of

        return scores_of(self.run, self.record, self.network, split)

    def surprisals(
        self,
        text: str,
        *,
        lines: bool = False,
        whole: bool = False,
        pieces: bool = False,
        leading_blank: bool = False,
        called: str = "the text",
    ) -> "Surprisals":
        """Return the surprisal of each word of a text in bits, and of each sentence's END. Errors name it as `called`.

        The text has one paragraph on each line; `lines` and `whole` are as in `score`. `pieces` are the pieces of words
        instead. By default the blank that ends a word belongs to it; with a `leading_blank` the one before it. Raises
        `Error` if the text has no sentence that is long enough (`tokens.min_words`).
        """
        from wikilm.cutting import split_as_run, starts_of
        from wikilm.surprisal import score_cut
        from wikilm.text_words import cut_text

        split = split_as_run(self.run, text, called, self.vocabulary, lines=lines, whole=whole)
        starts = starts_of(self.run, self.vocabulary, [sentence.text for sentence in split.sentences])
        cut = cut_text(self.vocabulary, split, starts, pieces=pieces)
        return score_cut(self.run, self.record, self.network, cut, leading_blank=leading_blank)

    def add_surprisals(
        self,
        table: "WordRows",
        *,
        lines: bool = False,
        whole: bool = False,
        leading_blank: bool = False,
        called: str = "the table",
        first_line: int = 1,
    ) -> "WordTable":
        """Return a table of words, rows with a column `word`, with columns for their surprisals.

        Each word is cut alone, with a blank before it unless a column `blank` says 0; `recut` says which words have
        other pieces than in the text as a whole. Columns `line` and `sentence` say which rows belong together; without
        `line` all rows are one, and without `sentence` sentences are found in the text. The rest is as in `surprisals`.
        Raises `Error`, which names the table as `called`, if a word is not text, or a column has the name of one that
        is added.
        """
        from wikilm.given_words import check_words, cut_words, with_surprisals
        from wikilm.surprisal import score_cut

        check_words(table, called, first_line)
        cut, cut_anew = cut_words(self.run, self.vocabulary, table, called, lines=lines, whole=whole)
        scored = score_cut(self.run, self.record, self.network, cut, leading_blank=leading_blank)
        return with_surprisals(table, scored, cut_anew)

    def scores(
        self,
        sentences: Sequence[str],
        *,
        after: str | Sequence[str] | None = None,
        mean: bool = False,
        end: bool | None = None,
        between: str = " ",
    ) -> "np.ndarray":
        """Return the log-probability (natural logarithm) of each sentence, float64 (sentences,).

        Each is one row from the initial state, whatever marks it has. That of END is added, unless `end` is False.
        `mean`: divided by the number of words or pieces (and END). With `after`, one text or one for each sentence, the
        log-probability is that of the continuation alone: the sentence after that text and `between`, by default
        without END. Texts that begin alike are read once. Raises `Error` if a sentence is empty.
        """
        from pipeline.scores.grammar import totals

        for given in (sentences, after if not isinstance(after, str | None) else ()):
            if isinstance(given, str) or not isinstance(given, Sequence):
                raise UserError(f"{given!r} is no list of sentences; give one")
        contexts = [after] * len(sentences) if isinstance(after, str | None) else [*after]
        if len(contexts) != len(sentences):
            raise UserError(f"after has {len(contexts)} texts for {len(sentences)} sentences; give one for each")
        for number, text in enumerate(sentences, 1):
            check_text(text)
            if not text.strip():
                raise UserError(f"sentence {number} is empty; leave it out")
        for text in filter(None, contexts):
            check_text(text)
        beginnings = self.rows([(text or "").strip() for text in contexts])
        own = [(between if begun else "") + text.strip() for begun, text in zip(beginnings, sentences, strict=True)]
        rows = [[*begun, *row] for begun, row in zip(beginnings, self.rows(own), strict=True)]
        logs = [each[len(begun) :] for begun, each in zip(beginnings, self.logs(rows), strict=True)]
        return totals(logs, mean=mean, end=after is None if end is None else end)

    def logs(self, rows: "Rows") -> "Logs":
        """Return the log-probabilities of the ids of each row, and of its END, each row from the initial state."""
        from pipeline.scores.sentences import network_logs
        from pipeline.trained.learnt import before_sentence

        return network_logs(self.network, before_sentence(self.record), rows)[0]

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of texts, each read whole as one row."""
        from pipeline.scores.sentences import sentence_rows

        return sentence_rows(self.vocabulary, texts, self.run.language, self.run.params.tokens)

    def states(self, text: str) -> "np.ndarray":
        """Return the hidden values of the last layer while the model reads a text: float32 (1 + words, hidden size).

        The first row is before the first word; each row predicts the word that follows. The text is read as the
        beginning of a sentence, as in `next_words`; `read` returns its words, or pieces of words, and their ids.
        """
        _, ids = self.read(text)
        if self.name in NGRAM_MODELS:
            raise UserError(f"{self.name}: n-grams have no states")

        from pipeline.trained.learnt import before_sentence
        from pipeline.trained.predictions import hidden_values

        found: np.ndarray = hidden_values(self.network, before_sentence(self.record), ids).float().numpy()
        return found

    def distribution(self, text: str) -> "np.ndarray":
        """Return the probability that each word id follows a text: float64 (V,), which adds up to 1.

        `vocabulary.by_id` has the word of each id: START is 0, END 1, and UNKNOWN the last; `vocabulary.text` gives the
        text of pieces. The text is read as the beginning of a sentence, as in `next_words`.
        """
        return self.chances(self.read(text)[1])

    def chances(self, ids: list[int]) -> "np.ndarray":
        """Return the probability of each word id, float64 (V,), after the ids of a sentence's beginning."""
        found: np.ndarray = self.chances_after(ids)([[]])[0]
        return found

    def chances_after(self, ids: list[int]) -> "ChancesAfter":
        """Return the function that gives the probabilities behind the ids of a sentence's beginning."""
        from pipeline.trained.learnt import before_sentence
        from pipeline.trained.predictions import chances_after

        return chances_after(self.network, before_sentence(self.record), ids)

    def predict(self, text: str, top: int = 5) -> "NextWords":
        """Return the likeliest `top` next words, and the probabilities of UNKNOWN and of the sentence's end."""
        number, (_, read) = check_number("top", top), self.read(text)

        from pipeline.scores.next_words import next_words

        return next_words(self.vocabulary, self.chances_after(read), number)

    def continuations(
        self, text: str, words: int, sampling: dict[str, Any], seed: int | None, number: int = 1
    ) -> list[Continuation]:
        """Return several continuations of a text, drawn with `seed` and the seeds that follow it."""
        most, first, sampling = check_number("words", words), choose_seed(seed), check_sampling(sampling)
        (prompt, read), seeds = self.read(text), [(first + n) % SEEDS for n in range(number)]

        from models.sample import SamplingParams

        found = []
        for seed in seeds:
            drawn = self.draw(read, most, SamplingParams(**sampling), seed)
            written = self.vocabulary.continued(prompt, read, drawn)
            found.append(Continuation(written, len(drawn), len(drawn) < most, seed))
        return found

    def draw(self, ids: list[int], most: int, sampling: "SamplingParams", seed: int) -> list[int]:
        """Return the ids that follow `ids`, at most so many, drawn with a seed until the model ends the sentence."""
        from pipeline.trained.predictions import write_sentences

        return write_sentences(self.network, self.record, self.vocabulary, 1, most, sampling, ids, seed=seed)[0]

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
