import numpy as np
import pytest
import scipy.optimize

from seqgan_tf.metrics.discrimination import (
    accuracy,
    auc,
    calibration,
    cross_entropy,
    partial_correlation,
    residual_energy_gain,
    roc,
)


def test_auc_equals_the_share_of_pairs_in_the_right_order():
    draw = np.random.default_rng(0)
    real, generated = draw.integers(0, 5, 40) / 5, draw.integers(0, 4, 30) / 5  # with ties
    pairs = [1.0 if r > g else 0.5 if r == g else 0.0 for r in real for g in generated]
    np.testing.assert_allclose(auc(real, generated), np.mean(pairs), rtol=1e-12)


@pytest.mark.parametrize(
    ("real", "generated", "expected_accuracy", "expected_auc"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0, 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0, 0.0),
        ([0.7], [0.7], 0.5, 0.5),
        ([0.9, 0.4], [0.1, 0.2, 0.6, 0.3], (1 / 2 + 3 / 4) / 2, 7 / 8),
    ],
)
def test_accuracy_and_auc_worked_by_hand(real, generated, expected_accuracy, expected_auc):
    assert accuracy(real, generated) == expected_accuracy
    assert auc(real, generated) == expected_auc


@pytest.mark.parametrize(
    ("real", "generated", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], [(0, 0), (0, 1 / 2), (0, 1), (1 / 2, 1), (1, 1)]),
        ([0.7], [0.7], [(0, 0), (1, 1)]),  # a tie is one step, up and to the right
        ([0.9, 0.4], [0.1, 0.4, 0.6, 0.3], [(0, 0), (0, 1 / 2), (1 / 4, 1 / 2), (1 / 2, 1), (3 / 4, 1), (1, 1)]),
    ],
)
def test_roc_worked_by_hand(real, generated, expected):
    np.testing.assert_allclose(np.transpose(roc(real, generated)), expected)


def test_the_area_under_the_roc_is_auc():
    draw = np.random.default_rng(1)
    real, generated = draw.integers(0, 9, 50) / 9, draw.integers(0, 7, 70) / 9  # with ties
    x, y = roc(real, generated)
    assert (np.diff(x) >= 0).all() and (np.diff(y) >= 0).all()
    np.testing.assert_allclose(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2), auc(real, generated), rtol=1e-12)


def logits(seed, shift, size):
    return np.random.default_rng(seed).standard_normal(size) * 2 + shift


def test_calibration_minimises_the_cross_entropy():
    real, generated = logits(0, 0.5, 300), logits(1, -0.2, 200)

    def loss(parameters):
        return cross_entropy(*(parameters[0] * side + parameters[1] for side in (real, generated)))

    expected = scipy.optimize.minimize(loss, [1.0, 0.0]).x
    np.testing.assert_allclose(calibration(real, generated), expected, atol=1e-4)


def test_calibration_of_logits_without_information_or_of_separate_ones_is_finite():
    assert calibration([0.0, 0.0], [0.0, 0.0]) == pytest.approx((0.0, 0.0))
    assert np.isfinite(calibration([100.0, 101.0], [-100.0, -99.0])).all()


def test_cross_entropy_by_hand():
    # D(real) = 3/4; D(generated) = 1/5 and 1/2.
    found = cross_entropy([np.log(3)], [np.log(1 / 4), 0.0])
    assert found == pytest.approx((np.log(4 / 3) + (np.log(5 / 4) + np.log(2)) / 2) / 2)


def test_the_gain_of_the_true_ratio_is_the_divergence_of_the_data_from_the_generator():
    data, generator = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    ratio = np.log(data / generator)
    real, generated = (np.repeat(ratio, (10 * share).round().astype(int)) for share in (data, generator))
    assert residual_energy_gain(real, generated) == pytest.approx((data * ratio).sum())
    assert residual_energy_gain(real + 7, generated + 7) == pytest.approx((data * ratio).sum())  # Z cancels out


def test_partial_correlation_equals_the_formula_of_the_three_correlations():
    draw = np.random.default_rng(0)
    given = draw.standard_normal(50)
    a, b = given + draw.standard_normal(50), 2 * given + draw.standard_normal(50)
    (_, ab, ac), (_, _, bc), _ = np.corrcoef([a, b, given])
    expected = (ab - ac * bc) / np.sqrt((1 - ac**2) * (1 - bc**2))
    assert partial_correlation(a, b, given) == pytest.approx(expected)
    assert partial_correlation(np.ones(50), b, given) == 0.0
