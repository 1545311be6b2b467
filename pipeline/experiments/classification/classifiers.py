"""The classifiers beside the recurrent one. Each learns from sequences of tags or words and returns how it predicts."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from hmmlearn.hmm import CategoricalHMM
from sklearn.base import ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

Texts = Sequence[Sequence[str]]  # a sequence of tags or words for each line
Predict = Callable[[Texts], np.ndarray]  # lines to labels (n,)

ROUNDS = 10  # of expectation maximisation: more of them predicted no better
PSEUDO_COUNT = 0.1  # of whatever a hidden state has not been seen to do


def most_frequent(labels: np.ndarray) -> Predict:
    """Always the poet of whom there are the most lines."""
    label = np.bincount(labels).argmax()
    return lambda texts: np.full(len(texts), label)


def logistic_regression(texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    """On counts of the n-grams up to the `longest`, with scikit-learn's own settings."""
    return _on_ngrams(LogisticRegression(max_iter=1000), texts, labels, longest)


def naive_bayes(texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    """Multinomial, on the same counts, with add-one smoothing."""
    return _on_ngrams(MultinomialNB(), texts, labels, longest)


def _on_ngrams(classifier: ClassifierMixin, texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    model = make_pipeline(CountVectorizer(analyzer=partial(ngrams, longest=longest)), classifier)
    model.fit(texts, labels)
    predict: Predict = model.predict
    return predict


def ngrams(text: Sequence[str], longest: int) -> list[tuple[str, ...]]:
    """All n-grams of a sequence, from single ones to the `longest`."""
    return [tuple(text[i : i + n]) for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


def hidden_markov(texts: Texts, labels: np.ndarray, states: int, seed: int) -> Predict:
    """A hidden Markov model of each poet's lines; the likeliest poet, by Bayes' rule.

    Trained by a few rounds of expectation maximisation. Dirichlet priors keep what was not seen from being impossible.
    """
    vocabulary = Vocabulary(texts)
    lines = [np.array(ids) for ids in vocabulary.encode(texts)]
    models = [
        _fit_hidden_markov([lines[i] for i in np.flatnonzero(labels == label)], len(vocabulary), states, seed)
        for label in range(labels.max() + 1)
    ]
    priors = np.log(np.bincount(labels) / len(labels))

    def predict(texts: Texts) -> np.ndarray:
        columns = [np.array(ids)[:, None] for ids in vocabulary.encode(texts)]
        likelihoods = np.array([[model.score(column) for model in models] for column in columns])
        best: np.ndarray = np.argmax(likelihoods + priors, axis=1)
        return best

    return predict


def _fit_hidden_markov(lines: Sequence[np.ndarray], symbols: int, states: int, seed: int) -> CategoricalHMM:
    logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # it warns where a round brings nothing, and stops there
    prior = 1 + PSEUDO_COUNT
    model = CategoricalHMM(
        states,
        n_features=symbols,
        n_iter=ROUNDS,
        random_state=seed,
        startprob_prior=prior,
        transmat_prior=prior,
        emissionprob_prior=prior,
    )
    return model.fit(np.concatenate(lines)[:, None], [len(line) for line in lines])


class Vocabulary:
    """The tags or words of some texts, numbered from 1; 0 is any other."""

    def __init__(self, texts: Texts) -> None:
        self._ids = {token: number for number, token in enumerate(sorted({t for text in texts for t in text}), 1)}

    def __len__(self) -> int:
        return len(self._ids) + 1

    def encode(self, texts: Texts) -> list[list[int]]:
        """The numbers of each text's tokens."""
        return [[self._ids.get(token, 0) for token in text] for text in texts]
