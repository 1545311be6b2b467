import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from pipeline.run.errors import UserError
from pipeline.vectors.word2vec_format import load_vectors, save_vectors

WORDS = ["king", "reine", "日本", "a\u2028b"]
VECTORS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
PACKED = gzip.compress(b"2 2\na 1 2\nb 1 2\n", mtime=0)


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz", "my.binary.bin.txt"])
def test_vectors_read_back_in_order_here_and_in_gensim(tmp_path: Path, name: str) -> None:
    save_vectors(path := tmp_path / name, WORDS, VECTORS)
    keyed = KeyedVectors.load_word2vec_format(str(path), binary=name.removesuffix(".gz").endswith(".bin"))
    if name == "v.txt":
        path.write_bytes(path.read_bytes() + b"\n")  # a blank last line is no vector
    for words, vectors in (load_vectors(path), (keyed.index_to_key, keyed.vectors)):
        assert words == WORDS
        np.testing.assert_array_equal(vectors, VECTORS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.txt", b"not vectors\n", "line 1: found 2 value(s); expected two whole numbers"),
        ("v.txt", b"0 0\n", "it holds no vectors"),
        ("v.bin", b"0 3\n", "it holds no vectors"),
        ("v.txt", b"2 3\na 1 2 3\n", "found 1 vectors; line 1 says 2"),
        ("v.txt", b"1 2\na 1 2\nb 1 2\n", "found more than 1 vectors; line 1 says 1"),
        ("v.txt", b"2 2\na 1 2\nb 1 2 3\n", "line 3: found 3 value(s); expected 2"),
        ("v.txt", b"2 2\na 1 2\nb 1 two\n", "line 3: could not convert"),
        ("v.txt", b"2 2\na 1 nan\nb 1 2\n", "1 of 2 vectors hold values that are not finite numbers"),
        ("v.txt.gz", b"not packed", "Not a gzipped file"),
        ("v.txt.gz", PACKED[:10] + bytes([255] * 8) + PACKED[18:], "Error -3 while decompressing data"),
        (
            "v.bin",
            b"%d 300\nking " % 10**30,
            "line 1 says 1,000,000,000,000,000,000,000,000,000,000 vectors of 300 values",
        ),
        ("v.bin", b"2 2\nking 12345678\nqueen 1234", "vector 2: it is cut"),
    ],
)
def test_a_malformed_file_is_an_error_of_one_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        load_vectors(tmp_path / name)
    assert re.match(rf"{tmp_path}/{name}: (is damaged \(\w+: )?{re.escape(message)}", str(error.value))
