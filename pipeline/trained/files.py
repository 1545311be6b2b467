"""The names of a trained model's files."""

RECORD, WEIGHTS, TARGET_COUNTS, CURVES = "model.json", "weights.safetensors", "target_counts.npy", "curves.tsv"
GRADIENTS, SENTENCES, GUESSES = "gradient_rms.safetensors", "sentences.json", "guesses.json"
