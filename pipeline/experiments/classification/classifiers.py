"""Baselines of the recurrent classifier: the labels that each predicts, by its setting."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from pipeline.experiments.classification.hidden_markov import HiddenMarkov, pad

LONGEST_NGRAMS = (2, 3, 4)
INVERSE_PENALTIES = (0.1, 1.0, 10.0)  # scikit-learn's C, of the logistic regression
HIDDEN_STATES = (2, 4, 8, 16, 32)
Texts = Sequence[Sequence[str]]  # the tags of each line
Predicted = dict[str, np.ndarray]  # the labels of n lines, (n,), by setting


def with_edges(texts: Texts) -> Texts:
    """Return each line between marks of its start and its end, as the networks read it."""
    return [["START", *text, "END"] for text in texts]


def most_frequent_poet(labels: np.ndarray, asked: Texts) -> Predicted:
    """Always predict the poet with the most lines."""
    return {"no settings": np.full(len(asked), np.bincount(labels).argmax())}


def on_ngrams(texts: Texts, labels: np.ndarray, asked: Texts) -> tuple[Predicted, Predicted]:
    """Predict by counts of n-grams up to each length: by logistic regression, and by multinomial naive Bayes."""
    regression, bayes = {}, {}
    for length in LONGEST_NGRAMS:
        vectorizer = CountVectorizer(ngram_range=(1, length), tokenizer=list, token_pattern=None, lowercase=False)
        counts, asked_counts = vectorizer.fit_transform(texts), vectorizer.transform(asked)
        setting = f"n-grams up to {length}"
        bayes[setting] = MultinomialNB().fit(counts, labels).predict(asked_counts)
        for c in INVERSE_PENALTIES:
            model = LogisticRegression(C=c, max_iter=1000).fit(counts, labels)
            regression[f"{setting}, C = {c:g}"] = model.predict(asked_counts)
    return regression, bayes


def hidden_markov(texts: Texts, labels: np.ndarray, asked: Texts, seed: int) -> Predicted:
    """Train a hidden Markov model on each poet's lines; predict the most likely poet by Bayes' rule."""
    tag_ids = TagIds(texts)
    ids = tag_ids.encode(texts)
    own = [pad([ids[line] for line in np.flatnonzero(labels == label)]) for label in range(labels.max() + 1)]
    priors, asked_ids = np.log(np.bincount(labels)), pad(tag_ids.encode(asked))
    found = {}
    for states in HIDDEN_STATES:
        models = [HiddenMarkov(len(tag_ids), states, seed).fit(lines) for lines in own]
        likelihoods = np.stack([model.log_likelihoods(asked_ids).numpy() for model in models], axis=1)
        found[f"{states} states"] = np.argmax(likelihoods + priors, axis=1)
    return found


class TagIds:
    """The ids of the tags of some lines, from 1; 0 is the id of all others."""

    def __init__(self, texts: Texts) -> None:
        self._ids = {tag: number for number, tag in enumerate(sorted({tag for text in texts for tag in text}), 1)}

    def __len__(self) -> int:
        return len(self._ids) + 1

    def encode(self, texts: Texts) -> list[list[int]]:
        """Return the ids of each line."""
        return [[self._ids.get(tag, 0) for tag in text] for text in texts]
