"""From prose to words: article shards, splitting, counting."""
