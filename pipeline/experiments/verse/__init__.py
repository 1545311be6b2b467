"""Verse: poems, their tags, related poems, copied lines."""
