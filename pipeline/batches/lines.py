"""Batches of lines, each read from the initial state."""

import numpy as np

from pipeline.batches.order import Draw, batch_bounds, drawn_ends

LINE_TOKENS = 4096  # of a batch, with padding


def line_draws(lengths: np.ndarray, lines: np.ndarray, end_fraction: float) -> list[Draw]:
    """Return batches of whole lines of a database whose rows have the ids 1, 2 and so on, for a model of a stream.

    `lengths` (rows,) are the rows' words, and `lines` (rows,) tell the line of each. A batch has lines of similar
    length; a line of more than `LINE_TOKENS` words takes several batches.
    """
    first = np.append(np.flatnonzero(np.diff(lines, prepend=-1)), len(lines))
    bounds = np.append(0, np.cumsum(lengths + 1))[first]  # of the lines, in places
    sizes = np.diff(bounds)
    draws, by_length = [], np.argsort(sizes, kind="stable")
    for some in np.split(by_length, batch_bounds(np.bincount(sizes), LINE_TOKENS)[1:-1]):
        rows = np.concatenate([np.arange(first[line], first[line + 1]) for line in some])
        ends, stops = drawn_ends(rows, end_fraction), np.cumsum(sizes[some])
        for step in range(0, int(sizes[some].max()), LINE_TOKENS):
            starts = np.minimum(stops - sizes[some] + step, stops)
            spans = np.stack([starts, np.minimum(starts + LINE_TOKENS, stops)], axis=1)
            draws.append(Draw((rows + 1).tolist(), ends, spans, bounds[some] + step, np.full(len(some), step == 0)))
    return draws
