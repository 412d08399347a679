import numpy as np

from seqgan_tf.metrics.nll import SLICE, nll


def test_nll_is_the_mean_over_all_tokens_whatever_the_slices():
    tokens = np.random.default_rng(0).integers(0, 9, [2 * SLICE + 7, 3])
    sizes = []

    def score(part):
        sizes.append(len(part))
        return part * 0.5, part > 2

    np.testing.assert_allclose(nll(score, tokens), tokens[tokens > 2].mean() * 0.5, rtol=1e-12)
    assert sizes == [SLICE, SLICE, 7]
