"""Negative log-likelihood of sequences under a model."""

import numpy as np

SLICE = 128  # sequences scored at once: bounds the [slice, T, V] logits


def nll(score, tokens):
    """Mean -log P(y_t | Y_1:t-1) over all tokens of all sequences.

    With the oracle's scores and generated tokens this is nll_oracle (the paper's NLL_oracle, per token); with the
    generator's scores nll_test on held-out real tokens and the entropy on the generator's own.

    Args:
      score: function of tokens [M, T] that returns their token NLL [M, T].
      tokens: [S, T] int32, S > 0.

    Returns:
      float, nats per token.
    """
    tokens = np.asarray(tokens)
    total = sum(
        np.sum(score(tokens[start : start + SLICE]), dtype=np.float64) for start in range(0, len(tokens), SLICE)
    )
    return float(total / tokens.size)
