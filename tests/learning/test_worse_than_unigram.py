"""What `train` says of a model that word frequencies beat."""

from pipeline.learning.language_model import worse_than_unigram


def test_a_model_that_word_frequencies_beat_is_told() -> None:
    figures = {"valid_perplexity": 160.0, "unigram_valid_perplexity": 95.9, "train_tokens": 65_432}
    assert worse_than_unigram(figures).startswith("worse than the unigram model: 65,432 tokens are too few for these")
    assert "`wikilm preset small`" in worse_than_unigram(figures)
    assert worse_than_unigram(figures | {"valid_perplexity": 95.9}) == ""
