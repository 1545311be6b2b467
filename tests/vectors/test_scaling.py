import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.settings.result_sections import Scale
from pipeline.vectors.scaling import SCALES, quantised, scaled, unit_length, word_vectors

ROWS = arrays(np.float32, (6, 3), elements=st.floats(-4, 4, width=16))


def test_unit_length_scales_each_row_and_leaves_zeros() -> None:
    np.testing.assert_allclose(
        unit_length(np.array([[3, 4], [0, 0], [0, -2]])), np.array([[0.6, 0.8], [0, 0], [0, -1]])
    )


def test_the_three_scales_by_hand() -> None:
    vectors = np.array([[3, 4], [6, 0], [0, 0.5], [0, 2]], np.float32)
    assert scaled(vectors, "raw") is vectors
    np.testing.assert_allclose(scaled(vectors, "unit"), np.array([[0.6, 0.8], [1, 0], [0, 1], [0, 1]]), rtol=1e-6)
    # Their mean is (0.4, 0.7): what is left of the first is (0.2, 0.1), of the others (0.6, -0.7), (-0.4, 0.3) twice.
    left = np.array([[2, 1], [6, -7], [-4, 3], [-4, 3]]) / np.sqrt([[5], [85], [25], [25]])
    np.testing.assert_allclose(scaled(vectors, "centred"), left, rtol=1e-5)


TWO = [np.array([[3.0, 4.0], [2, 0]]), np.array([[0, 0, 9.0], [0, 0, 0.1]])]


def test_both_raw_are_as_they_were_trained() -> None:
    np.testing.assert_array_equal(word_vectors(TWO, "raw"), [[3, 4, 0, 0, 9], [2, 0, 0, 0, 0.1]])


def test_both_are_as_many_values_and_weigh_the_same() -> None:
    both = word_vectors(TWO, "unit")
    np.testing.assert_allclose(both, np.array([[0.6, 0.8, 0, 0, 1], [1, 0, 0, 0, 1]]) / np.sqrt(2))
    assert both[0] @ both[1] == pytest.approx((0.6 + 1) / 2)  # the mean of the cosines in each


@given(ROWS, ROWS)
def test_both_are_centred_each_by_itself(inputs: np.ndarray, outputs: np.ndarray) -> None:
    both = word_vectors([inputs, outputs], "centred")
    cosines = [scaled(matrix, "centred") @ scaled(matrix, "centred")[0] for matrix in (inputs, outputs)]
    whole = [bool(np.linalg.norm(scaled(matrix, "centred"), axis=1).all()) for matrix in (inputs, outputs)]
    if all(whole):  # no row of zeros
        np.testing.assert_allclose(both @ both[0], np.mean(cosines, axis=0), atol=1e-5)
    assert word_vectors([inputs], "centred").shape == (6, 3)


@pytest.mark.parametrize("scale", SCALES)
@given(vectors=ROWS)
def test_scales_keep_the_type_and_the_length_they_promise(scale: Scale, vectors: np.ndarray) -> None:
    result = scaled(vectors, scale)
    assert result.dtype == np.float32
    assert result.shape == vectors.shape
    if scale != "raw":
        lengths = np.linalg.norm(result, axis=1)
        assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)


def test_8_bits_keep_cosines_to_half_a_hundredth() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 50))
    exact, rounded = unit_length(vectors), unit_length(quantised(vectors).astype(float))
    np.testing.assert_allclose(rounded @ rounded.T, exact @ exact.T, atol=0.005)


def test_8_bits_use_their_range_and_a_row_of_zeros_stays() -> None:
    coded = quantised(np.array([[0.001, -0.002], [300.0, 100.0], [0.0, 0.0]]))
    assert coded.tolist() == [[64, -127], [127, 42], [0, 0]]
