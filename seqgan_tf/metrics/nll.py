"""Negative log-likelihood of sequences under a model."""

import numpy as np

SLICE = 128  # sequences scored at once: bounds the [slice, T, V] logits


def nll(score, tokens):
    """Mean -log P(y_t | Y_1:t-1) over all tokens of all sequences; what stands behind a sequence's end is no token.

    With the oracle's scores and generated tokens this is nll_oracle (the paper's NLL_oracle, per token); with the
    generator's scores nll_test on held-out real tokens and the entropy on the generator's own.

    Args:
      score: function of tokens [M, T] that returns their token NLL [M, T] and their mask [M, T], 1 for each token
        that counts and 0 behind the end.
      tokens: [S, T] int32, S > 0.
    """
    tokens = np.asarray(tokens)
    total = count = 0.0
    for start in range(0, len(tokens), SLICE):
        token_nll, mask = score(tokens[start : start + SLICE])
        total += np.sum(token_nll * mask, dtype=np.float64)
        count += np.sum(mask, dtype=np.float64)
    return float(total / count)
