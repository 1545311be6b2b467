"""Evaluating word vectors: analogies, similarity, the Markdown report."""
