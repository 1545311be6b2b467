"""Runs: rows of one article that follow one another in sequences.db, a few bytes a row."""

import numpy as np

RUN_FIELDS = np.dtype([("article_id", "<i8"), ("first", "<i8"), ("rows", "<u4"), ("words", "<u4")])  # first: a row's id
ROWS_IN_RUN = 8  # at most; few, because a reader that wants one reads them all
LENGTH = np.dtype("<u4")


def runs_of(article_ids: np.ndarray, first_ids: np.ndarray, rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the runs of articles, each with its first row's id and its number of rows; `lengths` are of all rows."""
    each = -(-rows // ROWS_IN_RUN)  # runs of an article
    of = np.repeat(np.arange(len(rows)), each)
    before = ROWS_IN_RUN * (np.arange(len(of)) - np.repeat(np.cumsum(each) - each, each))  # rows of the same article
    runs = np.empty(len(of), RUN_FIELDS)
    runs["article_id"], runs["first"] = article_ids[of], first_ids[of] + before
    runs["rows"] = np.minimum(rows[of] - before, ROWS_IN_RUN)
    runs["words"] = np.add.reduceat(lengths, np.cumsum(runs["rows"], dtype=np.int64) - runs["rows"])
    return runs


def row_ids(runs: np.ndarray) -> np.ndarray:
    """Return the ids of all rows of `runs`, int64."""
    rows = runs["rows"].astype(np.int64)
    return np.repeat(runs["first"] - np.cumsum(rows) + rows, rows) + np.arange(rows.sum())
