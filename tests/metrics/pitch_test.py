import numpy as np
import pytest

from seqgan_tf.metrics.pitch import pitch_mse

REST = np.nan


@pytest.mark.parametrize(
    ("hypotheses", "references", "expected"),
    [
        ([[60, 62]], [[60, 62], [10, 10]], 0.0),  # a copy
        ([[60, 62]], [[61, 62], [60, 66]], 1 / 2),  # the nearer one counts
        ([[60, 62], [60, 60]], [[60, 62]], (0 + 4 / 2) / 2),  # mean over hypotheses
        ([[60, REST, REST]], [[60, 60, 63]], 9 / 3),  # a rest goes on with the note before it
        ([[REST, 60]], [[60, REST]], 0.0),  # or the first one
        ([[REST, REST]], [[60, 60]], 3600.0),  # silence is far from everything
    ],
)
def test_worked_by_hand(hypotheses, references, expected):
    assert pitch_mse(np.array(hypotheses, float), np.array(references, float)) == pytest.approx(expected, abs=1e-9)


def test_equals_a_loop_over_all_pairs():
    draw = np.random.default_rng(0)
    hypotheses, references = draw.integers(50, 80, [7, 5]), draw.integers(50, 80, [9, 5])
    expected = np.mean(
        [min(sum((x - y) ** 2 for x, y in zip(h, r, strict=True)) / 5 for r in references) for h in hypotheses]
    )
    assert pitch_mse(hypotheses, references) == pytest.approx(expected)


def test_empty_ones_are_refused():
    with pytest.raises(ValueError, match="hypotheses and references must not be empty, got 0 and 2"):
        pitch_mse(np.zeros([0, 3]), np.zeros([2, 3]))
