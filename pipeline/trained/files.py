"""The names of a trained model's files."""

RECORD, WEIGHTS, TARGET_COUNTS, CURVES = "model.json", "weights.safetensors", "target_counts.npy", "curves.json"
GRADIENTS, SENTENCES, GUESSES = "gradient_rms.safetensors", "sentences.json", "guesses.json"
RECORDED_NETWORK = "network.json"  # in the folder of its vectors
