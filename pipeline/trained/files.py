"""The names of a trained model's files."""

RECORD, WEIGHTS, TARGET_COUNTS, CURVES = "model.json", "weights.safetensors", "target_counts.npy", "curves.json"
GRADIENTS, SENTENCES, GUESSES = "gradient_rms.safetensors", "sentences.json", "guesses.json"
GATED_BY, MOST_NGRAMS = "ngram_order", "most_ngrams"  # the settings for them, which records of older versions lack
NGRAMS = "ngrams.safetensors"  # of a model with a gate to them
RECORDED_NETWORK = "network.json"  # in the folder of its vectors
