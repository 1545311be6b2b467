"""Where text comes from: Wikimedia's dumps and Gutenberg's books, fetched, checked and read."""
