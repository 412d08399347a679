import numpy as np
import pytest

from seqgan_tf.metrics.discrimination import accuracy, auc, roc


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
