"""The text on its way: dumps in, Parquet shards between, sequences.db out, rows drawn from it."""
