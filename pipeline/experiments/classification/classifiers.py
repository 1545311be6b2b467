"""Baselines of the recurrent classifier: the labels that each predicts, by its setting."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from pipeline.experiments.classification.hidden_markov import HiddenMarkov, pad

Texts = Sequence[Sequence[str]]  # a sequence of tags or words for each line
Predicted = dict[str, np.ndarray]  # the labels of n lines, (n,), by setting


def with_edges(texts: Texts) -> Texts:
    """Return each line between marks of its start and its end, as the networks read it."""
    return [["START", *text, "END"] for text in texts]


def most_frequent(labels: np.ndarray, asked: Texts) -> Predicted:
    """Always predict the poet with the most lines."""
    return {"no settings": np.full(len(asked), np.bincount(labels).argmax())}


def on_ngrams(
    texts: Texts, labels: np.ndarray, asked: Texts, longest: Sequence[int], inverse_penalties: Sequence[float]
) -> tuple[Predicted, Predicted]:
    """Predict by counts of n-grams up to each length: by logistic regression, and by multinomial naive Bayes.

    `inverse_penalties` are scikit-learn's C, of the logistic regression. Naive Bayes has add-one smoothing.
    """
    regression, bayes = {}, {}
    for length in longest:
        vectorizer = CountVectorizer(ngram_range=(1, length), tokenizer=list, token_pattern=None, lowercase=False)
        counts, asked_counts = vectorizer.fit_transform(texts), vectorizer.transform(asked)
        setting = f"n-grams up to {length}"
        bayes[setting] = MultinomialNB().fit(counts, labels).predict(asked_counts)
        for c in inverse_penalties:
            model = LogisticRegression(C=c, max_iter=1000).fit(counts, labels)
            regression[f"{setting}, C = {c:g}"] = model.predict(asked_counts)
    return regression, bayes


def hidden_markov(texts: Texts, labels: np.ndarray, asked: Texts, numbers: Sequence[int], seed: int) -> Predicted:
    """Train a hidden Markov model on each poet's lines; predict the most likely poet by Bayes' rule.

    One for each of the `numbers` of hidden states.
    """
    token_ids = TokenIds(texts)
    ids = token_ids.encode(texts)
    own = [pad([ids[line] for line in np.flatnonzero(labels == label)]) for label in range(labels.max() + 1)]
    priors, asked_ids = np.log(np.bincount(labels)), pad(token_ids.encode(asked))
    found = {}
    for states in numbers:
        models = [HiddenMarkov(len(token_ids), states, seed).fit(lines) for lines in own]
        likelihoods = np.stack([model.log_likelihoods(asked_ids) for model in models], axis=1)
        found[f"{states} states"] = np.argmax(likelihoods + priors, axis=1)
    return found


class TokenIds:
    """The ids of the tags or words of some texts, from 1; 0 is the id of all others."""

    def __init__(self, texts: Texts) -> None:
        self._ids = {token: number for number, token in enumerate(sorted({t for text in texts for t in text}), 1)}

    def __len__(self) -> int:
        return len(self._ids) + 1

    def encode(self, texts: Texts) -> list[list[int]]:
        """Return the ids of each text."""
        return [[self._ids.get(token, 0) for token in text] for text in texts]
