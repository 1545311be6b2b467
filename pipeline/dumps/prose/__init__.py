"""Reading prose that is no dump: text, JSON Lines, Parquet, and corpora with splits of their own."""
