import gzip
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from pipeline.run.errors import UserError
from pipeline.vectors.word2vec_format import load_vectors, save_vectors

WORDS = ["king", "reine", "日本", "a\u2028b"]
VECTORS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"])
def test_vectors_read_back_in_order_here_and_in_gensim(tmp_path: Path, name: str) -> None:
    save_vectors(tmp_path / name, WORDS, VECTORS)
    words, vectors = load_vectors(tmp_path / name)
    assert words == WORDS
    np.testing.assert_array_equal(vectors, VECTORS)
    keyed = KeyedVectors.load_word2vec_format(str(tmp_path / name), binary="bin" in name)
    assert keyed.index_to_key == WORDS
    np.testing.assert_array_equal(keyed["日本"], VECTORS[2])


def test_a_blank_last_line_is_no_vector(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("1 2\na 1 2\n\n")
    assert load_vectors(tmp_path / "v.txt")[0] == ["a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: found 0 value(s); expected two whole numbers"),
        ("not vectors at all\n", "line 1: found 4 value(s); expected two whole numbers"),
        ("2 3\na 1 2 3\n", "found 1 vectors; line 1 says 2"),
        ("3 3\na 1 2 3\nb 1 2\nc 1 2 3 4\n", "2 of 3 vectors are malformed; line 3: found 2 value(s); expected 3"),
        ("2 2\na 1 2\nb 1 two\n", "1 of 2 vectors are malformed; line 3: could not convert string to float"),
        ("2 2\na 1 2\nb 1\n", "1 of 2 vectors are malformed; line 3: found 1 value(s); expected 2"),
        ("1 2\na 1 2\nb 1 2\n", "found more than 1 vectors; line 1 says 1"),
    ],
)
def test_a_text_file_that_is_malformed(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(UserError) as error:
        load_vectors(tmp_path / "v.txt")
    assert str(error.value).startswith(f"{tmp_path}/v.txt: cannot be read as word2vec text: {message}")


def test_a_packed_file_that_is_malformed_or_none(tmp_path: Path) -> None:
    path = tmp_path / "v.txt.gz"
    path.write_bytes(gzip.compress(b"2 2\na 1 2\nb 1\n"))
    with pytest.raises(UserError, match="1 of 2 vectors are malformed; line 3: found 1 value"):
        load_vectors(path)
    path.write_bytes(b"not packed")
    with pytest.raises(UserError, match=r"v\.txt\.gz: cannot be read as word2vec text: Not a gzipped file"):
        load_vectors(path)
    whole = gzip.compress(b"2 2\na 1 2\nb 1 2\n")
    path.write_bytes(whole[:10] + bytes([255] * 8) + whole[18:])  # after the header of gzip
    with pytest.raises(UserError, match=r"v\.txt\.gz: cannot be read as word2vec text: .*decompressing data"):
        load_vectors(path)


@pytest.mark.parametrize("words", [10**13, 10**30])
def test_a_binary_file_that_needs_more_memory_than_there_is(tmp_path: Path, words: int) -> None:
    (tmp_path / "v.bin").write_bytes(b"%d 300\nking " % words)
    with pytest.raises(UserError, match=r"v\.bin: cannot be read as word2vec binary: line 1 asks for too much memory"):
        load_vectors(tmp_path / "v.bin")


def test_a_text_file_with_bin_in_its_name(tmp_path: Path) -> None:
    save_vectors(tmp_path / "my.binary.bin.txt", WORDS, VECTORS)
    assert (tmp_path / "my.binary.bin.txt").read_text(encoding="utf-8").startswith("4 3\nking ")
    assert load_vectors(tmp_path / "my.binary.bin.txt")[0] == WORDS


def test_a_binary_file_that_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "v.bin"
    save_vectors(path, WORDS, VECTORS)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UserError, match=r"v\.bin: cannot be read as word2vec binary: unexpected end"):
        load_vectors(path)


def test_values_that_are_no_numbers(tmp_path: Path) -> None:
    save_vectors(tmp_path / "v.txt", WORDS, np.where(VECTORS > 1, np.nan, VECTORS))
    with pytest.raises(UserError, match=r"v.txt: \d of 4 vectors hold values that are not finite numbers"):
        load_vectors(tmp_path / "v.txt")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_vectors(tmp_path / "v.txt")
