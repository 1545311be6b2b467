"""The batches that training reads from sequences.db, and their order."""
