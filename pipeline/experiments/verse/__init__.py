"""Verse: poems, related poems, copied lines."""
