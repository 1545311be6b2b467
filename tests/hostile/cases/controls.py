"""Undamaged files, which must answer."""

from tests.hostile.case import Case, undamaged

CASES = [
    Case("a sound run answers", undamaged, "wikilm next the king --model gru"),
    Case("sound vectors answer", undamaged, "wikilm neighbours king --vectors svd.npz"),
    Case("a sound pack answers", undamaged, "wikilm next the king --model enwiki-40m.zip"),
]
