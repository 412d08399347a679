import numpy as np
import pytest
import scipy.linalg

from seqgan_tf.metrics.frechet import frechet_distance


def test_it_equals_the_formula_with_scipys_matrix_root():
    draw = np.random.default_rng(0)
    real = draw.standard_normal([200, 5]) @ draw.standard_normal([5, 5])
    generated = draw.standard_normal([150, 5]) * [1, 2, 3, 0.5, 0.1] + 1
    covariances = np.cov(real.T), np.cov(generated.T)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((real.mean(0) - generated.mean(0)) ** 2) + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(generated, real) == pytest.approx(expected, rel=1e-9)


def test_by_hand():
    # One feature with standard deviations 1 and 3 and means 0 and 2: 2^2 + (3 - 1)^2.
    root = np.sqrt(0.5)
    assert frechet_distance([[-root], [root]], [[2 - 3 * root], [2 + 3 * root]]) == pytest.approx(8.0)


def test_a_collapsed_generator_is_far_from_real_data_and_has_no_nan():
    real = np.random.default_rng(0).standard_normal([100, 3])
    assert frechet_distance(real, np.zeros([50, 3])) == pytest.approx(
        np.sum(real.mean(0) ** 2) + np.trace(np.cov(real.T))
    )
