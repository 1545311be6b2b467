import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.vectors.scaling import quantised, scaled, unit_length, word_vectors

ROWS = arrays(np.float32, (6, 3), elements=st.floats(-4, 4, width=16))


def test_scales_by_hand() -> None:
    np.testing.assert_allclose(
        unit_length(np.array([[3, 4], [0, 0], [0, -2]])), np.array([[0.6, 0.8], [0, 0], [0, -1]])
    )
    vectors = np.array([[3, 4], [6, 0], [0, 0.5], [0, 2]], np.float32)
    assert scaled(vectors, "raw") is vectors
    # The mean at unit length is (0.4, 0.7): the first keeps (0.2, 0.1), the others (0.6, -0.7), (-0.4, 0.3) twice.
    left = np.array([[2, 1], [6, -7], [-4, 3], [-4, 3]]) / np.sqrt([[5], [85], [25], [25]])
    np.testing.assert_allclose(scaled(vectors, "centred"), left, rtol=1e-5)
    np.testing.assert_array_equal(word_vectors([vectors, 2 * vectors], "raw"), np.hstack([vectors, 2 * vectors]))


@given(ROWS, ROWS)
def test_both_are_centred_each_by_itself_and_weigh_the_same(inputs: np.ndarray, outputs: np.ndarray) -> None:
    each, both = [scaled(matrix, "centred") for matrix in (inputs, outputs)], word_vectors([inputs, outputs], "centred")
    assert both.dtype == np.float32
    assert both.shape == (6, 6)
    lengths = np.linalg.norm(np.vstack(each), axis=1)
    assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)
    if lengths.all():
        np.testing.assert_allclose(both @ both[0], np.mean([one @ one[0] for one in each], axis=0), atol=1e-5)


def test_values_of_8_bits_are_shares_of_their_rows_largest() -> None:
    coded = quantised(np.array([[0.001, -0.002], [300.0, 100.0], [0.0, 0.0]]))
    assert coded.tolist() == [[64, -127], [127, 42], [0, 0]]
