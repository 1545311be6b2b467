"""Vectors drawn by hand, in which analogies hold."""

# The axes are royal, female, human and size.
PICTURE = {
    "the": [0, 0, 0, 1],
    "king": [2, 0, 1, 0],
    "queen": [2, 2, 1, 0],
    "man": [0, 0, 1, 0],
    "woman": [0, 2, 1, 0],
    "boy": [0, 0, 1, -2],
    "girl": [0, 2, 1, -2],
    "land": [0.5, -1, 0, 3],
}
