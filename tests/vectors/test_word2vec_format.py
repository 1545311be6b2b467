import gzip
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from pipeline.run.errors import UserError
from pipeline.vectors.word2vec_format import load_vectors, save_vectors

WORDS = ["king", "reine", "日本", "a\u2028b"]
VECTORS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
PACKED = gzip.compress(b"2 2\na 1 2\nb 1 2\n")


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz", "my.binary.bin.txt"])
def test_vectors_read_back_in_order_here_and_in_gensim(tmp_path: Path, name: str) -> None:
    save_vectors(tmp_path / name, WORDS, VECTORS)
    words, vectors = load_vectors(tmp_path / name)
    assert words == WORDS
    np.testing.assert_array_equal(vectors, VECTORS)
    binary = name.removesuffix(".gz").endswith(".bin")
    keyed = KeyedVectors.load_word2vec_format(str(tmp_path / name), binary=binary)
    assert keyed.index_to_key == WORDS
    np.testing.assert_array_equal(keyed["日本"], VECTORS[2])


def test_a_blank_last_line_is_no_vector(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("1 2\na 1 2\n\n")
    assert load_vectors(tmp_path / "v.txt")[0] == ["a"]


READ = "cannot be read as word2vec"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.txt", b"", f"{READ} text: line 1: found 0 value(s); expected two whole numbers"),
        ("v.txt", b"not vectors\n", f"{READ} text: line 1: found 2 value(s); expected two whole numbers"),
        ("v.txt", b"2 3\na 1 2 3\n", f"{READ} text: found 1 vectors; line 1 says 2"),
        ("v.txt", b"1 2\na 1 2\nb 1 2\n", f"{READ} text: found more than 1 vectors; line 1 says 1"),
        (
            "v.txt",
            b"3 3\na 1 2 3\nb 1 2\nc 1 2 3 4\n",
            f"{READ} text: 2 of 3 vectors are malformed; line 3: found 2 value(s); expected 3",
        ),
        ("v.txt", b"2 2\na 1 2\nb 1 two\n", f"{READ} text: 1 of 2 vectors are malformed; line 3: could not convert"),
        ("v.txt", b"2 2\na 1 nan\nb 1 2\n", "1 of 2 vectors hold values that are not finite numbers"),
        ("v.txt.gz", gzip.compress(b"2 2\na 1 2\nb 1\n"), f"{READ} text: 1 of 2 vectors are malformed; line 3"),
        ("v.txt.gz", b"not packed", f"{READ} text: Not a gzipped file"),
        ("v.txt.gz", PACKED[:10] + bytes([255] * 8) + PACKED[18:], f"{READ} text: Error -3 while decompressing data"),
        ("v.bin", b"%d 300\nking " % 10**13, f"{READ} binary: line 1 asks for too much memory"),
        ("v.bin", b"%d 300\nking " % 10**30, f"{READ} binary: line 1 asks for too much memory"),
        ("v.bin", b"2 2\nking 12345678\nqueen 1234", f"{READ} binary: unexpected end"),
    ],
)
def test_a_malformed_file_is_an_error_of_one_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        load_vectors(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path}/{name}: {message}")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_vectors(tmp_path / "v.txt")
