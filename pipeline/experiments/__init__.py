"""What the stages of parity and poetry share."""
