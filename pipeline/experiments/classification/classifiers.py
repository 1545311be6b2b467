"""Baselines of the recurrent classifier: each trains on sequences of tags or words and returns a `Predict`."""

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

from pipeline.experiments.verse.novelty import ngrams

Texts = Sequence[Sequence[str]]  # a sequence of tags or words for each line
Predict = Callable[[Texts], np.ndarray]  # from n lines to labels (n,)

ROUNDS = 10  # of expectation maximisation; more did not predict better
PSEUDO_COUNT = 0.1  # of what a hidden state never did in training


def most_frequent(labels: np.ndarray) -> Predict:
    """Always predict the poet with the most lines."""
    label = np.bincount(labels).argmax()
    return lambda texts: np.full(len(texts), label)


def logistic_regression(texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    """Logistic regression on counts of n-grams up to length `longest`, with scikit-learn's defaults."""
    return _on_ngrams(LogisticRegression(max_iter=1000), texts, labels, longest)


def naive_bayes(texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    """Multinomial naive Bayes on the same counts, with add-one smoothing."""
    return _on_ngrams(MultinomialNB(), texts, labels, longest)


def _on_ngrams(classifier: ClassifierMixin, texts: Texts, labels: np.ndarray, longest: int) -> Predict:
    model = make_pipeline(CountVectorizer(analyzer=partial(ngrams_up_to, longest=longest)), classifier)
    model.fit(texts, labels)
    predict: Predict = model.predict
    return predict


def ngrams_up_to(text: Sequence[str], longest: int) -> list[tuple[str, ...]]:
    """Return all n-grams of a sequence, from length 1 to `longest`."""
    return [ngram for length in range(1, longest + 1) for ngram in ngrams(text, length)]


def hidden_markov(texts: Texts, labels: np.ndarray, states: int, seed: int) -> Predict:
    """Train a hidden Markov model on each poet's lines; predict the most likely poet by Bayes' rule.

    Training is a few rounds of expectation maximisation. Dirichlet priors leave unseen events possible.
    """
    token_ids = TokenIds(texts)
    lines = [np.array(ids) for ids in token_ids.encode(texts)]
    models = [
        _fit_hidden_markov([lines[i] for i in np.flatnonzero(labels == label)], len(token_ids), states, seed)
        for label in range(labels.max() + 1)
    ]
    priors = np.log(np.bincount(labels) / len(labels))

    def predict(texts: Texts) -> np.ndarray:
        columns = [np.array(ids)[:, None] for ids in token_ids.encode(texts)]
        likelihoods = np.array([[model.score(column) for model in models] for column in columns])
        best: np.ndarray = np.argmax(likelihoods + priors, axis=1)
        return best

    return predict


def _fit_hidden_markov(lines: Sequence[np.ndarray], symbols: int, states: int, seed: int) -> CategoricalHMM:
    logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # it warns if a round improves nothing, and stops
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


class TokenIds:
    """The ids of the tags or words of some texts, from 1; 0 is the id of all others."""

    def __init__(self, texts: Texts) -> None:
        self._ids = {token: number for number, token in enumerate(sorted({t for text in texts for t in text}), 1)}

    def __len__(self) -> int:
        return len(self._ids) + 1

    def encode(self, texts: Texts) -> list[list[int]]:
        """Return the ids of each text."""
        return [[self._ids.get(token, 0) for token in text] for text in texts]
