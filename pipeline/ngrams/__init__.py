"""Markov models: the baselines of language models."""
