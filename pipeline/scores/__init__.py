"""Scores of language models at each place of a split, and the figures made of them."""
