"""The text as numbers: articles, words, rows of sequences.db, batches drawn from it, Markov models counted in it."""
